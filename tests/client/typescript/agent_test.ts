// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Aborted, DeadlineExceeded, InvalidArgument, NotFound, ResourceExhausted, StepMismatch, Unavailable } from 'phasic';
import { BIG_SPACES, QUICK, SPACES, startFake } from './support.js';

test('steps, rewards and ends travel as they are said', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  agent.runId = 'run';
  const result = await agent.step(1, 0.5, { greedy: true, ticks: 3, mask: [true, false], report: ['a.b'], record: { 'a.c': 2 } });
  assert.equal(result.action, 0);
  assert.equal(result.choice, 0);
  assert.deepEqual(result.dispositions, ['applied']);
  const [request] = server.requests['Step']!;
  assert.deepEqual(
    [request!['observation'], request!['greedy'], request!['ticks'], request!['runId'], request!['report']],
    [[1], true, 3, 'run', ['a.b']],
  );
  assert.deepEqual(request!['actionMasks'], [{ port: '', allowed: [true, false] }]);
  assert.deepEqual(request!['record'], [{ variable: 'a.c', every: 2 }]);

  assert.equal((await agent.step(1, null, { end: 'truncated' })).action, undefined);
  await agent.endEpisode(undefined, 1);
  await agent.endEpisode(0, 1, { rewards: { pain: [1, 2] } });
  const ends = server.requests['Step']!.map(({ end }) => end);
  assert.deepEqual(ends, ['NONE', 'TRUNCATED', 'TERMINATED', 'TRUNCATED']);
  const { rewards } = server.requests['Step']![3]!;
  assert.deepEqual([rewards[0].value, rewards[1].channel, rewards[1].values], [1, 'pain', [1, 2]]);
});

test('an end of episode has no choice', async () => {
  const { client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  const result = await agent.endEpisode(null, 1);
  assert.throws(() => result.choice, { name: 'TypeError', message: 'an end of episode has no action' });
});

test('a big observation travels as bytes, and may be filled anew at once', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: BIG_SPACES });
  const observation = new Float32Array(1000).fill(2);
  const answer = agent.step(observation);
  observation.fill(NaN);
  await answer;
  const [{ name, data }] = server.requests['Step']![0]!['inputs'];
  assert.equal(name, 'observation');
  assert.equal(data.readFloatLE(3996), 2);
});

test('a lost answer is asked for again, and nothing is done twice', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  server.fail('Step', { done: true });
  server.fail('Step');
  assert.equal((await agent.step(0)).step, 0);
  assert.equal(agent.nextStep, 1);
  assert.equal(server.count('Step'), 3);
  const ids = new Set(server.requests['Step']!.map(({ requestId }) => requestId));
  assert.equal(ids.size, 1);
});

test('when all tries fail, the same step may be asked for again, another may not', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  const lose = () => Array.from({ length: QUICK.tries }, () => server.fail('Step', { done: true }));
  lose();
  await assert.rejects(agent.step(0), (error) => error instanceof Unavailable && error.tries === QUICK.tries);
  assert.equal((await agent.step(0)).step, 0);
  lose();
  await assert.rejects(agent.step(1), Unavailable);
  await assert.rejects(agent.step(0), (error) => {
    return error instanceof StepMismatch && error.believed === 1 && error.actual === 2;
  });
  assert.equal((await agent.refresh()).nextStep, 2);
  assert.equal((await agent.step(0)).step, 2);
});

test("another client's steps are noticed, unless this handle has not begun", async () => {
  const { client } = await startFake();
  const one = await client.createAgent('bandit', { spaces: SPACES });
  const other = await client.getAgent(one.id);
  await one.step(0);
  assert.equal((await other.step(0)).step, 1);
  await assert.rejects(one.step(0), StepMismatch);
});

test('steps asked for at once are done in order', async () => {
  const { client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  const results = await Promise.allSettled([agent.step(0), agent.step(NaN), agent.step(1)]);
  const [first, second, third] = results;
  assert.equal(first!.status === 'fulfilled' && first!.value.step, 0);
  assert.ok(second!.status === 'rejected' && second!.reason instanceof InvalidArgument);
  assert.equal(third!.status === 'fulfilled' && third!.value.step, 1);
});

test('rewards are delivered once, whatever happens to their answers', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  server.fail('Reward', { done: true });
  assert.equal(await agent.reward(1), 'duplicate');
  assert.equal(await agent.reward(1), 'applied');
  assert.equal(await agent.reward([1, 2], 'pain', 'mine'), 'applied');
  assert.equal(await agent.reward([1, 2], 'pain', 'mine'), 'duplicate');
});

test('what cannot be repeated safely is tried once', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  for (const method of ['ResetEpisode', 'DeleteAgent', 'UpdateAgent']) server.fail(method);
  await assert.rejects(agent.delete(), (error) => error instanceof Unavailable && error.tries === 1);
  await assert.rejects(agent.update({ mode: 'frozen', etag: 'x' }), Unavailable);
  server.fail('UpdateAgent');
  assert.equal((await agent.freeze()).mode, 'frozen');
  assert.equal(await agent.resetEpisode(), 1);
  await agent.delete();
  await assert.rejects(agent.refresh(), NotFound);
});

test('a full queue is waited for only when the server says how long', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  server.fail('Step', { code: 'RESOURCE_EXHAUSTED', retryDelayMs: 60 });
  const began = Date.now();
  await agent.step(0);
  assert.ok(Date.now() - began >= 59);
  server.fail('Step', { code: 'RESOURCE_EXHAUSTED' });
  await assert.rejects(agent.step(0), (error) => error instanceof ResourceExhausted && error.tries === 1);
});

test('no further try begins after the whole time', async () => {
  const { server, client } = await startFake({ retry: { ...QUICK, totalMs: 50 } });
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  server.fail('Step', { retryDelayMs: 1000 });
  await assert.rejects(agent.step(0), (error) => error instanceof Unavailable && error.tries === 1);
});

test('other failures are not repeated', async () => {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  server.fail('Step', { code: 'ABORTED', reason: 'OTHER' });
  await assert.rejects(agent.step(0), (error) => error instanceof Aborted && error.tries === 1);
});

test('each try has its deadline', async () => {
  const { client } = await startFake({ retry: { tries: 1 } });
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  await assert.rejects(agent.step(0, null, { timeoutMs: -1 }), DeadlineExceeded);
});
