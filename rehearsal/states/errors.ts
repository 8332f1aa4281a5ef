// The errors of a run that the interpreter itself raises.
import { StateError } from './world.ts';

/** An expression that failed; the state it happened in is added where it is known. */
export class EvaluationError extends StateError {
  readonly location: string;
  constructor(cause: string, location: string) {
    super('States.QueryEvaluationError', cause);
    this.location = location;
  }
}

/** A task that outlived its TimeoutSeconds, or fell silent for its HeartbeatSeconds. AWS reports both as States.Timeout. */
export class TaskTimeout extends StateError {
  readonly clock: 'timeout' | 'heartbeat';
  constructor(clock: 'timeout' | 'heartbeat') {
    super('States.Timeout');
    this.clock = clock;
  }
}

/** Not an error of the machine: somebody stopped this part of it. Nothing catches or retries it. */
export class Interrupted extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Interrupted';
  }
}

export const tooLarge = (what: string): StateError =>
  new StateError(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );

/** A bug of ours or a promise broken by the world still ends the run, under the name nothing catches. */
export function asStateError(error: unknown): StateError {
  if (error instanceof StateError) return error;
  return new StateError('States.Runtime', error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
