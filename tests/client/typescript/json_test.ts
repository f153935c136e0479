// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { circuitFromMessage, circuitToMessage, type CircuitSpec } from '../../../client/typescript/src/json.js';
import { messageType } from '../../../client/typescript/src/contract.js';
import type { CircuitSpec__Output } from '../../../client/typescript/src/generated/phasic/v1/CircuitSpec.js';

const circuitType = messageType<CircuitSpec__Output>('phasic.v1.CircuitSpec');

function overTheWire(circuit: unknown): CircuitSpec {
  return circuitFromMessage(circuitType.deserialize(circuitType.serialize(circuitToMessage(circuit as CircuitSpec))));
}

const CIRCUIT: CircuitSpec = {
  ticksPerStep: 5,
  inputs: [{ name: 'in', space: { box: { shape: [2] } }, encoder: 'raw', target: 'cell', parameters: { low: [0, 1] } }],
  populations: [{ name: 'cell', model: 'lif', size: 2, parameters: { tau: 0, word: '', truth: false } }],
  projections: [{ name: 'w', initial: { distribution: 'NORMAL', mean: 1 }, rule: { name: 'r', bindings: { a_b: 'c' } }, minWeight: 0 }],
  outputs: [{ name: 'out', source: 'cell', when: { clock: 'AT', at: [1, 2.5] } }],
};

test('a circuit comes back from the wire as it was, without what has its default value', () => {
  assert.deepEqual(overTheWire(CIRCUIT), CIRCUIT);
  assert.deepEqual(overTheWire({ dt: 0, populations: [], sweeps: null }), {});
});

test('fields may have the names that the contract gives them; keys of maps stay', () => {
  const spelled = { ticks_per_step: 5, projections: [{ min_weight: -1, rule: { parameters: { learning_rate: 1 } } }] };
  const { ticksPerStep, projections } = overTheWire(spelled);
  assert.equal(ticksPerStep, 5);
  assert.deepEqual(projections, [{ minWeight: -1, rule: { parameters: { learning_rate: 1 } } }]);
});

test('what would be ignored is refused, with its path', () => {
  const faults: [unknown, string][] = [
    [{ population: [] }, 'circuit.population: there is no such field'],
    [{ populations: [{ name: 'a' }, { nmae: 'b' }] }, 'circuit.populations[1].nmae: there is no such field'],
    [{ populations: {} }, 'circuit.populations must be a list, not {}'],
    [{ populations: [3] }, 'circuit.populations[0] must be an object, not 3'],
    [{ populations: [{ size: '3' }] }, 'circuit.populations[0].size cannot be "3"'],
    [{ outputs: [{ when: { clock: 'NOON' } }] }, 'circuit.outputs[0].when.clock cannot be "NOON"'],
    [{ inputs: [{ parameters: [1] }] }, 'circuit.inputs[0].parameters must be an object, not [1]'],
    [{ inputs: [{ parameters: { a: {} } }] }, 'a parameter is a number, a word, a truth value or a list of these, not {}'],
  ];
  for (const [circuit, message] of faults) assert.throws(() => overTheWire(circuit), { name: 'TypeError', message });
});
