import { describe, expect, it } from '@jest/globals';
import type { Run } from '../../rehearsal/states/run.ts';
import { redrive, whyNotRedrivable } from '../../rehearsal/states/run.ts';
import type { Json } from '../../rehearsal/states/world.ts';
import type { Script } from './laboratory.ts';
import { end, FUNCTION, laboratory, machine, rest, scope, start } from './laboratory.ts';

const task = (more: Record<string, Json> = {}): Json => ({ Type: 'Task', Resource: FUNCTION, End: true, ...more });
const DAY = 24 * 3600 * 1000;

/** Runs to its first end, then drives it again. */
async function twice(states: Record<string, Json>, script: Script, more: Record<string, Json> = {}) {
  const lab = laboratory(script);
  const first = start(lab, machine(states, more), { in: 'put' });
  const before = await end(lab, first);
  const firstEvents = first.history().length;
  const second = redrive(first);
  const after = await end(lab, second);
  expect(lab.left()).toEqual({ timers: 0, holds: 0 });
  const types = second.history().map(({ type }) => type);
  return {
    lab,
    before,
    after,
    second,
    types: types.slice(firstEvents),
    attempts: (state: string) => lab.calls.filter((call) => call.state === state).length,
  };
}

describe('an execution driven again', () => {
  it('goes on at the state that failed, with its input and its variables', async () => {
    const { before, after, types, second } = await twice(
      {
        A: { Type: 'Pass', Assign: { x: 'kept' }, Output: 'of A', Next: 'B' },
        B: task({
          Output: [
            '{% $states.input %}',
            '{% $x %}',
            '{% $states.context.Execution.RedriveCount %}',
            '{% $states.context.Execution.Input.in %}',
          ],
        }),
      },
      { B: [{ fails: 'Broken' }, { returns: 1 }] },
    );

    expect(before.status).toBe('FAILED');
    expect(after).toEqual({ status: 'SUCCEEDED', output: ['of A', 'kept', 1, 'put'] });
    expect(types).toEqual([
      'ExecutionRedriven',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(second.history().find(({ type }) => type === 'ExecutionRedriven')).toMatchObject({
      details: { executionRedrivenEventDetails: { redriveCount: 1 } },
    });
    expect(second.history().map(({ id }) => id)).toEqual(second.history().map((_event, i) => i + 1));
  });

  it('has all its retries again', async () => {
    const { attempts, after } = await twice(
      { A: task({ Retry: [{ ErrorEquals: ['NotYet'], MaxAttempts: 2 }] }) },
      { A: [{ fails: 'NotYet' }] },
    );

    expect(after).toEqual({ status: 'FAILED', error: 'NotYet' });
    expect(attempts('A')).toBe(6);
  });

  it('runs only the branches of a Parallel that did not succeed', async () => {
    const { attempts, after, types } = await twice(
      {
        P: { Type: 'Parallel', Branches: [scope({ A: task() }), scope({ B: task() }), scope({ C: task() })], Next: 'D' },
        D: { Type: 'Succeed' },
      },
      { A: [{ returns: 'a' }], B: [{ after: 5, fails: 'Broken' }, { returns: 'b' }], C: [{ after: 60, returns: 'c' }] },
    );

    expect(after).toEqual({ status: 'SUCCEEDED', output: ['a', 'b', 'c'] });
    expect([attempts('A'), attempts('B'), attempts('C')]).toEqual([1, 2, 2]);
    expect(types).not.toContain('ParallelStateEntered');
  });

  it('runs only the iterations of a Map that did not succeed, and those that never began', async () => {
    const { lab, after } = await twice(
      { M: { Type: 'Map', Items: [1, 2, 3], MaxConcurrency: 1, ItemProcessor: scope({ A: task() }), End: true } },
      { A: [{ returns: 'one' }, { fails: 'Broken' }, { returns: 'rest' }] },
    );

    expect(after).toEqual({ status: 'SUCCEEDED', output: ['one', 'rest', 'rest'] });
    expect(lab.calls.map((call) => call.arguments)).toEqual([1, 2, 2, 3]);
  });

  it('runs a Parallel whole when its results had been too much data', async () => {
    const half = 'x'.repeat(131_080);
    const { attempts, after } = await twice(
      { P: { Type: 'Parallel', Branches: [scope({ A: task() }), scope({ B: task() })], Output: 'small', End: true } },
      { A: [{ returns: half }, { returns: 'a' }], B: [{ returns: half }, { returns: 'b' }] },
    );

    expect(after).toEqual({ status: 'SUCCEEDED', output: 'small' });
    expect([attempts('A'), attempts('B')]).toEqual([2, 2]);
  });

  it('fails again in a Fail state', async () => {
    const { after, types } = await twice({ A: { Type: 'Fail', Error: 'PlanRefused' } }, {});

    expect(after).toEqual({ status: 'FAILED', error: 'PlanRefused' });
    expect(types).toEqual(['ExecutionRedriven', 'FailStateEntered', 'ExecutionFailed']);
  });

  it('has the whole timeout of the machine again', async () => {
    const { before, after } = await twice(
      { A: { Type: 'Task', Resource: FUNCTION, Next: 'B' }, B: task() },
      {
        A: [{ after: 20, returns: 1 }],
        B: [
          { after: 20, returns: 'late' },
          { after: 20, returns: 'in time' },
        ],
      },
      { TimeoutSeconds: 30 },
    );

    expect(before.status).toBe('TIMED_OUT');
    expect(after).toEqual({ status: 'SUCCEEDED', output: 'in time' });
  });

  it('leaves a Wait whose Timestamp has passed meanwhile', async () => {
    const lab = laboratory();
    const first = start(lab, machine({ A: { Type: 'Wait', Timestamp: '2026-01-02T00:00:00Z', End: true } }));
    await rest(lab);
    first.stop();
    await lab.timeline.passTo(Date.parse('2026-01-03T00:00:00Z'));
    const asked = lab.waits.length;

    const after = await end(lab, redrive(first));

    expect(after.status).toBe('SUCCEEDED');
    expect(lab.waits.length).toBe(asked);
  });

  it('can be driven again and again', async () => {
    const { lab, second } = await twice(
      { A: task({ Output: '{% $states.context.Execution.RedriveCount %}' }) },
      { A: [{ fails: 'X' }, { fails: 'X' }, { returns: 1 }] },
    );

    const third = redrive(second);
    const outcome = await end(lab, third);

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: 2 });
    expect(third.redriveCount).toBe(2);
  });
});

describe('whether an execution can be driven again', () => {
  const failed = async (): Promise<{ run: Run; now: number }> => {
    const lab = laboratory();
    const run = start(lab, machine({ A: { Type: 'Fail' } }));
    await end(lab, run);
    return { run, now: lab.timeline.now() };
  };

  it('says no while it runs', () => {
    const lab = laboratory();

    const run = start(lab, machine({ A: { Type: 'Wait', Seconds: 9, End: true } }));

    expect(whyNotRedrivable(run, lab.timeline.now())).toBe('Execution is RUNNING and cannot be redriven');
    expect(() => redrive(run)).toThrow('Execution is RUNNING and cannot be redriven');
    run.stop();
  });

  it('says no once it succeeded', async () => {
    const lab = laboratory();
    const run = start(lab, machine({ A: { Type: 'Succeed' } }));

    await end(lab, run);

    expect(whyNotRedrivable(run, lab.timeline.now())).toBe('Execution is SUCCEEDED and cannot be redriven');
  });

  it('says yes for fourteen days, and then no', async () => {
    const { run, now } = await failed();

    expect(whyNotRedrivable(run, now + 14 * DAY - 1000)).toBeUndefined();
    expect(whyNotRedrivable(run, now + 14 * DAY + 1000)).toBe('Execution redrivable period exceeded');
  });

  it('says no when its history is full', async () => {
    const lab = laboratory();
    const run = start(
      lab,
      machine({
        A: { Type: 'Pass', Next: 'B' },
        B: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'C' }], Default: 'A' },
        C: { Type: 'Succeed' },
      }),
    );

    await end(lab, run);

    expect(whyNotRedrivable(run, lab.timeline.now())).toBe('Execution history event limit exceeded');
  });
});
