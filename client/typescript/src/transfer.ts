// SPDX-License-Identifier: Apache-2.0
//
// Whole files, chunk by chunk: agents that are exported and imported, and backups of a store.
import { once } from 'node:events';
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import type { Client as Channel } from '@grpc/grpc-js';
import { nameOf, uniqueId, type Method } from './call.js';
import { fromServiceError } from './errors.js';

/** The bytes of a file: all at once, or as they come, as from `fs.createReadStream(path)`. */
export type Bytes = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface TransferOptions {
  /** Milliseconds for each try as a whole; absent: no limit. */
  timeoutMs?: number;
}

const CHUNK_BYTES = 1 << 20;

/** One try of a method that takes many messages: a first one, and the bytes in the `data` of more. */
export async function upload<Q extends { data?: Buffer | Uint8Array | string }, A>(
  channel: Channel,
  method: Method<Q, A>,
  first: Q,
  bytes: Bytes,
  timeoutMs: number,
): Promise<A> {
  const { path, requestSerialize, responseDeserialize } = method;
  const ended = new AbortController();
  let fault: unknown;
  return new Promise((resolve, reject) => {
    const call = channel.makeClientStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { deadline: Date.now() + timeoutMs },
      (error, answer) => {
        ended.abort();
        if (fault) reject(fault);
        else if (error) reject(fromServiceError(error, nameOf(method)));
        else resolve(answer as A);
      },
    );
    const send = async () => {
      call.write(first);
      for await (const data of chunks(bytes)) {
        if (ended.signal.aborted) return;
        if (!call.write({ data } as Q)) await once(call, 'drain', { signal: ended.signal });
      }
      call.end();
    };
    send().catch((error: unknown) => {
      if (ended.signal.aborted) return;
      fault = error;
      call.cancel();
    });
  });
}

async function* chunks(bytes: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
    for (let at = 0; at < part.length; at += CHUNK_BYTES) yield part.subarray(at, at + CHUNK_BYTES);
  }
}

/**
 * Writes chunks to a file that is whole or not there: until the last has come, a file that is at the path stays as it is.
 * Devices and pipes are written as the chunks come.
 */
export async function saveFile(path: string, bytes: Bytes): Promise<void> {
  const place = await realpath(path).catch(() => path);
  const isSpecial = await stat(place).then((found) => !found.isFile(), () => false);
  if (isSpecial) return withFile(place, 'w', (file) => write(file, bytes));
  const temporary = `${place}.${uniqueId()}.part`;
  try {
    await withFile(temporary, 'wx', async (file) => {
      await write(file, bytes);
      await file.sync();
    });
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function withFile(path: string, flags: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags);
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

async function write(file: FileHandle, bytes: Bytes): Promise<void> {
  for await (const chunk of chunks(bytes)) await file.writeFile(chunk);
}
