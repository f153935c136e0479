// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled, InvalidArgument, StepMismatch, Unavailable } from 'phasic';
import { SPACES, startFake, until } from './support.js';

async function open(window?: number) {
  const { server, client } = await startFake();
  const agent = await client.createAgent('bandit', { spaces: SPACES });
  return { server, client, agent, stream: client.openStream({ window }) };
}

test('each item has its own answer', async () => {
  const { client, agent, stream } = await open();
  const other = await client.createAgent('bandit', { spaces: SPACES });
  const answers = await Promise.all([
    stream.step(agent, 0),
    stream.step(other, 0),
    stream.step(agent, 1, 1, { end: 'terminated' }),
    stream.stepBatch({ uid: [other.uid], observation: Float32Array.of(7) }),
  ]);
  assert.deepEqual(answers.map(({ step }) => step), [0, 0, 1, [1]]);
  assert.deepEqual((answers[3] as { action: Float32Array }).action, Float32Array.of(7));
  assert.equal(agent.nextStep, 2);
  await stream.end();
  await assert.rejects(stream.step(agent, 0), /takes no items after end/);
});

test('a window bounds what is under way', async () => {
  const { server, agent, stream } = await open(4);
  server.isHolding = true;
  const answers = Array.from({ length: 10 }, () => stream.step(agent, 0));
  assert.equal(stream.pending, 10);
  let isReady = false;
  const ready = stream.ready().then(() => (isReady = true));
  await until(() => server.itemsRead === 4);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(server.itemsRead, 4);
  assert.ok(!isReady);
  const ended = stream.end();
  server.release();
  await ready;
  await ended;
  assert.equal(stream.pending, 0);
  assert.deepEqual((await Promise.all(answers)).map(({ step }) => step), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('an item fails by itself, with those that were sent after it for the same agent', async () => {
  const { server, client, agent, stream } = await open();
  const other = await client.createAgent('bandit', { spaces: SPACES });
  server.isHolding = true;
  const items = [stream.step(agent, 0), stream.step(agent, NaN), stream.step(agent, 0), stream.step(other, 0)];
  await until(() => server.itemsRead === 4);
  server.release();
  const [first, second, third, fourth] = await Promise.allSettled(items);
  assert.equal(first!.status, 'fulfilled');
  assert.ok(second!.status === 'rejected' && second!.reason instanceof InvalidArgument);
  assert.ok(third!.status === 'rejected' && third!.reason instanceof StepMismatch && third!.reason.believed === 2);
  assert.equal(fourth!.status, 'fulfilled');
  assert.equal(agent.nextStep, 1);
  assert.equal((await stream.step(agent, 0)).step, 1);
  await stream.end();
});

test('failures that come late set back no index that was claimed anew', async () => {
  const { server, agent, stream } = await open();
  server.isHolding = true;
  const bad = stream.step(agent, NaN);
  const late = stream.step(agent, 0);
  await until(() => server.itemsRead === 2);
  const again = bad.catch(() => [stream.step(agent, 0), stream.step(agent, 0)]);
  server.release();
  await assert.rejects(late, StepMismatch);
  const steps = await Promise.all((await again) as ReturnType<typeof stream.step>[]);
  assert.deepEqual(steps.map(({ step }) => step), [0, 1]);
  assert.equal(agent.nextStep, 2);
  await stream.end();
});

test('a broken stream fails all that is under way, and ends no process', async () => {
  const { server, agent, stream } = await open();
  await stream.step(agent, 0);
  server.isHolding = true;
  const items = [stream.step(agent, 0), stream.step(agent, 0)];
  await until(() => server.itemsRead === 3);
  server.breakStream();
  await assert.rejects(items[0]!, (error) => error instanceof Unavailable && error.reason === 'DRAINING' && error.isAmbiguous);
  await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(items[1]!, Unavailable);
  await assert.rejects(stream.ready(), Unavailable);
  await assert.rejects(stream.end(), Unavailable);
  assert.equal((await agent.refresh()).nextStep, 1);
});

test('a stream can be given up', async () => {
  const { server, agent, stream } = await open();
  server.isHolding = true;
  const item = stream.step(agent, 0);
  await until(() => server.itemsRead === 1);
  stream.cancel();
  await assert.rejects(item, Cancelled);
});
