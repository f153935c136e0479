// SPDX-License-Identifier: Apache-2.0
//
// Messages as protobuf's JSON, for what a user writes whole: circuits, and the values of parameters.
import data from './generated/contract.js';
import type { CircuitSpec as CircuitMessage, CircuitSpec__Output } from './generated/phasic/v1/CircuitSpec.js';
import type { Value as ValueMessage, Value__Output } from './generated/google/protobuf/Value.js';

/** The value of a parameter. */
export type Parameter = number | string | boolean | readonly Parameter[];

type Json<T> = T extends readonly (infer Item)[]
  ? Json<Item>[]
  : T extends object
    ? { [K in keyof T as K extends `_${string}` ? never : K]: K extends 'parameters' ? Record<string, Parameter> : Json<T[K]> }
    : T;

/**
 * A whole circuit, as protobuf's JSON: what `phasic circuits describe NAME --spec` prints, with fields in camelCase or as
 * the contract spells them. Fields that have their default value may be left out.
 */
export type CircuitSpec = Json<CircuitMessage>;

interface Field {
  rule?: string;
  keyType?: string;
  type: string;
  options?: { proto3_optional?: boolean };
}

interface Type {
  fields?: Record<string, Field>;
  values?: Record<string, number>;
  nested?: Record<string, Type>;
}

const TYPES = (data as Type).nested!['phasic']!.nested!['v1']!.nested!;

type Fields = Record<string, unknown>;

function toCamelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws TypeError: not something that a parameter may be. */
export function parameterToMessage(value: unknown): ValueMessage {
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(parameterToMessage) } };
  throw new TypeError(`a parameter is a number, a word, a truth value or a list of these, not ${JSON.stringify(value)}`);
}

export function parameterFromMessage(value: Value__Output): Parameter {
  return value.listValue
    ? value.listValue.values.map(parameterFromMessage)
    : (value.numberValue ?? value.stringValue ?? value.boolValue ?? NaN);
}

/** @throws TypeError: the circuit names a field that there is not, or gives one a value of the wrong kind. */
export function circuitToMessage(circuit: CircuitSpec): CircuitMessage {
  return toMessage(TYPES['CircuitSpec']!, circuit, 'circuit') as CircuitMessage;
}

export function circuitFromMessage(message: CircuitSpec__Output): CircuitSpec {
  return fromMessage(TYPES['CircuitSpec']!, message as unknown as Fields) as CircuitSpec;
}

function toMessage(type: Type, json: unknown, path: string): Fields {
  if (!isObject(json)) throw new TypeError(`${path} must be an object, not ${JSON.stringify(json)}`);
  const message: Fields = {};
  for (const [key, value] of Object.entries(json)) {
    if (value === undefined || value === null) continue;
    const name = toCamelCase(key);
    const field = type.fields?.[name];
    if (!field) throw new TypeError(`${path}.${key}: there is no such field`);
    message[name] = toField(type, field, value, `${path}.${key}`);
  }
  return message;
}

function toField(owner: Type, { rule, keyType, type }: Field, value: unknown, path: string): unknown {
  if (keyType) {
    if (!isObject(value)) throw new TypeError(`${path} must be an object, not ${JSON.stringify(value)}`);
    return mapValues(value, (item, key) => toSingle(owner, type, item, `${path}.${key}`));
  }
  if (rule !== 'repeated') return toSingle(owner, type, value, path);
  if (!Array.isArray(value)) throw new TypeError(`${path} must be a list, not ${JSON.stringify(value)}`);
  return value.map((item, index) => toSingle(owner, type, item, `${path}[${index}]`));
}

function toSingle(owner: Type, name: string, value: unknown, path: string): unknown {
  if (name === 'google.protobuf.Value') return parameterToMessage(value);
  const type = owner.nested?.[name] ?? TYPES[name];
  if (type?.fields) return toMessage(type, value, path);
  const isRight = type?.values
    ? typeof value === 'string' && value in type.values
    : typeof value === (name === 'string' ? 'string' : 'number');
  if (!isRight) throw new TypeError(`${path} cannot be ${JSON.stringify(value)}`);
  return value;
}

/** Without what has its default value. */
function fromMessage(type: Type, message: Fields): Fields {
  const json: Fields = {};
  for (const [name, field] of Object.entries(type.fields ?? {})) {
    const value = message[name];
    const isPresent = field.options?.proto3_optional ? value !== undefined : !isDefault(type, field, value);
    if (isPresent) json[name] = fromField(type, field, value);
  }
  return json;
}

function fromField(owner: Type, { rule, keyType, type }: Field, value: unknown): unknown {
  const fromSingle = (item: unknown) => {
    if (type === 'google.protobuf.Value') return parameterFromMessage(item as Value__Output);
    const kind = owner.nested?.[type] ?? TYPES[type];
    return kind?.fields ? fromMessage(kind, item as Fields) : item;
  };
  if (keyType) return mapValues(value as Fields, fromSingle);
  return rule === 'repeated' ? (value as unknown[]).map(fromSingle) : fromSingle(value);
}

function isDefault(owner: Type, { type }: Field, value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  const kind = owner.nested?.[type] ?? TYPES[type];
  return !value || kind?.values?.[value as string] === 0;
}

export function mapValues<In, Out>(entries: Record<string, In>, f: (value: In, key: string) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, f(value, key)]));
}
