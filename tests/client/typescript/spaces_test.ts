// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { box, discrete, multiBinary, multiDiscrete, sizeOf, type Space } from 'phasic';
import { toBigInt, toLong } from '../../../client/typescript/src/contract.js';
import { methods } from 'phasic';
import { spaceFromMessage, spaceToMessage, toValue } from '../../../client/typescript/src/spaces.js';
import type { Space__Output } from '../../../client/typescript/src/generated/phasic/v1/Space.js';

const SPACES: [Space, number][] = [
  [discrete(4), 1],
  [multiBinary(3), 3],
  [multiDiscrete([2, 5]), 2],
  [box([2, 3]), 6],
  [box(2, 0, [1, 2]), 2],
];

test('spaces have sizes, and come back from the wire as they were', () => {
  for (const [space, size] of SPACES) {
    assert.equal(sizeOf(space), size);
    assert.deepEqual(spaceFromMessage(spaceToMessage(space) as Space__Output), space);
  }
});

test('bounds that are all infinite are none, one for all stays one', () => {
  assert.deepEqual(spaceToMessage(box(2, -Infinity, [Infinity, Infinity])).box, { shape: [2], low: [], high: [] });
  assert.deepEqual(spaceToMessage(box(2, [-Infinity, 0], 1)).box, { shape: [2], low: [-Infinity, 0], high: [1] });
});

test('values are a number or the typed array of their space', () => {
  assert.equal(toValue(discrete(4), [3]), 3);
  assert.deepEqual(toValue(multiBinary(2), [1, 0]), Uint8Array.of(1, 0));
  assert.deepEqual(toValue(multiDiscrete([3, 9]), [2, 8]), Int32Array.of(2, 8));
  assert.deepEqual(toValue(box(1), [0.5]), Float32Array.of(0.5));
});

test('a kind of space that is not known is refused', () => {
  assert.throws(() => spaceFromMessage({} as Space__Output), RangeError);
  assert.throws(() => spaceFromMessage(null), RangeError);
});

test('64-bit integers keep every bit', () => {
  const { requestSerialize, requestDeserialize } = methods.CloneAgent;
  for (const value of [0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    const { seed } = requestDeserialize(requestSerialize({ seed: toLong(value) }));
    assert.equal(toBigInt(seed!), value);
  }
});

test('lists of floats are packed', () => {
  assert.equal(methods.Step.requestSerialize({ observation: [1, 2] }).toString('hex'), '12080000803f00000040');
});
