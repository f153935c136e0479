// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlreadyExists, connect, InvalidArgument, methods, NotFound, Unavailable } from 'phasic';
import { FakeServer } from './fake_server.js';
import { SPACES, startFake } from './support.js';

test('a server that is not there', async () => {
  const server = await new FakeServer().start();
  const { port, target } = server;
  server.stop();
  await assert.rejects(connect(target), (error) => error instanceof Unavailable && /no phasic server answers at 127/.test(error.message));

  const later = connect(target, { waitMs: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const late = await new FakeServer().start(port);
  (await later).close();
  late.stop();
});

test('PHASIC_SERVER says where, and a name without a port has the usual one', async () => {
  const { server } = await startFake();
  process.env['PHASIC_SERVER'] = server.target;
  const client = await connect();
  assert.equal(client.target, server.target);
  client.close();
  await assert.rejects(connect('127.255.0.1'), /at 127\.255\.0\.1:50051/);
});

test('agents are made with all that is said', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', {
    agentId: 'bert',
    spaces: SPACES,
    parameters: { tau: 3, kind: 'a', on: true, list: [1, 2] },
    seed: 2n ** 64n - 1n,
    labels: { env: 'x' },
    mode: 'learning',
    liveParameters: { 'a.b': 0.5 },
  });
  assert.equal(agent.name, 'tenants/default/agents/bert');
  assert.equal(agent.id, 'bert');
  assert.equal(agent.uid, 2n ** 63n);
  assert.equal(agent.seed, 2n ** 64n - 1n);
  assert.equal(agent.preset, 'bandit');
  assert.deepEqual(agent.labels, { env: 'x' });
  assert.deepEqual(agent.parameters, { tau: 3, kind: 'a', on: true, list: [1, 2] });
  assert.deepEqual(agent.liveParameters, { 'a.b': 0.5 });
  assert.deepEqual(agent.ports.map(({ direction }) => direction), ['input', 'output']);
  assert.equal(agent.stats.steps, 0);
  assert.equal(agent.stats.meanReturn, undefined);
  const { rewardsPending, rewardsExpired, rewardsUnknownEvent } = agent.stats;
  assert.deepEqual([rewardsPending, rewardsExpired, rewardsUnknownEvent], [0, 0, 0]);

  server.fail('CreateAgent', { done: true });
  await client.createAgent({ populations: [{ name: 'a', size: 3 }] }, { agentId: 'own' });
  assert.equal(server.requests['CreateAgent']!.at(-1)!['agent'].circuit.populations[0].size, 3);
  await assert.rejects(client.createAgent({}, { spaces: SPACES }), TypeError);
});

test('an id that is taken', async () => {
  const { client } = await startFake();
  const made = await client.createAgent('bandit', { agentId: 'a', spaces: SPACES });
  await assert.rejects(client.createAgent('bandit', { agentId: 'a' }), AlreadyExists);
  assert.equal((await client.createAgent('bandit', { agentId: 'a', existOk: true })).uid, made.uid);
  await assert.rejects(client.createAgent('other', { agentId: 'a', existOk: true }), AlreadyExists);
});

test('lists follow their pages', async () => {
  const { client } = await startFake();
  const specs = ['a', 'b', 'c'].map((agentId) => ({ source: 'bandit', agentId }));
  const made = await client.batchCreateAgents(specs);
  assert.deepEqual(made.map(({ id }) => id), ['a', 'b', 'c']);
  const found = [];
  for await (const { id } of client.listAgents()) found.push(id);
  assert.deepEqual(found, ['a', 'b', 'c']);
});

test('clones and updates', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  const clone = await agent.clone({ agentId: 'fork', seed: 7 });
  assert.equal(clone.seed, 7n);
  await clone.update({ mode: 'frozen', labels: { a: '1', b: null }, liveParameters: { 'x.y': 1 } });
  const { agent: changed, updateMask } = server.requests['UpdateAgent']![0]!;
  assert.deepEqual(updateMask.paths, ['labels.a', 'labels.b', 'mode', 'live_parameters']);
  assert.deepEqual(changed.labels, { a: '1' });
  assert.equal(clone.mode, 'frozen');
  assert.equal(clone.etag, '2');
});

test('a batch is told in bytes, and repeated safely', async () => {
  const { server, client } = await startFake();
  const agents = await client.batchCreateAgents([{ source: 'bandit' }, { source: 'bandit' }]);
  server.fail('BatchStep');
  const uid = [...agents.map((agent) => agent.uid), 5n];
  const observation = Float32Array.of(1, 2, 3, 4, 5, 6);
  const result = await client.stepBatch({ uid, observation, reward: [1, null, 0.5], end: [null, 'terminated', 'truncated'] });
  const [first, second] = server.requests['BatchStep']!;
  assert.ok(first!['requestId']);
  assert.equal(first!['requestId'], second!['requestId']);
  assert.deepEqual(second!['reward'], [1, 0, 0.5]);
  assert.deepEqual(second!['hasReward'], [true, false, true]);
  assert.deepEqual(second!['end'], ['NONE', 'TERMINATED', 'TRUNCATED']);
  assert.deepEqual(result.action, observation);
  assert.deepEqual(result.step, [0, 0, 0]);
  const [{ item, error }] = result.failures as [(typeof result.failures)[0]];
  assert.equal(item, 2);
  assert.ok(error instanceof NotFound);
});

test('any method of the contract can be called in its own words', async () => {
  const { server, client } = await startFake();
  assert.equal((await client.serverInfo()).limits['maxAgents'], 10);
  server.fail('GetServerInfo', { code: 'INVALID_ARGUMENT' });
  await assert.rejects(client.call(methods.GetServerInfo, {}), InvalidArgument);
});

test('an error leads back to who called', async () => {
  const { client } = await startFake();
  async function caller() {
    await client.getAgent('nobody');
  }
  await assert.rejects(caller(), (error) => error instanceof NotFound && /async caller/.test(error.stack ?? ''));
});
