// SPDX-License-Identifier: Apache-2.0
//
// A contextual bandit whose rewards come late: eligibility traces find out which choice each was for. Exits with 0 if the
// agent has learned.
//
//     node bandit.js [--target ADDRESS] [--seed N] [--episodes N]
import { parseArgs } from 'node:util';
import { connect, discrete } from 'phasic';

const CONTEXTS = 4;
const ARMS = 3;
const DECISIONS = 100;
const MAX_DELAY = 3;
/** How often the best arm of a context pays, and how often the others do. */
const GOOD = 0.9;
const BAD = 0.1;
/** By chance the best arm is chosen in a third of the choices. */
const LEARNED = 0.8;

const { values: options } = parseArgs({
  options: {
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    episodes: { type: 'string', default: '60' },
  },
});

/** Numbers from 0 up to 1, the same from the same seed: splitmix32, by G. Steele, D. Lea and C. Flood (OOPSLA 2014). */
function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x9e3779b9) | 0;
    let z = Math.imul(seed ^ (seed >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(Number(options.seed));
const draw = (n: number) => Math.floor(random() * n);

const client = await connect(options.target);
const agent = await client.createAgent('bandit', {
  spaces: { observation: discrete(CONTEXTS), action: discrete(ARMS) },
  seed: Number(options.seed),
  labels: { env: 'delayed-bandit' },
});
console.log(`${agent.name}: ${CONTEXTS} contexts, ${ARMS} arms`);

const best = Array.from({ length: CONTEXTS }, () => draw(ARMS));
let optimal = 0;
for (let episode = 1; episode <= Number(options.episodes); ++episode) {
  // What falls due, by decision. What is still due at the end falls due at once.
  const due = new Array<number>(DECISIONS).fill(0);
  let reward: number | undefined;
  optimal = 0;
  for (let decision = 0; decision < DECISIONS; ++decision) {
    const context = draw(CONTEXTS);
    const { choice } = await agent.step(context, reward);
    const isBest = choice === best[context];
    optimal += Number(isBest);
    const when = Math.min(decision + draw(MAX_DELAY + 1), DECISIONS - 1);
    due[when]! += Number(random() < (isBest ? GOOD : BAD));
    reward = due[decision];
  }
  await agent.endEpisode(draw(CONTEXTS), reward);
  if (episode % 10 === 0) {
    const share = ((100 * optimal) / DECISIONS).toFixed(0);
    console.log(`episode ${String(episode).padStart(3)}: best arm in ${share.padStart(3)}% of choices`);
  }
}
client.close();
process.exitCode = optimal / DECISIONS >= LEARNED ? 0 : 1;
