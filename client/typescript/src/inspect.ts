// SPDX-License-Identifier: Apache-2.0
//
// What Inspect answers, put together from its messages.
import { orEmpty } from './contract.js';
import type {
  _phasic_v1_InspectResponse_Summary__Output as Summary__Output,
  InspectResponse__Output,
} from './generated/phasic/v1/InspectResponse.js';
import { fromBytes, type NdArray } from './tensor.js';

/** Over all elements of a variable; `norm` is the square root of the sum of squares. */
export interface Summary {
  count: number;
  min: number;
  max: number;
  mean: number;
  norm: number;
}

/** One variable of one part of an agent, e.g. the weights of a projection. */
export interface Variable {
  component: string;
  variable: string;
  unit: string;
  /** What an end of episode and a frozen agent do to it: "learned", "adaptive", "trace", "fast" or "clock"; or "fixed". */
  life: string;
  shape: number[];
  /** Over the whole variable, whatever slice was asked for. */
  summary: Summary;
  /** The index of the agent's next step when it was read. */
  step: number;
  /** Where `data` begins, in elements. */
  offset: number;
  /** Row-major; absent when only the summary was asked for. */
  data?: NdArray['data'];
}

export interface InspectOptions {
  /** A population, projection, modulator or port; absent: all. */
  component?: string;
  /** One of its variables, e.g. "weights"; absent: all. */
  variable?: string;
  /** Elements from here on, in row-major order... */
  offset?: number;
  /** ...so many; absent: all that follow. */
  count?: number;
  /** No elements, only the summaries. */
  summaryOnly?: boolean;
}

export function toSummary({ count, min, max, mean, norm }: Summary__Output): Summary {
  return { count: count.toNumber(), min, max, mean, norm };
}

/** The variables that the messages make up, by "component.variable". */
export function assemble(parts: InspectResponse__Output[], summaryOnly: boolean): Record<string, Variable> {
  const groups = new Map<string, [InspectResponse__Output, ...InspectResponse__Output[]]>();
  for (const part of parts) {
    const name = `${part.component}.${part.variable}`;
    const group = groups.get(name);
    if (group) group.push(part);
    else groups.set(name, [part]);
  }
  return Object.fromEntries([...groups].map(([name, group]) => [name, toVariable(group, summaryOnly)]));
}

function toVariable(
  parts: [InspectResponse__Output, ...InspectResponse__Output[]],
  summaryOnly: boolean,
): Variable {
  const [{ component, variable, unit, life, shape, dtype, summary, step, offset }] = parts;
  return {
    component,
    variable,
    unit,
    life,
    shape: shape.map((size) => size.toNumber()),
    summary: toSummary(orEmpty(summary, 'phasic.v1.InspectResponse.Summary')),
    step: step.toNumber(),
    offset: offset.toNumber(),
    data: summaryOnly ? undefined : fromBytes(dtype, Buffer.concat(parts.map(({ data }) => data))),
  };
}
