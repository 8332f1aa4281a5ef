// Retry, then Catch: what becomes of an error in a Task, a Parallel or a Map.
import type { MapState, ParallelState, Retrier, TaskState } from './definition.ts';
import { asStateError, Interrupted, TaskTimeout } from './errors.ts';
import { forgetChildren, leave } from './leaving.ts';
import type { Exit } from './leaving.ts';
import type { Visit } from './visit.ts';
import type { Json, StateError } from './world.ts';

type Handled = TaskState | ParallelState | MapState;

/** Tries until it works, the retriers are used up or nobody handles the error. */
export async function handled<S extends Handled>(visit: Visit<S>, attempt: (visit: Visit<S>) => Promise<Exit>): Promise<Exit> {
  const used = new Map<Retrier, number>();
  for (;;) {
    try {
      return await attempt(visit);
    } catch (thrown) {
      if (thrown instanceof Interrupted) throw thrown;
      const error = asStateError(thrown);
      const retrier = visit.state.retry.find(({ errorEquals }) => matches(errorEquals, error));
      const before = retrier === undefined ? 0 : (used.get(retrier) ?? 0);
      if (retrier === undefined || before >= retrier.maxAttempts) return caught(visit, error);
      used.set(retrier, before + 1);
      await pause(
        visit,
        delaySeconds(retrier, before, () => visit.fiber.execution.world.random()),
      );
      visit.retryCount++;
      // A state tried again starts over, whatever its children had done.
      forgetChildren(visit.fiber.execution, visit.fiber.frame);
      visit.fiber.resumed = false;
    }
  }
}

const pause = ({ fiber }: Visit, seconds: number): Promise<void> =>
  fiber.presence.away(() => fiber.execution.world.timeline.wait(seconds * 1000, fiber.signal));

/** Interval × rate^n, at most the maximum; full jitter draws anywhere below that. */
function delaySeconds(
  { intervalSeconds, backoffRate, maxDelaySeconds, jitter }: Retrier,
  before: number,
  random: () => number,
): number {
  const full = Math.min(intervalSeconds * backoffRate ** before, maxDelaySeconds ?? Infinity, Number.MAX_SAFE_INTEGER / 1000);
  return jitter === 'FULL' ? full * random() : full;
}

async function caught(visit: Visit<Handled>, error: StateError): Promise<Exit> {
  const catcher = visit.state.catch.find(({ errorEquals }) => matches(errorEquals, error));
  if (!catcher) throw error;
  const errorOutput = outputOf(error);
  return leave(visit, catcher, errorOutput, { errorOutput });
}

const outputOf = ({ error, cause }: StateError): Json =>
  cause === undefined ? { Error: error } : { Error: error, Cause: cause };

/** Whether a list of names covers an error: `States.Runtime` is covered by nothing, and too much data only by its own name. */
function matches(names: readonly string[], error: StateError): boolean {
  if (error.error === 'States.Runtime') return false;
  if (names.includes(error.error)) return true;
  if (error.error === 'States.DataLimitExceeded') return false;
  if (names.includes('States.ALL')) return true;
  if (error instanceof TaskTimeout && error.clock === 'heartbeat' && names.includes('States.HeartbeatTimeout')) return true;
  return names.includes('States.TaskFailed') && error.error !== 'States.Timeout';
}
