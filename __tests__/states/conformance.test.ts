import { describe, expect, it } from '@jest/globals';
import { InvalidDefinition } from '../../rehearsal/states/faults.ts';
import type { Fault } from '../../rehearsal/states/faults.ts';
import { loadMachine } from '../../rehearsal/states/load.ts';
import type { Json } from '../../rehearsal/states/world.ts';
import type { Case, Expectation } from './case.ts';
import { data } from './cases/data.ts';
import { errors } from './cases/errors.ts';
import { flow } from './cases/flow.ts';
import { limits } from './cases/limits.ts';
import { calls } from './cases/refusals/calls.ts';
import { expressions } from './cases/refusals/expressions.ts';
import { rules } from './cases/refusals/rules.ts';
import { structure } from './cases/refusals/structure.ts';
import { tasks } from './cases/tasks.ts';
import { end, laboratory, start } from './laboratory.ts';
import type { Laboratory } from './laboratory.ts';

const THEMES: Readonly<Record<string, readonly Case[]>> = {
  flow,
  errors,
  tasks,
  data,
  limits,
  'refusals of structure': structure,
  'refusals of calls': calls,
  'refusals of rules': rules,
  'refusals of expressions': expressions,
};
const ALL = Object.values(THEMES).flat();

describe('the table of cases', () => {
  it('has at least 120 of them, each with a title of its own', () => {
    const titles = new Set(ALL.map(({ title }) => title));

    expect(titles.size).toBe(ALL.length);
    expect(ALL.length).toBeGreaterThanOrEqual(120);
  });

  it.each(ALL.map(({ title, says }) => [title, says] as const))('%s: names the sentence it comes from', (_title, says) => {
    expect(says).toMatch(
      /^(Amazon States Language|Step Functions (Developer Guide|API Reference)|JSONata documentation), [^:]+: .{20,}/s,
    );
  });
});

describe.each(Object.entries(THEMES))('%s', (_theme, cases) => {
  it.each(cases.map((each) => [each.title, each] as const))('%s', async (_title, each) => {
    if (each.expect.refused) expectRefusal(each.machine, each.expect.refused);
    else await expectRun(each);
  });
});

function expectRefusal(definition: Json, [code, path, words]: NonNullable<Expectation['refused']>): void {
  const faults = faultsOf(definition as object | string);

  expect(faults).toContainEqual({ code, path, message: expect.stringContaining(words) });
}

/** The faults of a definition; an error of another kind is no refusal. */
function faultsOf(definition: object | string): readonly Fault[] {
  try {
    loadMachine(definition);
    return [];
  } catch (error) {
    if (error instanceof InvalidDefinition) return error.faults;
    throw error;
  }
}

async function expectRun(each: Case): Promise<void> {
  const { machine, input = {}, tasks: script = {}, random = 0.5, expect: wanted } = each;
  const lab = laboratory(script, () => random);

  const run = start(lab, machine as object, input);
  const outcome = await end(lab, run);

  expect(outcome).toMatchObject(outcomeOf(wanted));
  if (wanted.error === null) expect(outcome).not.toHaveProperty('error');
  if (wanted.cause === null) expect(outcome).not.toHaveProperty('cause');
  expectWork(lab, wanted);
  expectEvents(
    run.history().map(({ type }) => type),
    wanted,
  );
  expect(lab.left()).toEqual({ timers: 0, holds: 0 });
  expect(run.history().map(({ id }) => id)).toEqual(run.history().map((_event, i) => i + 1));
  lab.timeline.stop();
}

function outcomeOf({ status, output, error, cause }: Expectation): Record<string, unknown> {
  return {
    ...(status === undefined ? {} : { status }),
    ...(output === undefined ? {} : { output }),
    ...(typeof error === 'string' ? { error } : {}),
    ...(typeof cause === 'string' ? { cause: expect.stringContaining(cause) } : {}),
  };
}

function expectWork(lab: Laboratory, { waits, attempts = {}, given = {} }: Expectation): void {
  if (waits) expect(lab.waits.map((milliseconds) => milliseconds / 1000)).toEqual(waits);
  for (const [state, count] of Object.entries(attempts)) {
    expect([state, lab.calls.filter((call) => call.state === state).length]).toEqual([state, count]);
  }
  for (const [state, value] of Object.entries(given)) {
    expect(lab.calls.find((call) => call.state === state)?.arguments).toEqual(value);
  }
}

function expectEvents(types: readonly string[], { events, has = [], lacks = [] }: Expectation): void {
  if (events) expect(types).toEqual(events);
  expect(types).toEqual(expect.arrayContaining([...has]));
  expect(lacks.filter((type) => types.includes(type))).toEqual([]);
}
