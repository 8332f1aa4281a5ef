// What the interpreter asks of the world it runs in. The Step Functions service answers it; tests answer it with small worlds.
import type { Timeline } from '../time/timeline.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An error of the States Language: `error` is what Retry and Catch match. */
export class StateError extends Error {
  readonly error: string;
  override readonly cause: string | undefined;
  constructor(error: string, cause?: string) {
    super(cause ?? error);
    this.name = error;
    this.error = error;
    this.cause = cause;
  }
}

/** The dialect's Task resources; any other is refused when the machine is loaded. */
export type Integration = 'function' | 'lambda:invoke' | 'lambda:invoke.waitForTaskToken' | 'states:startExecution.sync:2';

/** One attempt of one Task state. */
export interface TaskCall {
  readonly integration: Integration;
  /** The resource as written: a function's ARN when `integration` is 'function'. */
  readonly resource: string;
  /** Arguments after JSONata. */
  readonly arguments: Json;
  /** Given when the integration waits for a token; already in the context the arguments were evaluated with. */
  readonly token: string | undefined;
  readonly state: string;
  /** 0 for the first attempt. */
  readonly retryCount: number;
  /** Seconds, after evaluation: for the history's TaskScheduled event. */
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  /** Aborts when the state timed out or the execution was stopped: nested executions are stopped, Lambdas run on, as in AWS. */
  readonly signal: AbortSignal;
  /**
   * Writes into the history under this attempt, in AWS's event shape, returning the event's id. The interpreter writes the
   * Scheduled, Started and Succeeded, Failed or TimedOut event of an attempt itself, unless the world has recorded that one
   * before: none is written twice. Submitted and what a service adds in between are the world's alone.
   */
  record(event: HistoryDraft): number;
  /** Restarts the heartbeat clock. */
  beat(): void;
}

/** A history event without id, previousEventId and timestamp; the details key is AWS's (`taskScheduledEventDetails`). */
export interface HistoryDraft {
  readonly type: string;
  readonly details?: { readonly [key: string]: unknown };
}
export interface HistoryEvent extends HistoryDraft {
  readonly id: number;
  readonly previousEventId: number;
  /** Milliseconds on the timeline. */
  readonly timestamp: number;
}

export interface World {
  readonly timeline: Pick<Timeline, 'now' | 'after' | 'wait' | 'hold'>;
  /** Between 0 and 1, seeded: jitter. */
  random(): number;
  /** A new task token. */
  issueToken(state: string): string;
  /** Runs one attempt to its result; for a token, resolves when somebody answered. Rejects with StateError. */
  perform(task: TaskCall): Promise<Json>;
  /** Told as it happens. */
  onEvent?(event: HistoryEvent): void;
}
