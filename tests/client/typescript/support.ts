// SPDX-License-Identifier: Apache-2.0
//
// What tests share.
import { after } from 'node:test';
import { box, connect, discrete, type Client, type ConnectOptions } from 'phasic';
import { FakeServer } from './fake_server.js';

/** Waits that do not slow a test. */
export const QUICK = { tries: 4, firstWaitMs: 1, longestWaitMs: 2 };

export const SPACES = { observation: discrete(2), action: discrete(2) };
export const BIG_SPACES = { observation: box(1000), action: discrete(2) };

/** A fake server and a client of it, which end with the test file. */
export async function startFake(options: ConnectOptions = {}): Promise<{ server: FakeServer; client: Client }> {
  const server = await new FakeServer().start();
  const client = await connect(server.target, { retry: QUICK, ...options });
  after(() => {
    client.close();
    server.stop();
  });
  return { server, client };
}

/** Waits until it is true. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
