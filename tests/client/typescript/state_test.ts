// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import {
  Aborted,
  AlreadyExists,
  FailedPrecondition,
  InvalidArgument,
  NotFound,
  saveFile,
  StepMismatch,
  Unavailable,
  type Bytes,
} from 'phasic';
import { toWrite } from '../../../client/typescript/src/state.js';
import { BACKUP } from './fake_store.js';
import { SPACES, startFake } from './support.js';

const folder = await mkdtemp(`${tmpdir()}/phasic-`);
after(() => rm(folder, { recursive: true }));

async function bytesOf(chunks: Bytes): Promise<string> {
  const parts = [];
  for await (const chunk of chunks as AsyncIterable<Uint8Array>) parts.push(chunk);
  return String(Buffer.concat(parts));
}

async function start() {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  const weights = (id = agent.name) => server.agents.get(id)!.weights;
  return { server, client, agent, weights };
}

test('durability is what was asked for, or what the server chooses', async () => {
  const { server, client, agent } = await start();
  assert.deepEqual([agent.durability, agent.numerics, agent.stats.residency], ['journaled', [1], 'resident']);
  const synced = await client.createAgent('bandit', { durability: 'synced' });
  assert.equal(synced.durability, 'synced');
  server.store.kind = 'memory';
  assert.equal((await client.createAgent('bandit')).durability, 'ephemeral');
  await assert.rejects(client.createAgent('bandit', { durability: 'journaled' }), (error) => {
    return error instanceof InvalidArgument && error.violations[0]!.field === 'agent.durability' && /agent\.durability/.test(error.message);
  });
  for (const call of [() => agent.snapshot(), () => client.checkStore(), () => bytesOf(client.backup())]) {
    await assert.rejects(call(), (error) => error instanceof FailedPrecondition && error.reason === 'NO_STORE');
  }
});

test('states are written, all or none', async () => {
  const { agent, weights } = await start();
  assert.equal(await agent.writeState({ 'actor.weights': Float32Array.of(1, 2, 3, 4.5) }), 2n ** 64n - 1n);
  assert.deepEqual(weights(), [1, 2, 3, 4.5]);
  await agent.writeState({ 'actor.weights[1:3]': [7, 8], 'actor.weights[0]': 9 });
  assert.deepEqual(weights(), [9, 7, 8, 4.5]);
  await agent.writeState({ 'actor.weights[2:]': 0, 'actor.weights[:1]': -1 });
  assert.deepEqual(weights(), [-1, 7, 0, 0]);
  await assert.rejects(agent.writeState({ 'actor.weights': 5, 'actor.colour': 5 }), NotFound);
  await assert.rejects(agent.writeState({ 'actor.weights': 5 }, { etag: 'other' }), Aborted);
  await assert.rejects(agent.writeState({ 'actor.weights': 5 }, { step: 3 }), (error) => {
    return error instanceof StepMismatch && error.believed === 3 && error.actual === 0;
  });
  assert.deepEqual(weights(), [-1, 7, 0, 0]);
});

test('a part is as large as it says', () => {
  for (const [part, value] of [['a.w[2:2]', 0], ['a.w[3:1]', 0], ['a.w[]', 0], ['a.w[1:3]', [1]], ['a.w[1]', [1, 2]]] as const) {
    assert.throws(() => toWrite(part, value), RangeError, part);
  }
  assert.deepEqual(toWrite('a.b.w[10:]', 1), { variable: 'a.b.w', offset: 10, fill: 1, count: 0 });
});

test('a write is tried again only with its step', async () => {
  const { server, agent } = await start();
  server.fail('WriteState', { done: true });
  await agent.writeState({ 'actor.weights': 1 }, { step: agent.nextStep });
  assert.equal(server.count('WriteState'), 2);
  for (const options of [{}, { etag: agent.etag }, { etag: agent.etag, step: 0 }]) {
    server.fail('WriteState');
    await assert.rejects(agent.writeState({ 'actor.weights': 1 }, options), (error) => error instanceof Unavailable && error.tries === 1);
  }
});

test('snapshots are made once, listed, and deleted', async () => {
  const { server, agent } = await start();
  await agent.step(0);
  server.fail('CreateSnapshot', { done: true });
  const made = await agent.snapshot({ snapshotId: 'first', note: 'before the lesion' });
  assert.deepEqual([made.id, made.name], ['first', `${agent.name}/snapshots/first`]);
  assert.deepEqual([made.step, made.note, made.digest], [1, 'before the lesion', 2n ** 64n - 1n]);
  assert.equal(made.createTime.getTime(), 1.7e12);
  await agent.snapshot();
  assert.deepEqual((await agent.listSnapshots()).map(({ id }) => id), ['first', 's-1']);
  assert.deepEqual(await agent.getSnapshot('first'), made);
  await assert.rejects(agent.snapshot({ snapshotId: 'first' }), AlreadyExists);
  server.fail('DeleteSnapshot');
  await assert.rejects(agent.deleteSnapshot(made), Unavailable);
  await agent.deleteSnapshot(made);
  await agent.deleteSnapshot('s-1');
  await assert.rejects(agent.getSnapshot('first'), (error) => error instanceof NotFound && error.reason === 'SNAPSHOT_NOT_FOUND');
});

test('a restored agent goes on from its snapshot', async () => {
  const { server, agent, weights } = await start();
  await agent.step(0);
  const kept = await agent.snapshot();
  await agent.step(0);
  await agent.writeState({ 'actor.weights': 0 });
  server.fail('RestoreSnapshot');
  await assert.rejects(agent.restore(kept), (error) => error instanceof Unavailable && error.tries === 1);
  await assert.rejects(agent.restore(kept, { etag: 'other' }), Aborted);
  assert.equal((await agent.restore(kept)).nextStep, 1);
  assert.deepEqual(weights(), [0, 1, 2, 3]);
  assert.equal((await agent.step(0)).step, 1);
  const twin = await agent.clone({ snapshot: kept.id });
  assert.deepEqual([twin.nextStep, weights(twin.name)], [1, [0, 1, 2, 3]]);
  assert.equal((await agent.clone()).nextStep, 2);
});

test('an exported agent is imported', async () => {
  const { server, client, agent, weights } = await start();
  const kept = await agent.snapshot();
  await agent.step(0);
  await agent.writeState({ 'actor.weights': 5 });
  await saveFile(`${folder}/a`, agent.export());
  const copy = await client.importAgent(createReadStream(`${folder}/a`), { agentId: 'copy', durability: 'synced' });
  assert.deepEqual([copy.id, copy.nextStep, copy.durability], ['copy', 1, 'synced']);
  assert.deepEqual(weights(copy.name), [5, 5, 5, 5]);
  const earlier = await bytesOf(agent.export({ snapshot: kept }));
  server.fail('ImportAgent', { done: true });
  const again = await client.importAgent(Buffer.from(earlier));
  assert.deepEqual([again.nextStep, again.durability, server.agents.size], [0, 'journaled', 3]);
  await assert.rejects(client.importAgent(Buffer.from('x')), (error) => error instanceof InvalidArgument && error.reason === 'BAD_EXPORT');
});

test('bytes that come one by one are sent once, and their faults are told as they are', async () => {
  const { server, client } = await start();
  server.fail('ImportAgent');
  await assert.rejects(client.importAgent([Buffer.from('{}')]), (error) => error instanceof Unavailable && error.tries === 1);
  async function* torn() {
    yield Buffer.from('{');
    throw new Error('torn');
  }
  await assert.rejects(client.importAgent(torn()), { message: 'torn' });
  await assert.rejects(client.importAgent(createReadStream('/no/such/file')), { code: 'ENOENT' });
});

test('big files travel in parts', async () => {
  const { server, client } = await start();
  const big = Buffer.alloc(5 << 20, 'x');
  await assert.rejects(client.importAgent(big, { agentId: 'big' }), InvalidArgument);
  const [request] = server.requests['ImportAgent']!;
  assert.equal(request!['agentId'], 'big');
  assert.ok(big.equals(request!['file']));
});

test('an export is begun anew only before its first bytes', async () => {
  const { server, agent } = await start();
  server.fail('ExportAgent');
  assert.match(await bytesOf(agent.export()), /^\{.*\}$/);
  server.fail('ExportAgent', { done: true });
  await assert.rejects(bytesOf(agent.export()), Unavailable);
  assert.equal(server.count('ExportAgent'), 3);
  for await (const first of agent.export()) {
    assert.ok(first.length);
    break; // Ends the call.
  }
});

test('a file is whole or not there', async () => {
  const { server, client } = await start();
  const path = `${folder}/b`;
  await writeFile(path, 'earlier');
  server.fail('BackupStore', { done: true });
  await assert.rejects(saveFile(path, client.backup()), Unavailable);
  assert.equal(String(await readFile(path)), 'earlier');
  await symlink('b', `${folder}/link`);
  await saveFile(`${folder}/link`, client.backup({ timeoutMs: 10_000 }));
  assert.equal(String(await readFile(path)), BACKUP);
  assert.ok((await lstat(`${folder}/link`)).isSymbolicLink());
  await saveFile('/dev/null', client.backup());
  assert.ok((await lstat('/dev/null')).isCharacterDevice());
  await assert.rejects(saveFile(`${folder}/none/b`, client.backup()), { code: 'ENOENT' });
  assert.deepEqual((await readdir(folder)).filter((name) => name.endsWith('.part')), []);
});

test('the store is checked', async () => {
  const { server, client, agent } = await start();
  await agent.snapshot();
  server.fail('CheckStore');
  const good = { agents: 1, states: 0, snapshots: 1, records: 0, bytes: BACKUP.length, faults: [] };
  assert.deepEqual(await client.checkStore(), good);
  server.store.faults = ['snapshot 3: its checksum is wrong'];
  assert.deepEqual((await client.checkStore({ timeoutMs: 10_000 })).faults, server.store.faults);
});
