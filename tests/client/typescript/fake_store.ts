// SPDX-License-Identifier: Apache-2.0
//
// What the server of fake_server.ts does with states as a whole: writes, snapshots, files, its store.
import type { Fault, HostedAgent } from './fake_server.js';

type Message = Record<string, any>;

export const BACKUP = 'the whole store of this server';
const CHUNK_BYTES = 7;

function fail(code: Fault['code'], reason: string): never {
  throw { code, reason, text: 'no' } satisfies Fault;
}

/** An agent's state as a file. */
function save({ message, steps, weights }: HostedAgent): Buffer {
  return Buffer.from(JSON.stringify({ message, steps, weights }));
}

export class FakeStore {
  /** "memory" keeps nothing. */
  kind = 'sqlite';
  /** What a check finds. */
  faults: string[] = [];
  readonly #snapshots = new Map<string, { snapshot: Message; file: Buffer }>();
  readonly #asked = new Map<string, Message>();
  readonly #find: (name: string) => HostedAgent;

  constructor(find: (name: string) => HostedAgent) {
    this.#find = find;
  }

  /** Methods with one answer to one request. */
  readonly works: Record<string, (request: Message) => Message> = {
    WriteState: (request) => this.#write(request),
    CreateSnapshot: (request) => this.#create(request),
    GetSnapshot: ({ name }) => this.#stored(name).snapshot,
    ListSnapshots: ({ parent, pageToken }) => this.#list(parent, pageToken),
    DeleteSnapshot: ({ name }) => (this.#stored(name), this.#snapshots.delete(name), {}),
    RestoreSnapshot: ({ name, etag }) => this.#restore(name, etag),
    CheckStore: () => (this.#need(), { agents: 1, snapshots: this.#snapshots.size, bytes: BACKUP.length, faults: this.faults }),
  };

  /** Methods that answer with a file. */
  readonly files: Record<string, (request: Message) => Buffer[]> = {
    ExportAgent: ({ name, snapshot }) => chunks(this.fileOf(name, snapshot)),
    BackupStore: () => (this.#need(), chunks(Buffer.from(BACKUP))),
  };

  fileOf(name: string, snapshot: string): Buffer {
    return snapshot ? this.#stored(`${name}/snapshots/${snapshot}`).file : save(this.#find(name));
  }

  #need(): void {
    if (this.kind === 'memory') fail('FAILED_PRECONDITION', 'NO_STORE');
  }

  #write({ name, writes, step, etag }: Message): Message {
    const agent = this.#find(name);
    if (step && step.toNumber() !== agent.steps) {
      throw { code: 'ABORTED', reason: 'STEP_MISMATCH', metadata: { step: String(agent.steps) } } satisfies Fault;
    }
    if (etag && etag !== agent.message['etag']) fail('ABORTED', 'ETAG_MISMATCH');
    const weights = [...agent.weights];
    for (const { variable, offset, values, fill, count } of writes) {
      if (variable !== 'actor.weights') fail('NOT_FOUND', 'VARIABLE_NOT_FOUND');
      const at = offset.toNumber();
      const written = fill === undefined ? values : Array(count.toNumber() || weights.length - at).fill(fill);
      weights.splice(at, written.length, ...written);
    }
    agent.weights = weights;
    return { digest: '18446744073709551615' };
  }

  #create({ parent, snapshotId, note, requestId }: Message): Message {
    this.#need();
    const earlier = this.#asked.get(requestId);
    if (earlier) return earlier;
    const agent = this.#find(parent);
    const name = `${parent}/snapshots/${snapshotId || `s-${this.#snapshots.size}`}`;
    if (this.#snapshots.has(name)) fail('ALREADY_EXISTS', 'SNAPSHOT_EXISTS');
    const file = save(agent);
    const createTime = { seconds: 1_700_000_000, nanos: 0 };
    const snapshot = { name, note, step: agent.steps, bytes: file.length, createTime, digest: '18446744073709551615' };
    this.#snapshots.set(name, { snapshot, file });
    this.#asked.set(requestId, snapshot);
    return snapshot;
  }

  #stored(name: string): { snapshot: Message; file: Buffer } {
    this.#need();
    return this.#snapshots.get(name) ?? fail('NOT_FOUND', 'SNAPSHOT_NOT_FOUND');
  }

  /** One to a page, as of agents. */
  #list(parent: string, pageToken: string): Message {
    this.#need();
    const names = [...this.#snapshots.keys()].filter((name) => name.startsWith(parent) && name > pageToken).sort();
    const [first, second] = names;
    return { snapshots: first ? [this.#snapshots.get(first)!.snapshot] : [], nextPageToken: second ? first : '' };
  }

  #restore(name: string, etag: string): Message {
    const agent = this.#find(name.slice(0, name.indexOf('/snapshots/')));
    if (etag && etag !== agent.message['etag']) fail('ABORTED', 'ETAG_MISMATCH');
    Object.assign(agent, JSON.parse(String(this.#stored(name).file)));
    return { ...agent.message, stats: { steps: agent.steps } };
  }
}

function chunks(file: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(file.length / CHUNK_BYTES) }, (_, i) => {
    return file.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
  });
}
