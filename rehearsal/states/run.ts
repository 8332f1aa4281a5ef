// Executions: started, stopped, timed out, and driven again from where they failed.
import { setMaxListeners } from 'node:events';
import type { Machine } from './definition.ts';
import { asStateError, Interrupted } from './errors.ts';
import { createFrame, createPresence } from './execution.ts';
import type { Execution, Fiber, Frame, Identity } from './execution.ts';
import { createHistory, detailed, failureOf, inputOf, outputOf } from './history.ts';
import type { Chain } from './history.ts';
import { MAX_HISTORY_EVENTS, MAX_OPEN_MS, REDRIVABLE_MS } from './limits.ts';
import { runScope } from './walk.ts';
import type { HistoryDraft, HistoryEvent, Json, World } from './world.ts';

export type { Identity } from './execution.ts';

export type Outcome =
  | { readonly status: 'SUCCEEDED'; readonly output: Json }
  | { readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; readonly error?: string; readonly cause?: string };

export interface Run {
  readonly ended: Promise<Outcome>;
  /** How it ended, once it has. */
  outcome(): Outcome | undefined;
  /** The instant it ended. */
  endedAt(): number | undefined;
  /** Ends it as ABORTED, at once; a run that ended is left alone. */
  stop(error?: string, cause?: string): void;
  history(): readonly HistoryEvent[];
  readonly redriveCount: number;
  /** What a redrive goes on from. */
  readonly progress: { readonly execution: Execution; readonly frame: Frame };
}

export interface StartOptions {
  readonly input: Json;
  readonly world: World;
  readonly context: Identity;
}

/** Starts the machine; its first state begins once the caller has the run in hand. */
export function startMachine(machine: Machine, { input, world, context }: StartOptions): Run {
  const execution: Execution = {
    machine,
    world,
    identity: context,
    input,
    startTime: new Date(world.timeline.now()).toISOString(),
    redriveCount: 0,
    redriveTime: undefined,
    history: createHistory(world, []),
    held: { variableBytes: 0 },
  };
  const details = { ...inputOf(input), roleArn: context.execution.roleArn };
  return drive(execution, createFrame(machine.scope, input), detailed('ExecutionStarted', details));
}

/** Why DescribeExecution would say NOT_REDRIVABLE, in its own words; undefined for an execution that may be driven again. */
export function whyNotRedrivable(run: Run, now: number): string | undefined {
  const outcome = run.outcome();
  if (!outcome) return 'Execution is RUNNING and cannot be redriven';
  if (outcome.status === 'SUCCEEDED') return 'Execution is SUCCEEDED and cannot be redriven';
  if (run.history().length >= MAX_HISTORY_EVENTS - 1) return 'Execution history event limit exceeded';
  if (now - (run.history()[0]?.timestamp ?? now) > MAX_OPEN_MS) return 'Execution has exceeded the max execution time';
  if (now - (run.endedAt() ?? now) > REDRIVABLE_MS) return 'Execution redrivable period exceeded';
  return undefined;
}

/** Goes on from the state that failed, with the input and the variables it had. The caller has asked whyNotRedrivable. */
export function redrive(run: Run): Run {
  const { execution: before, frame } = run.progress;
  const { world } = before;
  const reason = whyNotRedrivable(run, world.timeline.now());
  if (reason !== undefined) throw new Error(reason);
  const execution: Execution = {
    ...before,
    redriveCount: before.redriveCount + 1,
    redriveTime: new Date(world.timeline.now()).toISOString(),
    history: createHistory(world, before.history.events),
  };
  return drive(execution, frame, detailed('ExecutionRedriven', { redriveCount: execution.redriveCount }));
}

function drive(execution: Execution, frame: Frame, first: HistoryDraft): Run {
  const { world, history, machine } = execution;
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  let outcome: Outcome | undefined;
  let endedAt: number | undefined;
  let settle: (outcome: Outcome) => void;
  const ended = new Promise<Outcome>((resolve) => (settle = resolve));
  const resumed = frame.entered > 0;
  const chain: Chain = { last: 0 };
  const start = history.write(chain, first);
  // AWS starts the first state's chain at nothing, and a redriven one's at the event that redrove it.
  chain.last = resumed ? start : 0;
  const fiber: Fiber = {
    execution,
    frame,
    chain,
    signal: stopping.signal,
    resumed,
    presence: createPresence(world, stopping.signal),
  };

  function finish(how: Outcome, event: HistoryDraft, after: Chain): void {
    if (outcome) return;
    outcome = how;
    endedAt = world.timeline.now();
    cancelDeadline();
    history.close(after, event);
    stopping.abort(new Interrupted(`the execution is ${how.status}`));
    settle(how);
  }

  const deadline = Math.min((machine.timeoutSeconds ?? Infinity) * 1000, MAX_OPEN_MS);
  const cancelDeadline = world.timeline.after(deadline, () =>
    finish({ status: 'TIMED_OUT' }, detailed('ExecutionTimedOut', { error: 'States.Timeout' }), { last: 0 }),
  );

  void runScope(fiber)
    .then((output) => finish({ status: 'SUCCEEDED', output }, detailed('ExecutionSucceeded', outputOf(output)), chain))
    .catch((thrown: unknown) => {
      const failure = failureOf(asStateError(thrown));
      finish({ status: 'FAILED', ...failure }, detailed('ExecutionFailed', failure), chain);
    })
    .finally(() => fiber.presence.leave());

  return {
    ended,
    outcome: () => outcome,
    endedAt: () => endedAt,
    stop(error, cause) {
      const told = failureOf({ error, cause });
      finish({ status: 'ABORTED', ...told }, detailed('ExecutionAborted', told), { last: 0 });
    },
    history: () => history.events,
    redriveCount: execution.redriveCount,
    progress: { execution, frame },
  };
}
