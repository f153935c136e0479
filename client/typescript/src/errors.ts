// SPDX-License-Identifier: Apache-2.0
//
// What can go wrong, as exceptions: one class for each canonical code, all of them PhasicError.
import { status, type ServiceError } from '@grpc/grpc-js';
import { messageType } from './contract.js';
import type { BadRequest__Output } from './generated/phasic/rpc/BadRequest.js';
import type { ErrorInfo__Output } from './generated/phasic/rpc/ErrorInfo.js';
import type { ResourceInfo__Output } from './generated/phasic/rpc/ResourceInfo.js';
import type { RetryInfo__Output } from './generated/phasic/rpc/RetryInfo.js';
import type { Status__Output } from './generated/phasic/rpc/Status.js';

/** A canonical code by its name, e.g. "NOT_FOUND". */
export type Code = Exclude<keyof typeof status, 'OK'>;

/** A faulty field of a request, e.g. "observation[3]" and "is not finite". */
export interface FieldViolation {
  field: string;
  description: string;
}

/** What an error carries besides its text. */
export interface ErrorDetails {
  /** The cause for programs, e.g. "AGENT_NOT_FOUND"; empty when the server was not reached. */
  reason: string;
  /** Each faulty field, of an INVALID_ARGUMENT. */
  violations: FieldViolation[];
  /** What a program may want to know, e.g. { step: "17" }. */
  metadata: Record<string, string>;
  /** The name of the resource that it is about, or "". */
  resource: string;
  /** Milliseconds to wait before another try, when the server says so. */
  retryDelayMs?: number;
}

// Codes that gRPC itself gives when no answer came.
const NO_ANSWER: readonly Code[] = ['CANCELLED', 'UNKNOWN', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNAVAILABLE'];

/** A call that failed. An error of the server changed nothing there. */
export class PhasicError extends Error implements ErrorDetails {
  /** The server's sentence; `message` has method, reason and violations too. */
  readonly details: string;
  readonly code: Code;
  /** The call, e.g. "Step". */
  readonly method: string;
  readonly reason: string;
  readonly violations: FieldViolation[];
  readonly metadata: Record<string, string>;
  readonly resource: string;
  readonly retryDelayMs?: number;
  /** How often it was tried. */
  tries = 1;

  constructor(code: Code, details: string, method = '', more: Partial<ErrorDetails> = {}) {
    const { reason = '', violations = [], metadata = {}, resource = '', retryDelayMs } = more;
    const head = `${method && `${method}: `}${reason || code}: ${details}`;
    super([head, ...violations.map(({ field, description }) => `  ${field}: ${description}`)].join('\n'));
    this.name = new.target.name;
    this.code = code;
    this.details = details;
    this.method = method;
    this.reason = reason;
    this.violations = violations;
    this.metadata = metadata;
    this.resource = resource;
    this.retryDelayMs = retryDelayMs;
  }

  /** Whether the call may have been done all the same. */
  get isAmbiguous(): boolean {
    return this.tries > 1 || NO_ANSWER.includes(this.code);
  }
}

export class Cancelled extends PhasicError {}
export class Unknown extends PhasicError {}
export class InvalidArgument extends PhasicError {}
/** No answer in time. Whether the call was done is not known; repeating the same `Agent.step` finds out. */
export class DeadlineExceeded extends PhasicError {}
export class NotFound extends PhasicError {}
export class AlreadyExists extends PhasicError {}
export class PermissionDenied extends PhasicError {}
export class ResourceExhausted extends PhasicError {}
export class FailedPrecondition extends PhasicError {}
export class Aborted extends PhasicError {}
export class OutOfRange extends PhasicError {}
export class Unimplemented extends PhasicError {}
export class Internal extends PhasicError {}
/** The server was not reached or is going down. */
export class Unavailable extends PhasicError {}
export class DataLoss extends PhasicError {}
export class Unauthenticated extends PhasicError {}

/**
 * The agent's next step has another index than the handle believed: nothing was done.
 *
 * Either another client steps the agent too, or a step whose answer never came had been done after all.
 * `Agent.refresh()` takes over the agent's index.
 */
export class StepMismatch extends Aborted {
  /** The index that the call carried. */
  believed?: number;

  /** The index that the agent's next step has, when the server told. */
  get actual(): number | undefined {
    const { step } = this.metadata;
    return step !== undefined && /^\d+$/.test(step) ? Number(step) : undefined;
  }
}

const CLASSES: Record<Code, typeof PhasicError> = {
  CANCELLED: Cancelled,
  UNKNOWN: Unknown,
  INVALID_ARGUMENT: InvalidArgument,
  DEADLINE_EXCEEDED: DeadlineExceeded,
  NOT_FOUND: NotFound,
  ALREADY_EXISTS: AlreadyExists,
  PERMISSION_DENIED: PermissionDenied,
  RESOURCE_EXHAUSTED: ResourceExhausted,
  FAILED_PRECONDITION: FailedPrecondition,
  ABORTED: Aborted,
  OUT_OF_RANGE: OutOfRange,
  UNIMPLEMENTED: Unimplemented,
  INTERNAL: Internal,
  UNAVAILABLE: Unavailable,
  DATA_LOSS: DataLoss,
  UNAUTHENTICATED: Unauthenticated,
};

const statusType = messageType<Status__Output>('phasic.rpc.Status');

/** How each detail that an error may carry is read, by its type's name. */
const DETAILS: Record<string, (value: Buffer) => Partial<ErrorDetails>> = {
  ErrorInfo(value) {
    const { reason, metadata } = messageType<ErrorInfo__Output>('phasic.rpc.ErrorInfo').deserialize(value);
    return { reason, metadata };
  },
  BadRequest(value) {
    const { fieldViolations } = messageType<BadRequest__Output>('phasic.rpc.BadRequest').deserialize(value);
    return { violations: fieldViolations.map(({ field, description }) => ({ field, description })) };
  },
  ResourceInfo(value) {
    const { resourceName } = messageType<ResourceInfo__Output>('phasic.rpc.ResourceInfo').deserialize(value);
    return { resource: resourceName };
  },
  RetryInfo(value) {
    const { retryDelay } = messageType<RetryInfo__Output>('phasic.rpc.RetryInfo').deserialize(value);
    return retryDelay ? { retryDelayMs: retryDelay.seconds.toNumber() * 1e3 + retryDelay.nanos / 1e6 } : {};
  },
};

/** Details that this client does not know are left out. */
function unpack({ details }: Status__Output): Partial<ErrorDetails> {
  const found = details.map((detail) => {
    const kind = /\/google\.rpc\.(\w+)$/.exec(detail.type_url)?.[1] ?? '';
    return DETAILS[kind]?.(detail.value);
  });
  return Object.assign({}, ...found);
}

function make(code: number, text: string, method: string, details: Partial<ErrorDetails>): PhasicError {
  const name = (status[code] ?? 'UNKNOWN') as Code;
  const kind = details.reason === 'STEP_MISMATCH' ? StepMismatch : CLASSES[name];
  return new kind(name, text || 'no message', method, details);
}

/** The exception for a failed call. Details that cannot be parsed are left out; the code and text stay. */
export function fromServiceError(error: ServiceError, method: string): PhasicError {
  let details: Partial<ErrorDetails> = {};
  try {
    const [packed] = error.metadata?.get('grpc-status-details-bin') ?? [];
    if (Buffer.isBuffer(packed)) details = unpack(statusType.deserialize(packed));
  } catch {
    // As the comment says.
  }
  return make(error.code, error.details, method, details);
}

/** The exception for an error that came in band: of one item of a batch or stream. */
export function fromStatus(failure: Status__Output, method: string): PhasicError {
  return make(failure.code, failure.message, method, unpack(failure));
}
