import { describe, expect, it } from '@jest/globals';
import type { Json, TaskCall } from '../../rehearsal/states/world.ts';
import { CALLBACK, end, FUNCTION, INVOKE, laboratory, machine, rest, scope, start } from './laboratory.ts';

const task = (more: Record<string, Json> = {}): Json => ({ Type: 'Task', Resource: FUNCTION, End: true, ...more });

describe('the history of an execution', () => {
  it('carries payloads as JSON text, under the keys the API has', async () => {
    const lab = laboratory({ A: [{ returns: { Payload: 1 } }] });
    const Arguments = { FunctionName: FUNCTION, Payload: { a: 1 } };

    const run = start(
      lab,
      machine({
        A: task({ Resource: INVOKE, Arguments, TimeoutSeconds: 9, HeartbeatSeconds: 3, Assign: { r: '{% $states.result %}' } }),
      }),
      { in: 1 },
    );
    await end(lab, run);

    const details = Object.assign({}, ...run.history().map(({ type, details: told }) => ({ [type]: told }))) as Record<
      string,
      unknown
    >;
    expect(details['ExecutionStarted']).toMatchObject({
      executionStartedEventDetails: {
        input: '{"in":1}',
        inputDetails: { truncated: false },
        roleArn: 'arn:aws:iam::123456789012:role/runbooks',
      },
    });
    expect(details['TaskStateEntered']).toMatchObject({ stateEnteredEventDetails: { name: 'A', input: '{"in":1}' } });
    expect(details['TaskScheduled']).toEqual({
      taskScheduledEventDetails: {
        resourceType: 'lambda',
        resource: 'invoke',
        region: 'eu-west-1',
        parameters: JSON.stringify(Arguments),
        timeoutInSeconds: 9,
        heartbeatInSeconds: 3,
      },
    });
    expect(details['TaskSucceeded']).toMatchObject({
      taskSucceededEventDetails: { resourceType: 'lambda', resource: 'invoke', output: '{"Payload":1}' },
    });
    expect(details['TaskStateExited']).toMatchObject({
      stateExitedEventDetails: { name: 'A', output: '{"Payload":1}', assignedVariables: { r: '{"Payload":1}' } },
    });
    expect(details['ExecutionSucceeded']).toMatchObject({ executionSucceededEventDetails: { output: '{"Payload":1}' } });
  });

  it('chains the events of each branch on their own', async () => {
    const lab = laboratory();

    const run = start(
      lab,
      machine({
        P: {
          Type: 'Parallel',
          Branches: [
            scope({ A: { Type: 'Wait', Seconds: 1, End: true } }),
            scope({ B: { Type: 'Wait', Seconds: 2, End: true } }),
          ],
          End: true,
        },
      }),
    );
    await end(lab, run);

    const chain = run.history().map(({ id, previousEventId, type }) => [id, previousEventId, type]);
    expect(chain).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'ParallelStateEntered'],
      [3, 2, 'ParallelStateStarted'],
      [4, 3, 'WaitStateEntered'],
      [5, 3, 'WaitStateEntered'],
      [6, 4, 'WaitStateExited'],
      [7, 5, 'WaitStateExited'],
      [8, 7, 'ParallelStateSucceeded'],
      [9, 7, 'ParallelStateExited'],
      [10, 9, 'ExecutionSucceeded'],
    ]);
  });

  it('is told to the world as it happens', async () => {
    const lab = laboratory();

    const run = start(lab, machine({ A: task() }));
    await end(lab, run);

    expect(lab.heard).toEqual(run.history());
  });

  it('takes what the world records, and writes nothing of it twice', async () => {
    const lab = laboratory();
    const perform = (call: TaskCall): Promise<Json> => {
      call.record({
        type: 'TaskScheduled',
        details: { taskScheduledEventDetails: { resourceType: 'lambda', resource: 'mine' } },
      });
      call.record({ type: 'TaskSubmitted', details: { taskSubmittedEventDetails: { output: '{}' } } });
      return Promise.resolve('answer');
    };

    const run = start(
      { ...lab, world: { ...lab.world, perform } },
      machine({ A: task({ Resource: INVOKE, Arguments: { FunctionName: FUNCTION } }) }),
    );
    await end(lab, run);

    const types = run.history().map(({ type }) => type);
    expect(types.filter((type) => type.startsWith('Task'))).toEqual([
      'TaskStateEntered',
      'TaskScheduled',
      'TaskSubmitted',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
    ]);
    expect(run.history()[2]).toMatchObject({ details: { taskScheduledEventDetails: { resource: 'mine' } } });
  });
});

describe('a world that goes on talking', () => {
  it('adds nothing to an attempt that is over, and cannot keep its heart beating', async () => {
    const lab = laboratory();
    const calls: TaskCall[] = [];
    const perform = (call: TaskCall): Promise<Json> => {
      calls.push(call);
      return Promise.resolve('answer');
    };
    const run = start({ ...lab, world: { ...lab.world, perform } }, machine({ A: task({ HeartbeatSeconds: 5 }) }));
    await end(lab, run);
    const before = run.history().length;

    calls[0]?.record({ type: 'TaskSubmitted' });
    calls[0]?.beat();

    expect(run.history()).toHaveLength(before);
    expect(lab.left()).toEqual({ timers: 0, holds: 0 });
  });

  it.each<[string, () => Promise<Json>]>([
    ['throws what is no error of a task', () => Promise.reject(new TypeError('no such thing'))],
    [
      'throws at once',
      () => {
        throw new TypeError('no such thing');
      },
    ],
  ])('fails the run by name when it %s', async (_what, perform) => {
    const lab = laboratory();

    const run = start({ ...lab, world: { ...lab.world, perform } }, machine({ A: task() }));
    const outcome = await end(lab, run);

    expect(outcome).toEqual({ status: 'FAILED', error: 'States.Runtime', cause: 'TypeError: no such thing' });
    expect(lab.left()).toEqual({ timers: 0, holds: 0 });
  });
});

describe('stopping an execution', () => {
  it('ends it as ABORTED at once, with what the caller said', async () => {
    const lab = laboratory({ A: [{ never: true }] });
    const run = start(lab, machine({ A: task({ TimeoutSeconds: 60 }) }));
    await rest(lab);

    run.stop('Superseded', 'a newer failover');

    expect(run.outcome()).toEqual({ status: 'ABORTED', error: 'Superseded', cause: 'a newer failover' });
    await expect(run.ended).resolves.toEqual(run.outcome());
    expect(run.history().at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      details: { executionAbortedEventDetails: { error: 'Superseded', cause: 'a newer failover' } },
    });
    expect(lab.calls[0]?.signal.aborted).toBe(true);
  });

  it.each<[string, Json]>([
    ['a wait', { Type: 'Wait', Seconds: 3600, End: true }],
    [
      'a token',
      task({
        Resource: CALLBACK,
        Arguments: { FunctionName: FUNCTION, Payload: '{% $states.context.Task.Token %}' },
        HeartbeatSeconds: 9,
      }),
    ],
    [
      'a Map',
      { Type: 'Map', Items: [1, 2, 3], ItemProcessor: scope({ B: { Type: 'Wait', Seconds: 3600, End: true } }), End: true },
    ],
  ])('leaves no timer, no hold and no later event behind %s', async (_what, state) => {
    const lab = laboratory({ A: [{ never: true }] });
    const run = start(lab, machine({ A: state }));
    await rest(lab);

    run.stop();
    await rest(lab);

    expect(lab.left()).toEqual({ timers: 0, holds: 0 });
    expect(run.outcome()).toEqual({ status: 'ABORTED' });
    expect(run.history().at(-1)?.type).toBe('ExecutionAborted');
  });

  it('leaves an execution that ended as it is', async () => {
    const lab = laboratory();
    const run = start(lab, machine({ A: { Type: 'Succeed' } }));
    await end(lab, run);

    run.stop('late');

    expect(run.outcome()?.status).toBe('SUCCEEDED');
    expect(run.history().at(-1)?.type).toBe('ExecutionSucceeded');
  });
});

describe('time', () => {
  it('stands still for everyone else while a machine computes', async () => {
    const lab = laboratory();
    let jumped = false;
    lab.timeline.after(3_600_000, () => (jumped = true));

    const run = start(
      lab,
      machine({
        A: { Type: 'Map', Items: [1, 2, 3], ItemProcessor: scope({ B: { Type: 'Pass', End: true } }), Next: 'C' },
        C: { Type: 'Succeed' },
      }),
    );
    await end(lab, run);

    expect(jumped).toBe(false);
  });

  it('passes while a machine waits', async () => {
    const lab = laboratory();
    const seen: string[] = [];
    lab.timeline.after(1_800_000, () => seen.push('half'));

    const run = start(lab, machine({ A: { Type: 'Wait', Seconds: 3600, End: true } }));
    await end(lab, run);

    expect(seen).toEqual(['half']);
  });

  it('gives the late answer of a task that timed out to nobody', async () => {
    const lab = laboratory({ A: [{ after: 20, returns: 'late' }] });

    const run = start(
      lab,
      machine({
        A: task({ TimeoutSeconds: 10, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }] }),
        B: { Type: 'Wait', Seconds: 60, Output: 'after all', End: true },
      }),
    );
    const outcome = await end(lab, run);

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: 'after all' });
    expect(run.history().filter(({ type }) => type === 'LambdaFunctionSucceeded')).toEqual([]);
    expect(lab.calls[0]?.signal.aborted).toBe(true);
  });
});
