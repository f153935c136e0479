// SPDX-License-Identifier: Apache-2.0
//
// The contract as grpc-js and the library use it: methods to call, messages to read and write.
import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON, type Long, type MessageTypeDefinition } from '@grpc/proto-loader';
import data from './generated/contract.js';
import type { AgentServiceDefinition } from './generated/phasic/v1/AgentService.js';
import type { CircuitServiceDefinition } from './generated/phasic/v1/CircuitService.js';
import type { ServerServiceDefinition } from './generated/phasic/v1/ServerService.js';

const definitions = fromJSON(data as Parameters<typeof fromJSON>[0], { enums: String, defaults: true, oneofs: true });

/** The keys that a type spells out, without its index signature. */
type Known<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

/**
 * Every method of the contract by its name, for `Client.call` and for grpc-js. Fields are in camelCase, enum values are
 * their names; 64-bit integers come as Long and may be given as numbers, strings or Long.
 */
export const methods = {
  ...(definitions['phasic.v1.AgentService'] as ServiceDefinition),
  ...(definitions['phasic.v1.CircuitService'] as ServiceDefinition),
  ...(definitions['phasic.v1.ServerService'] as ServiceDefinition),
} as Known<AgentServiceDefinition> & Known<CircuitServiceDefinition> & Known<ServerServiceDefinition>;

/** A message by its full name, e.g. "phasic.rpc.Status". */
export function messageType<Out extends object>(name: string): MessageTypeDefinition<object, Out> {
  return definitions[name] as MessageTypeDefinition<object, Out>;
}

/** The message, or one with nothing set, which is what its absence means. */
export function orEmpty<Out extends object>(message: Out | null | undefined, name: string): Out {
  return message ?? messageType<Out>(name).deserialize(Buffer.alloc(0));
}

/** A 64-bit integer that may exceed 2^53, for a message. */
export function toLong(value: bigint): Long {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  // protobufjs reads nothing but these.
  return { low, high, unsigned: true } as Long;
}

/** All 64 bits of an unsigned integer from a message. */
export function toBigInt(value: Long): bigint {
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}
