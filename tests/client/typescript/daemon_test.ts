// SPDX-License-Identifier: Apache-2.0
//
// The library against a real phasicd, from $PHASIC_BIN.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { box, connect, discrete, StepMismatch, type Client } from 'phasic';
import { FakeServer } from './fake_server.js';

const EXAMPLE = fileURLToPath(new URL('../../../client/typescript/examples/bandit.js', import.meta.url));
const ARM_2 = { spaces: { observation: discrete(1), action: discrete(2) }, seed: 1 };

const folder = mkdtempSync(join(tmpdir(), 'phasic-'));
const target = `unix:${folder}/socket`;
let daemon: ChildProcess;
let client: Client;

before(async () => {
  const binary = join(process.env['PHASIC_BIN'] ?? '', 'phasicd');
  const flags = ['--listen=none', `--unix=${folder}/socket`, '--store=memory:'];
  daemon = spawn(binary, flags, { stdio: ['ignore', 'ignore', 'inherit'] });
  client = await connect(target, { waitMs: 30_000 });
});

after(async () => {
  client?.close();
  daemon.kill('SIGTERM');
  await once(daemon, 'exit');
  rmSync(folder, { recursive: true });
});

/** The exit code and output of the example. */
async function runExample(server: string, episodes: number): Promise<[number, string]> {
  const options = ['--target', server, '--episodes', String(episodes)];
  const example = spawn(process.execPath, [EXAMPLE, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  example.stdout.on('data', (part) => (text += part));
  const [code] = await once(example, 'close');
  return [code, text];
}

test('the bandit learns', async () => {
  const [code, text] = await runExample(target, 20);
  assert.equal(code, 0, text);
  assert.match(text, /episode {2}20: best arm in /);
});

test('a bandit that does not learn fails', async () => {
  const server = await new FakeServer().start();
  const [code] = await runExample(server.target, 1);
  server.stop();
  assert.equal(code, 1);
});

test('an agent is inspected, cloned and compared', async () => {
  const agent = await client.createAgent('bandit', ARM_2);
  for (let step = 0; step < 3; ++step) await agent.step(0, 1);
  const { 'policy_weights.weights': weights } = await agent.inspect({ component: 'policy_weights' });
  assert.deepEqual(weights!.shape, [2, 1]);
  assert.ok(weights!.data instanceof Float32Array && weights!.data.some((weight) => weight !== 0));
  assert.equal(weights!.step, 3);
  const clone = await agent.clone();
  assert.equal(await clone.digest(), await agent.digest());
  await clone.step(0, 1);
  assert.notEqual(await clone.digest(), await agent.digest());
});

test('a stream gives what steps one by one give', async () => {
  const [one, other] = await client.batchCreateAgents([
    { source: 'bandit', ...ARM_2 },
    { source: 'bandit', ...ARM_2 },
  ]);
  const stream = client.openStream({ window: 16 });
  const answers = [];
  for (let step = 0; step < 100; ++step) {
    await stream.ready();
    answers.push(stream.step(one!, 0, step % 2));
  }
  const streamed = (await Promise.all(answers)).map(({ choice }) => choice);
  await stream.end();
  const stepped = [];
  for (let step = 0; step < 100; ++step) stepped.push((await other!.step(0, step % 2)).choice);
  assert.deepEqual(streamed, stepped);
  assert.equal(await one!.digest(), await other!.digest());
});

test('a batch steps vectorised environments, and an item fails by itself', async () => {
  const spec = { source: 'actor-critic', spaces: { observation: box(2, -1, 1), action: discrete(3) } };
  const agents = await client.batchCreateAgents([spec, spec, spec]);
  const uid = agents.map((agent) => agent.uid);
  const { action, failures } = await client.stepBatch({ uid, observation: new Float32Array(6), step: [0, 5, 0] });
  assert.equal(action.length, 3);
  assert.equal(failures.length, 1);
  assert.equal(failures[0]!.item, 1);
  assert.ok(failures[0]!.error instanceof StepMismatch);
  assert.equal(failures[0]!.error.actual, 0);
});

test("a preset's circuit makes an agent of its own", async () => {
  const { spec } = await client.getCircuit('reinforce');
  assert.ok((await client.validateCircuit(spec)).violations.length === 0);
  const { violations } = await client.validateCircuit({ ...spec, outputs: [] });
  assert.deepEqual(violations.map(({ field }) => field), ['circuit.outputs']);
  assert.equal((await client.createAgent(spec)).preset, '');
  assert.ok((await client.listCircuits()).some(({ name }) => name === 'bandit'));
  assert.ok((await client.listComponents('rule')).every(({ kind }) => kind === 'rule'));
});

test('an agent is watched', async () => {
  const agent = await client.createAgent('bandit', ARM_2);
  const glimpses = agent.watch({ topics: ['rewards', 'actions', 'weights'], maxRate: 100 });
  const { value: first } = await glimpses.next();
  assert.ok(first);
  assert.deepEqual([first.moments, first.dropped, first.stats.steps], [[], 0, 0]);
  assert.equal(first.weights['policy_weights.weights']!.count, 2);
  const { action } = await agent.step(0, 0.5);
  await agent.reward(2);
  const moments = [];
  for await (const glimpse of glimpses) {
    moments.push(...glimpse.moments);
    if (moments.length === 2) break;
  }
  const [step, reward] = moments;
  assert.deepEqual([step!.step, step!.action, step!.end], [0, [action], undefined]);
  assert.deepEqual(step!.rewards, [{ channel: 'reward', values: [0.5], disposition: 'applied' }]);
  assert.deepEqual([reward!.step, reward!.nextStep, reward!.rewards[0]!.values], [undefined, 1, [2]]);
});
