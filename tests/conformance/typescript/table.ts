// SPDX-License-Identifier: Apache-2.0
//
// What a driver does with the table of cases: variables, matching, the lines that it prints. ../README.md says the format.
import { randomBytes } from 'node:crypto';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Arguments = { [key: string]: Json };

interface Call extends Arguments {
  op: string;
}

interface Case {
  name: string;
  needs?: string[];
  calls: Call[];
}

/** Performs a call, in the table's words on both sides. */
export type Perform = (op: string, args: Arguments, prefix: string) => Promise<{ kind: 'reply' | 'error'; answer: Json }>;

/** An answer that is not what the table expects. */
class Mismatch extends Error {}

/** Plays every case and prints a line for each; returns how many failed. */
export async function run(cases: Case[], perform: Perform, skip: string[]): Promise<number> {
  let failed = 0;
  for (const [number, one] of cases.entries()) {
    const missing = (one.needs ?? []).filter((need) => skip.includes(need));
    if (missing.length) {
      console.log(`skip ${one.name}: needs ${missing.join(', ')}`);
      continue;
    }
    try {
      await play(one, perform, `c${number}-${randomBytes(4).toString('hex')}-`);
      console.log(`ok ${one.name}`);
    } catch (error) {
      ++failed;
      console.log(`FAIL ${one.name}: ${error instanceof Mismatch ? error.message : (error as Error).stack}`);
    }
  }
  return failed;
}

async function play({ calls }: Case, perform: Perform, prefix: string): Promise<void> {
  const variables: Arguments = { prefix };
  for (const [number, { op, expect, error, bind, ...given }] of calls.entries()) {
    const place = `call ${number} (${op})`;
    const { kind, answer } = await perform(op, fillIn(given, variables) as Arguments, prefix);
    const wanted = error === undefined ? 'reply' : 'error';
    if (kind !== wanted) throw new Mismatch(`${place}: ${kind} ${show(answer)}, but expected ${wanted}`);
    match(fillIn(error ?? expect ?? {}, variables), answer, place);
    for (const [name, path] of Object.entries((bind ?? {}) as { [name: string]: (string | number)[] })) {
      variables[name] = walk(answer, path, place);
    }
  }
}

/** The value with every "{name}" replaced: by the variable itself where it is the whole text, else by its text. */
function fillIn(value: Json, variables: Arguments): Json {
  if (typeof value === 'string') {
    for (const [name, replacement] of Object.entries(variables)) {
      if (value === `{${name}}`) return replacement;
      value = value.replaceAll(`{${name}}`, String(replacement));
    }
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, variables));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, variables)]));
}

function walk(value: Json, path: (string | number)[], place: string): Json {
  let found: Json | undefined = value;
  for (const key of path) found = (found as Arguments | null | undefined)?.[key];
  if (found === undefined) throw new Mismatch(`${place}: there is no ${show(path)} in ${show(value)}`);
  return found;
}

/** Throws unless `got` is what `wanted` describes: objects may have more, all else must be equal. */
function match(wanted: Json, got: Json | undefined, place: string): void {
  const special = isObject(wanted) ? Object.keys(wanted).find((key) => key.startsWith('$')) : undefined;
  if (special) {
    if (!SPECIAL[special]!((wanted as Arguments)[special]!, got)) {
      throw new Mismatch(`${place}: ${show(got)} is not ${show(wanted)}`);
    }
  } else if (isObject(wanted) && isObject(got)) {
    for (const [key, value] of Object.entries(wanted)) match(value, got[key], `${place}.${key}`);
  } else if (Array.isArray(wanted) && Array.isArray(got) && wanted.length === got.length) {
    wanted.forEach((value, index) => match(value, got[index], `${place}[${index}]`));
  } else if (wanted !== (got ?? null)) {
    throw new Mismatch(`${place}: ${show(got)}, but expected ${show(wanted)}`);
  }
}

function matches(wanted: Json, got: Json | undefined): boolean {
  try {
    match(wanted, got, '');
    return true;
  } catch {
    return false;
  }
}

const SPECIAL: Record<string, (wanted: Json, got: Json | undefined) => boolean> = {
  $not: (unwanted, got) => !matches(unwanted, got),
  $length: (length, got) => Array.isArray(got) && got.length === length,
  $contains: (wanted, got) =>
    (wanted as Json[]).every((one) => Array.isArray(got) && got.some((item) => matches(one, item))),
};

function isObject(value: Json | undefined): value is Arguments {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
