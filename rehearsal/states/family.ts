// Parallel and Map: children that run side by side, and what becomes of them when one fails.
import { setMaxListeners } from 'node:events';
import type { MapState, ParallelState, Scope } from './definition.ts';
import { asStateError, Interrupted } from './errors.ts';
import { checkInterrupted, createFrame, createPresence } from './execution.ts';
import type { Child, Family, Fiber, Frame } from './execution.ts';
import { detailed } from './history.ts';
import { checkPayload, forget, forgetChildren, leave } from './leaving.ts';
import type { Exit } from './leaving.ts';
import { INLINE_MAP_CONCURRENCY } from './limits.ts';
import { evaluate, evaluateAs, isList, unexpected, within } from './visit.ts';
import type { Visit } from './visit.ts';
import { StateError } from './world.ts';
import type { HistoryDraft, Json } from './world.ts';

/** Runs a scope to its output: given by the walker, which runs states. */
export type RunScope = (fiber: Fiber) => Promise<Json>;

/** How one kind of state brings up its children. */
interface Upbringing {
  readonly count: number;
  readonly concurrency: number;
  frame(index: number): Promise<Frame>;
  /** The event that tells of one child: iterations have them, branches do not. */
  tell(what: 'Started' | 'Succeeded' | 'Failed' | 'Aborted', index: number): HistoryDraft | undefined;
  /** What the state fails with once these many children failed, if it does. */
  verdict(failures: number, last: StateError): StateError | undefined;
}

export async function runParallel(visit: Visit<ParallelState>, runScope: RunScope): Promise<Exit> {
  const { state, fiber } = visit;
  const resumed = fiber.frame.family;
  const input = state.arguments === undefined ? visit.input : await evaluate(visit, state.arguments);
  checkPayload(state.name, input);
  const family = begin(visit, []);
  if (!resumed) fiber.execution.history.write(fiber.chain, { type: 'ParallelStateStarted' });
  const results = await raise(visit, family, runScope, {
    count: state.branches.length,
    concurrency: state.branches.length,
    frame: (index) => Promise.resolve(createFrame(state.branches[index] as Scope, input, fiber.frame)),
    tell: () => undefined,
    verdict: (_failures, last) => last,
  });
  return succeed(visit, results);
}

export async function runMap(visit: Visit<MapState>, runScope: RunScope): Promise<Exit> {
  const { state, fiber } = visit;
  const { history } = fiber.execution;
  const resumed = fiber.frame.family;
  const concurrency = await numberOf(visit, 'maxConcurrency', within(0, Number.MAX_SAFE_INTEGER));
  const items = resumed?.items ?? (await itemsOf(visit));
  if (!resumed) history.write(fiber.chain, detailed('MapStateStarted', { length: items.length }));
  const verdict = await verdictOf(visit, items.length);
  const results = await raise(visit, begin(visit, items), runScope, {
    count: items.length,
    concurrency: Math.min(concurrency ?? 0, INLINE_MAP_CONCURRENCY) || INLINE_MAP_CONCURRENCY,
    frame: (index) => iteration(visit, items, index),
    tell: (what, index) => detailed(`MapIteration${what}`, { name: state.name, index }),
    verdict,
  });
  return succeed(visit, results);
}

function begin({ fiber }: Visit, items: readonly Json[]): Family {
  fiber.frame.family ??= { items, children: new Map() };
  return fiber.frame.family;
}

async function itemsOf(visit: Visit<MapState>): Promise<Json[]> {
  const { items, name } = visit.state;
  if (items) return evaluateAs(visit, items, 'array', isList);
  if (isList(visit.input)) return visit.input;
  throw unexpected(visit, { kind: 'literal', value: name }, 'array', visit.input);
}

async function iteration(visit: Visit<MapState>, items: readonly Json[], index: number): Promise<Frame> {
  const { state, fiber } = visit;
  const item = { Index: index, Value: items[index] ?? null };
  const input = state.selector === undefined ? item.Value : await evaluate(visit, state.selector, { item });
  checkPayload(state.name, input);
  return createFrame(state.processor, input, fiber.frame, item);
}

type Count = 'maxConcurrency' | 'toleratedFailureCount' | 'toleratedFailurePercentage';

async function numberOf(visit: Visit<MapState>, name: Count, is: (value: Json) => value is number): Promise<number | undefined> {
  const template = visit.state[name];
  return template && evaluateAs(visit, template, 'non-negative number', is);
}

/** Without a tolerance the first failure is the Map's own; with one, passing it has a name of its own. */
async function verdictOf(visit: Visit<MapState>, length: number): Promise<Upbringing['verdict']> {
  const count = await numberOf(visit, 'toleratedFailureCount', within(0, Number.MAX_SAFE_INTEGER));
  const percentage = await numberOf(visit, 'toleratedFailurePercentage', within(0, 100, false));
  if (count === undefined && percentage === undefined) return (_failures, last) => last;
  return (failures) =>
    failures > (count ?? Infinity) || (failures / length) * 100 > (percentage ?? Infinity)
      ? new StateError('States.ExceedToleratedFailureThreshold', 'The specified tolerated failure threshold was exceeded')
      : undefined;
}

/** AWS writes the success aside: the exit follows the last child, not this event. */
async function succeed(visit: Visit<ParallelState | MapState>, results: Json[]): Promise<Exit> {
  const { fiber, state } = visit;
  try {
    checkPayload(state.name, results);
    const exit = await leave(visit, state, results, { result: results });
    fiber.execution.history.writeAside(fiber.chain, { type: `${state.type}StateSucceeded` });
    return exit;
  } catch (error) {
    throw fail(visit, asStateError(error));
  }
}

function fail({ fiber, state }: Visit, error: StateError): StateError {
  // What outgrew its limits is run again whole by a redrive.
  if (error.error === 'States.DataLimitExceeded') forgetChildren(fiber.execution, fiber.frame);
  fiber.execution.history.write(fiber.chain, { type: `${state.type}StateFailed` });
  return error;
}

/** Runs the children, a few at a time; the first verdict stops the rest. */
async function raise(
  visit: Visit<ParallelState | MapState>,
  family: Family,
  runScope: RunScope,
  how: Upbringing,
): Promise<Json[]> {
  const { fiber } = visit;
  const failing = new AbortController();
  const signal = AbortSignal.any([fiber.signal, failing.signal]);
  // Forty iterations may listen at once.
  setMaxListeners(0, signal);
  const origin = fiber.chain.last;
  let [next, failures] = [0, 0];
  let failure: { error: StateError; at: number } | undefined;

  async function one(index: number): Promise<void> {
    const child: Fiber = {
      execution: fiber.execution,
      frame: fiber.frame,
      chain: { last: origin },
      signal,
      resumed: false,
      presence: createPresence(fiber.execution.world, signal),
    };
    try {
      await bringUp(child, family, index, runScope, how);
      fiber.chain.last = child.chain.last;
    } catch (thrown) {
      if (thrown instanceof Interrupted) return;
      const error = how.verdict(++failures, asStateError(thrown));
      if (!error || failure) return;
      failure = { error, at: child.chain.last };
      failing.abort(new Interrupted('a sibling failed'));
    } finally {
      child.presence.leave();
    }
  }

  async function worker(): Promise<void> {
    while (next < how.count && !signal.aborted) {
      const index = next++;
      if (!family.children.get(index)?.result) await one(index);
    }
  }

  await fiber.presence.attend(() => Promise.all(Array.from({ length: Math.min(how.concurrency, how.count) }, worker)));
  checkInterrupted(fiber.signal);
  if (failure) {
    fiber.chain.last = failure.at;
    throw fail(visit, failure.error);
  }
  return Array.from({ length: how.count }, (_, i) => family.children.get(i)?.result).flatMap((result) =>
    result ? [result.output] : [],
  );
}

/** One child from wherever it stands to its end, told in the history. */
async function bringUp(fiber: Fiber, family: Family, index: number, runScope: RunScope, how: Upbringing): Promise<void> {
  const { history } = fiber.execution;
  const tell = (what: Parameters<Upbringing['tell']>[0]): void => {
    const event = how.tell(what, index);
    if (event) history.write(fiber.chain, event);
  };
  tell('Started');
  try {
    const known = family.children.get(index);
    const child: Child = known ?? { frame: await how.frame(index), result: undefined };
    family.children.set(index, child);
    child.result = { output: await runScope({ ...fiber, frame: child.frame, resumed: child.frame.entered > 0 }) };
    forget(fiber.execution, child.frame);
    tell('Succeeded');
  } catch (error) {
    if (!(error instanceof Interrupted)) tell('Failed');
    else if (isRoom(fiber)) tell('Aborted');
    throw error;
  }
}

/** A full history takes no more news of what was stopped. */
export function isRoom({ execution }: Fiber): boolean {
  return execution.history.room();
}
