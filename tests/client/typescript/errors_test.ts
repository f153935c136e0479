// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import * as phasic from 'phasic';
import { messageType } from '../../../client/typescript/src/contract.js';
import { fromServiceError, fromStatus } from '../../../client/typescript/src/errors.js';
import type { Status__Output } from '../../../client/typescript/src/generated/phasic/rpc/Status.js';

function pack(kind: string, detail: object) {
  const value = messageType(`phasic.rpc.${kind}`).serialize(detail);
  return { type_url: `type.googleapis.com/google.rpc.${kind}`, value };
}

function failed(code: status, text: string, details: object[], trailer?: Buffer): phasic.PhasicError {
  const metadata = new Metadata();
  const packed = messageType('phasic.rpc.Status').serialize({ code, message: text, details });
  metadata.set('grpc-status-details-bin', trailer ?? Buffer.from(packed));
  return fromServiceError({ code, details: text, metadata } as ServiceError, 'Step');
}

test('an error says all that its details say', () => {
  const error = failed(status.INVALID_ARGUMENT, 'is bad', [
    pack('ErrorInfo', { reason: 'BAD_OBSERVATION', domain: 'phasic', metadata: { size: '4' } }),
    pack('BadRequest', { fieldViolations: [{ field: 'observation[3]', description: 'is not finite' }] }),
    pack('ResourceInfo', { resourceName: 'tenants/default/agents/a' }),
    pack('RetryInfo', { retryDelay: { seconds: 1, nanos: 500e6 } }),
    pack('QuotaFailure', {}),
  ]);
  assert.ok(error instanceof phasic.InvalidArgument && error instanceof phasic.PhasicError && error instanceof Error);
  assert.equal(error.name, 'InvalidArgument');
  assert.equal(error.code, 'INVALID_ARGUMENT');
  assert.equal(error.reason, 'BAD_OBSERVATION');
  assert.equal(error.details, 'is bad');
  assert.equal(error.method, 'Step');
  assert.deepEqual(error.violations, [{ field: 'observation[3]', description: 'is not finite' }]);
  assert.deepEqual(error.metadata, { size: '4' });
  assert.equal(error.resource, 'tenants/default/agents/a');
  assert.equal(error.retryDelayMs, 1500);
  assert.equal(error.message, 'Step: BAD_OBSERVATION: is bad\n  observation[3]: is not finite');
});

test('details that are not there or cannot be read leave code and text', () => {
  for (const error of [
    failed(status.NOT_FOUND, 'gone', []),
    failed(status.NOT_FOUND, 'gone', [], Buffer.from([0xff, 0xff])),
    fromServiceError({ code: status.NOT_FOUND, details: 'gone' } as ServiceError, 'Step'),
  ]) {
    assert.ok(error instanceof phasic.NotFound);
    assert.equal(error.message, 'Step: NOT_FOUND: gone');
    assert.equal(error.reason, '');
    assert.equal(error.retryDelayMs, undefined);
  }
  assert.ok(failed(77 as status, '', []) instanceof phasic.Unknown);
});

test('a step mismatch knows the actual index, when the server told', () => {
  const mismatch = (metadata?: object) =>
    failed(status.ABORTED, 'no', [pack('ErrorInfo', { reason: 'STEP_MISMATCH', metadata })]) as phasic.StepMismatch;
  assert.ok(mismatch() instanceof phasic.StepMismatch && mismatch() instanceof phasic.Aborted);
  assert.equal(mismatch({ step: '17' }).actual, 17);
  assert.equal(mismatch({ step: 'x' }).actual, undefined);
  assert.equal(mismatch().actual, undefined);
});

test('an error in band is the same error', () => {
  const packed = { code: status.NOT_FOUND, message: 'gone', details: [pack('ErrorInfo', { reason: 'AGENT_NOT_FOUND' })] };
  const error = fromStatus(packed as Status__Output, 'Interact');
  assert.ok(error instanceof phasic.NotFound);
  assert.equal(error.reason, 'AGENT_NOT_FOUND');
});

test('whether the call may have been done', () => {
  assert.ok(failed(status.UNAVAILABLE, '', []).isAmbiguous);
  const refused = failed(status.NOT_FOUND, '', []);
  assert.ok(!refused.isAmbiguous);
  refused.tries = 2;
  assert.ok(refused.isAmbiguous);
});
