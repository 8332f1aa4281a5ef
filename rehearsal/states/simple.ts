// The states that call nothing: Pass, Choice, Wait, Succeed and Fail.
import type { ChoiceState, FailState, PassState, SucceedState, WaitState } from './definition.ts';
import { leave } from './leaving.ts';
import type { Exit } from './leaving.ts';
import { MAX_SECONDS } from './limits.ts';
import { isTimestamp } from './timestamp.ts';
import { causeIn, evaluateAs, isText, isTruth, unexpected, within } from './visit.ts';
import type { Visit } from './visit.ts';
import { StateError } from './world.ts';

export const runPass = (visit: Visit<PassState>): Promise<Exit> => leave(visit, visit.state, visit.input);

/** Takes the first rule that holds; later ones are not even evaluated. */
export async function runChoice(visit: Visit<ChoiceState>): Promise<Exit> {
  const { state, input, fiber } = visit;
  for (const { condition, leaving } of state.rules) {
    if (await evaluateAs(visit, condition, 'boolean', isTruth)) return leave(visit, leaving, input);
  }
  if (state.otherwise) return leave(visit, state.otherwise, input);
  throw new StateError('States.NoChoiceMatched', causeIn(fiber, state, 'No choice rule matched, and the state has no Default.'));
}

export async function runWait(visit: Visit<WaitState>): Promise<Exit> {
  const { fiber } = visit;
  const { timeline } = fiber.execution.world;
  const milliseconds = await millisecondsOf(visit, timeline.now());
  // A moment that has passed is not waited for.
  if (milliseconds > 0) await fiber.presence.away(() => timeline.wait(milliseconds, fiber.signal));
  return leave(visit, visit.state, visit.input);
}

async function millisecondsOf(visit: Visit<WaitState>, now: number): Promise<number> {
  const { seconds, timestamp } = visit.state;
  if (seconds) return (await evaluateAs(visit, seconds, 'non-negative integer', within(0, MAX_SECONDS))) * 1000;
  if (!timestamp) return 0;
  const text = await evaluateAs(visit, timestamp, 'string', isText);
  if (!isTimestamp(text)) throw unexpected(visit, timestamp, 'timestamp', text);
  return Date.parse(text) - now;
}

export async function runSucceed(visit: Visit<SucceedState>): Promise<Exit> {
  const { output } = visit.state;
  return leave(visit, { output, assign: [], next: undefined }, visit.input);
}

/** Ends its scope in an error of the author's own naming. */
export async function runFail(visit: Visit<FailState>): Promise<never> {
  const { error, cause } = visit.state;
  const name = error && (await evaluateAs(visit, error, 'string', isText));
  const why = cause && (await evaluateAs(visit, cause, 'string', isText));
  // Without Error there is no name at all: only States.ALL matches it.
  throw new StateError(name ?? '', why);
}
