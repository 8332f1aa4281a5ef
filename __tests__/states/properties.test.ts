import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidDefinition } from '../../rehearsal/states/faults.ts';
import { loadMachine } from '../../rehearsal/states/load.ts';
import type { Outcome, Run } from '../../rehearsal/states/run.ts';
import { redrive, startMachine, whyNotRedrivable } from '../../rehearsal/states/run.ts';
import type { HistoryEvent, Json } from '../../rehearsal/states/world.ts';
import { anyAnswer, anyMachine, mutated } from './generated.ts';
import type { Answer, Laboratory, Script } from './laboratory.ts';
import { end, IDENTITY, laboratory, start } from './laboratory.ts';

const LAST: Readonly<Record<Outcome['status'], string>> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

/** A broken loop may go round until the history is full: after so many events it is stopped instead. */
const PATIENCE = 500;

/** Every state draws from the same answers, one after the other. */
function scriptOf(answers: readonly Answer[]): Script {
  return new Proxy<Record<string, readonly Answer[]>>({}, { get: () => answers });
}

function expectEnded(lab: Laboratory, run: Run, outcome: Outcome): void {
  const history = run.history();
  expect(history.at(-1)?.type).toBe(LAST[outcome.status]);
  expect(history.map(({ id }) => id)).toEqual(history.map((_event, i) => i + 1));
  expect(history.filter(({ id, previousEventId }) => previousEventId >= id)).toEqual([]);
  expect(history.filter(({ timestamp }, i) => timestamp < (history[i - 1]?.timestamp ?? 0))).toEqual([]);
  expect(lab.left()).toEqual({ timers: 0, holds: 0 });
}

describe('machines nobody wrote', () => {
  it('always end, and leave nothing behind', async () => {
    const property = fc.asyncProperty(fc.gen(), fc.array(anyAnswer, { minLength: 1, maxLength: 6 }), async (draw, answers) => {
      const lab = laboratory(scriptOf(answers), seeded(answers.length));
      const run = start(lab, anyMachine(draw));

      const outcome = await end(lab, run);

      expectEnded(lab, run, outcome);
      lab.timeline.stop();
    });

    await fc.assert(property, { numRuns: 250 });
  });

  it('can be driven again wherever they failed', async () => {
    const property = fc.asyncProperty(fc.gen(), fc.array(anyAnswer, { minLength: 1, maxLength: 4 }), async (draw, answers) => {
      const lab = laboratory(scriptOf([...answers, { returns: 'well' }]), seeded(answers.length));
      const first = start(lab, anyMachine(draw));
      await end(lab, first);

      fc.pre(whyNotRedrivable(first, lab.timeline.now()) === undefined);
      const second = redrive(first);
      const outcome = await end(lab, second);

      expect(second.history().filter(({ type }) => type === 'ExecutionRedriven')).toHaveLength(1);
      expectEnded(lab, second, outcome);
      lab.timeline.stop();
    });

    await fc.assert(property, { numRuns: 100 });
  });

  it('can be stopped at any moment', async () => {
    const property = fc.asyncProperty(
      fc.gen(),
      fc.array(anyAnswer, { minLength: 1 }),
      fc.integer({ min: 0, max: 2000 }),
      async (draw, answers, seconds) => {
        const lab = laboratory(scriptOf(answers), seeded(seconds));
        const run = start(lab, anyMachine(draw));
        lab.timeline.after(seconds * 1000, () => run.stop('Stopped'));

        const outcome = await end(lab, run);

        expectEnded(lab, run, outcome);
        lab.timeline.stop();
      },
    );

    await fc.assert(property, { numRuns: 100 });
  });

  it('are refused with named faults when they are broken, or run to an end', async () => {
    const property = fc.asyncProperty(fc.gen(), async (draw) => {
      const definition = Array.from({ length: draw(fc.integer, { min: 1, max: 3 }) }).reduce<Json>(
        (broken) => mutated(draw, broken),
        anyMachine(draw),
      );

      const machine = loadedOrRefused(definition);

      if (!machine) return;
      const lab = laboratory();
      const onEvent = ({ id }: HistoryEvent): void => {
        if (id === PATIENCE) run.stop();
      };
      const world = { ...lab.world, onEvent };
      const run: Run = startMachine(machine, { input: {}, world, context: IDENTITY });
      expectEnded(lab, run, await end(lab, run));
      lab.timeline.stop();
    });

    await fc.assert(property, { numRuns: 1000 });
  });
});

function loadedOrRefused(definition: Json): ReturnType<typeof loadMachine> | undefined {
  try {
    return loadMachine(JSON.stringify(definition));
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    expect(error.faults.length).toBeGreaterThan(0);
    expect(error.faults.filter(({ path, message }) => !path.startsWith('/') || message === '')).toEqual([]);
    return undefined;
  }
}

/** Chance that is the same every time. */
function seeded(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
