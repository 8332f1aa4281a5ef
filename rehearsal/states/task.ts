// A Task: one attempt from its arguments to its result, under its two clocks.
import type { TaskState, Template } from './definition.ts';
import { asStateError, Interrupted, TaskTimeout, tooLarge } from './errors.ts';
import { checkPayload, leave } from './leaving.ts';
import type { Exit } from './leaving.ts';
import { bytesOf, MAX_PAYLOAD_BYTES, MAX_SECONDS } from './limits.ts';
import { createTaskLog, serviceOf } from './tasklog.ts';
import type { Attempt, TaskLog } from './tasklog.ts';
import { evaluate, evaluateAs, within } from './visit.ts';
import type { Visit } from './visit.ts';
import { StateError } from './world.ts';
import type { HistoryDraft, Json } from './world.ts';

export async function runTask(visit: Visit<TaskState>): Promise<Exit> {
  const { state, fiber } = visit;
  const token = state.integration.endsWith('.waitForTaskToken') ? fiber.execution.world.issueToken(state.name) : undefined;
  const given = state.arguments === undefined ? visit.input : await evaluate(visit, state.arguments, { token });
  checkPayload(state.name, given);
  const timeoutSeconds = await secondsOf(visit, state.timeoutSeconds);
  const heartbeatSeconds = await secondsOf(visit, state.heartbeatSeconds);
  if (heartbeatSeconds !== undefined && timeoutSeconds !== undefined && heartbeatSeconds >= timeoutSeconds) {
    throw new StateError(
      'States.Runtime',
      `HeartbeatSeconds (${heartbeatSeconds}) must be smaller than TimeoutSeconds (${timeoutSeconds})`,
    );
  }
  const result = await perform(visit, { state, arguments: given, timeoutSeconds, heartbeatSeconds }, token);
  return leave(visit, state, result, { result });
}

async function secondsOf(visit: Visit, template: Template | undefined): Promise<number | undefined> {
  return template === undefined ? undefined : evaluateAs(visit, template, 'positive integer', within(1, MAX_SECONDS));
}

/** Waits for the world's answer; whatever it was is in the history before anything is made of it. */
async function perform(visit: Visit<TaskState>, attempt: Attempt, token: string | undefined): Promise<Json> {
  const log = createTaskLog(visit.fiber, attempt);
  try {
    const result = await visit.fiber.presence.away(() => call(visit, attempt, token, log));
    const { state } = attempt;
    if (bytesOf(result) > MAX_PAYLOAD_BYTES)
      throw tooLarge(state.integration === 'function' ? state.resource : serviceOf(state).resourceType);
    log.succeeded(result);
    return result;
  } catch (thrown) {
    if (thrown instanceof Interrupted) throw thrown;
    const error = asStateError(thrown);
    log.failed(error);
    throw error;
  }
}

/** Races the world against the clocks. Late answers of a task that timed out go nowhere. */
function call({ fiber, retryCount }: Visit<TaskState>, attempt: Attempt, token: string | undefined, log: TaskLog): Promise<Json> {
  const { world } = fiber.execution;
  const { state, timeoutSeconds, heartbeatSeconds } = attempt;
  const given = new AbortController();
  return new Promise<Json>((resolve, reject) => {
    const clocks = createClocks((seconds, work) => world.timeline.after(seconds * 1000, work));
    let over = false;
    const end = (settle: () => void, why?: Error): void => {
      over = true;
      clocks.stop();
      fiber.signal.removeEventListener('abort', interrupted);
      if (why) given.abort(why);
      settle();
    };
    const expire = (error: TaskTimeout) => (): void => end(() => reject(error), error);
    const interrupted = (): void => end(() => undefined, fiber.signal.reason as Error);
    const beat = (): void => clocks.set('heartbeat', heartbeatSeconds, expire(new TaskTimeout('heartbeat')));
    fiber.signal.addEventListener('abort', interrupted, { once: true });
    clocks.set('timeout', timeoutSeconds, expire(new TaskTimeout('timeout')));
    beat();
    const { integration, resource, name } = state;
    const common = {
      integration,
      resource,
      arguments: attempt.arguments,
      token,
      state: name,
      retryCount,
      timeoutSeconds,
      heartbeatSeconds,
    };
    // What the world learns after the attempt is over no longer belongs to the history.
    const record = (draft: HistoryDraft): number => (over ? fiber.chain.last : log.record(draft));
    // A world that throws at once is a world that rejects.
    const answer = (async () => world.perform({ ...common, signal: given.signal, record, beat }))();
    try {
      log.started();
    } catch (error) {
      end(() => reject(asStateError(error)));
    }
    answer.then(
      (result) => end(() => resolve(result)),
      (error: unknown) => end(() => reject(asStateError(error))),
    );
  });
}

interface Clocks {
  /** Starts a clock, or starts it anew; one that was stopped for good stays so. */
  set(name: 'timeout' | 'heartbeat', seconds: number | undefined, work: () => void): void;
  stop(): void;
}

function createClocks(after: (seconds: number, work: () => void) => () => void): Clocks {
  const running = new Map<string, () => void>();
  let stopped = false;
  return {
    set(name, seconds, work) {
      if (stopped || seconds === undefined) return;
      running.get(name)?.();
      running.set(name, after(seconds, work));
    },
    stop() {
      stopped = true;
      for (const cancel of running.values()) cancel();
    },
  };
}
