// Retry and Catch: who matches what, how often, how long, and what the machine carries on with.
import type { Json } from '../../../rehearsal/states/world.ts';
import { GUIDE, LANGUAGE } from '../case.ts';
import type { Case } from '../case.ts';
import { FUNCTION, INVOKE, machine, scope } from '../laboratory.ts';

const ERRORS = `${GUIDE}, Handling errors in Step Functions workflows`;
const task = (more: Record<string, Json>): Json => ({ Type: 'Task', Resource: FUNCTION, End: true, ...more });
const caught = { Type: 'Pass', End: true };
const all = (more: Record<string, Json> = {}): Json => [{ ErrorEquals: ['States.ALL'], Next: 'C', ...more }];
const CONSTANT = { IntervalSeconds: 1, BackoffRate: 1 };

export const errors: readonly Case[] = [
  {
    title: 'without Retry an error ends the machine at once',
    says: `${LANGUAGE}, Errors: when a state reports an error, the default is to fail the whole machine`,
    machine: machine({ A: task({}) }),
    tasks: { A: [{ fails: 'NotYet', cause: 'wait' }] },
    expect: {
      status: 'FAILED',
      error: 'NotYet',
      cause: 'wait',
      attempts: { A: 1 },
      has: ['LambdaFunctionFailed', 'ExecutionFailed'],
    },
  },
  {
    title: 'a retrier without numbers waits 1, 2 and 4 seconds and then gives up',
    says: `${LANGUAGE}, Retrying after error: IntervalSeconds defaults to 1, MaxAttempts to 3, BackoffRate to 2.0`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['NotYet'] }] }) }),
    tasks: { A: [{ fails: 'NotYet' }] },
    expect: { status: 'FAILED', error: 'NotYet', attempts: { A: 4 }, waits: [1, 2, 4] },
  },
  {
    title: 'a retry that works carries on',
    says: `${LANGUAGE}, Retrying after error: the interpreter tries the state again before failing it`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['NotYet'], IntervalSeconds: 30, BackoffRate: 1 }] }) }),
    tasks: { A: [{ fails: 'NotYet' }, { fails: 'NotYet' }, { returns: 'ready' }] },
    expect: { status: 'SUCCEEDED', output: 'ready', attempts: { A: 3 }, waits: [30, 30] },
  },
  {
    title: 'MaxAttempts 0 never retries',
    says: `${LANGUAGE}, Retrying after error: a MaxAttempts of 0 means that the error is never retried`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['NotYet'], MaxAttempts: 0 }] }) }),
    tasks: { A: [{ fails: 'NotYet' }] },
    expect: { status: 'FAILED', attempts: { A: 1 }, waits: [] },
  },
  {
    title: 'BackoffRate may be a fraction',
    says: `${LANGUAGE}, Retrying after error: BackoffRate is the multiplier by which the interval grows, a number of at least 1.0`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['NotYet'], IntervalSeconds: 2, BackoffRate: 1.5 }] }) }),
    tasks: { A: [{ fails: 'NotYet' }] },
    expect: { status: 'FAILED', waits: [2, 3, 4.5] },
  },
  {
    title: 'MaxDelaySeconds caps the growth',
    says: `${LANGUAGE}, Retrying after error: MaxDelaySeconds is the maximum interval, capping the exponential growth`,
    machine: machine({
      A: task({ Retry: [{ ErrorEquals: ['NotYet'], IntervalSeconds: 3, MaxAttempts: 4, MaxDelaySeconds: 10 }] }),
    }),
    tasks: { A: [{ fails: 'NotYet' }] },
    expect: { status: 'FAILED', waits: [3, 6, 10, 10] },
  },
  {
    title: 'full jitter draws below the interval',
    says: `${ERRORS}: JitterStrategy FULL randomises the delay between zero and the computed interval`,
    machine: machine({
      A: task({ Retry: [{ ErrorEquals: ['NotYet'], IntervalSeconds: 8, MaxAttempts: 2, JitterStrategy: 'FULL' }] }),
    }),
    tasks: { A: [{ fails: 'NotYet' }] },
    random: 0.25,
    expect: { status: 'FAILED', waits: [2, 4] },
  },
  {
    title: 'JitterStrategy NONE is exact',
    says: `${ERRORS}: the default JitterStrategy is NONE`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['NotYet'], MaxAttempts: 1, JitterStrategy: 'NONE' }] }) }),
    tasks: { A: [{ fails: 'NotYet' }] },
    random: 0.25,
    expect: { status: 'FAILED', waits: [1] },
  },
  {
    title: 'each retrier counts for itself',
    says: `${LANGUAGE}, Retrying after error: a retrier's parameters apply across all visits to it in one state execution, each counting its own`,
    machine: machine({
      A: task({
        Retry: [
          { ErrorEquals: ['One'], MaxAttempts: 1, ...CONSTANT },
          { ErrorEquals: ['Two'], MaxAttempts: 2, ...CONSTANT },
        ],
      }),
    }),
    tasks: { A: [{ fails: 'One' }, { fails: 'Two' }, { fails: 'Two' }, { fails: 'One' }] },
    expect: { status: 'FAILED', error: 'One', attempts: { A: 4 } },
  },
  {
    title: 'the first retrier that names the error is the one that counts',
    says: `${LANGUAGE}, Retrying after error: retriers are scanned in order, and the first that contains the error name is used`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['One'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }] }) }),
    tasks: { A: [{ fails: 'One' }] },
    expect: { status: 'FAILED', attempts: { A: 1 } },
  },
  {
    title: 'an error no retrier names is not retried',
    says: `${LANGUAGE}, Retrying after error: only errors that a retrier's ErrorEquals names are retried`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['One'] }] }) }),
    tasks: { A: [{ fails: 'Two' }] },
    expect: { status: 'FAILED', error: 'Two', attempts: { A: 1 } },
  },
  {
    title: 'error names are matched case by case',
    says: `${ERRORS}: errors are identified by case-sensitive strings`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['notyet'] }] }) }),
    tasks: { A: [{ fails: 'NotYet' }] },
    expect: { status: 'FAILED', attempts: { A: 1 } },
  },
  {
    title: 'States.TaskFailed stands for what a task failed with',
    says: `${ERRORS}: States.TaskFailed acts as a wildcard for any known error name except States.Timeout`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['States.TaskFailed'], ...CONSTANT }] }) }),
    tasks: { A: [{ fails: 'Anything' }, { returns: 1 }] },
    expect: { status: 'SUCCEEDED', output: 1 },
  },
  {
    title: 'States.TaskFailed does not stand for a timeout',
    says: `${ERRORS}: States.TaskFailed matches any known error name except States.Timeout`,
    machine: machine({ A: task({ TimeoutSeconds: 5, Retry: [{ ErrorEquals: ['States.TaskFailed'] }] }) }),
    tasks: { A: [{ never: true }] },
    expect: { status: 'FAILED', error: 'States.Timeout', attempts: { A: 1 } },
  },
  {
    title: 'a catcher goes where it says with Error and Cause',
    says: `${LANGUAGE}, Fallback states: by default the output of a caught error is the Error Output, with Error and Cause`,
    machine: machine({ A: task({ Catch: all() }), C: caught }),
    tasks: { A: [{ fails: 'Broken', cause: 'it fell' }] },
    expect: {
      status: 'SUCCEEDED',
      output: { Error: 'Broken', Cause: 'it fell' },
      has: ['LambdaFunctionFailed', 'TaskStateExited'],
    },
  },
  {
    title: 'retries come before catchers',
    says: `${LANGUAGE}, Fallback states: a state with both Retry and Catch uses the retriers first, and the catchers if they fail`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 2, ...CONSTANT }], Catch: all() }), C: caught }),
    tasks: { A: [{ fails: 'Broken' }] },
    expect: { status: 'SUCCEEDED', attempts: { A: 3 } },
  },
  {
    title: 'the first catcher that names the error is taken',
    says: `${LANGUAGE}, Fallback states: catchers are scanned in array order`,
    machine: machine({
      A: task({
        Catch: [
          { ErrorEquals: ['Other'], Next: 'B' },
          { ErrorEquals: ['Broken'], Next: 'C' },
          { ErrorEquals: ['States.ALL'], Next: 'B' },
        ],
      }),
      B: { Type: 'Pass', Output: 'B', End: true },
      C: { Type: 'Pass', Output: 'C', End: true },
    }),
    tasks: { A: [{ fails: 'Broken' }] },
    expect: { status: 'SUCCEEDED', output: 'C' },
  },
  {
    title: 'a catcher has its own Output and Assign, which see the error and the input',
    says: `${LANGUAGE}, Fallback states: a JSONata catcher may have Assign and Output, with $states.errorOutput`,
    machine: machine({
      A: task({
        Output: 'not this',
        Assign: { seen: 'not this' },
        Catch: all({
          Assign: { seen: '{% $states.errorOutput.Error %}' },
          Output: ['{% $states.input.a %}', '{% $states.errorOutput.Cause %}'],
        }),
      }),
      C: { Type: 'Pass', Output: { in: '{% $states.input %}', seen: '{% $seen %}' }, End: true },
    }),
    input: { a: 1 },
    tasks: { A: [{ fails: 'Broken', cause: 'why' }] },
    expect: { status: 'SUCCEEDED', output: { in: [1, 'why'], seen: 'Broken' } },
  },
  {
    title: 'an expression that fails in a Task can be caught',
    says: `${ERRORS}: States.QueryEvaluationError reports that query evaluation failed in a JSONata state, for Retry and Catch to match`,
    machine: machine({
      A: task({ Arguments: '{% $states.input.absent %}', Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'C' }] }),
      C: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
    }),
    expect: { status: 'SUCCEEDED', output: 'States.QueryEvaluationError', attempts: { A: 0 }, has: ['EvaluationFailed'] },
  },
  {
    title: 'an Output that fails is an error of its state too',
    says: `${ERRORS}: any state can encounter runtime errors; a failed evaluation is States.QueryEvaluationError, which States.ALL covers`,
    machine: machine({
      A: task({ Output: '{% $states.result.absent %}', Catch: all() }),
      C: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
    }),
    tasks: { A: [{ returns: {} }] },
    expect: { status: 'SUCCEEDED', output: 'States.QueryEvaluationError' },
  },
  {
    title: 'States.ALL does not catch too much data',
    says: `${ERRORS}: States.DataLimitExceeded is a terminal error that States.ALL cannot catch`,
    machine: machine({ A: task({ Catch: all() }), C: caught }),
    tasks: { A: [{ returns: 'x'.repeat(262_144) }] },
    expect: { status: 'FAILED', error: 'States.DataLimitExceeded' },
  },
  {
    title: 'too much data can be caught by its name',
    says: `${ERRORS}: States.DataLimitExceeded cannot be caught by States.ALL, which leaves its own name`,
    machine: machine({
      A: task({ Catch: [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'C' }] }),
      C: { Type: 'Pass', Output: 'C', End: true },
    }),
    tasks: { A: [{ returns: 'x'.repeat(262_144) }] },
    expect: { status: 'SUCCEEDED', output: 'C' },
  },
  {
    title: 'States.Runtime is neither retried nor caught',
    says: `${ERRORS}: States.Runtime is not retriable and always causes the execution to fail; States.ALL does not catch it`,
    machine: machine({ A: task({ Retry: [{ ErrorEquals: ['States.ALL'] }], Catch: all() }), C: caught }),
    tasks: { A: [{ fails: 'States.Runtime', cause: 'out of order' }] },
    expect: { status: 'FAILED', error: 'States.Runtime', attempts: { A: 1 } },
  },
  {
    title: 'a Parallel is retried as a whole',
    says: `${LANGUAGE}, Retrying after error: Task, Parallel and Map states may have Retry; a Parallel runs all its branches again`,
    machine: machine({
      P: {
        Type: 'Parallel',
        Branches: [scope({ A: task({}) }), scope({ B: task({}) })],
        Retry: [{ ErrorEquals: ['Broken'], ...CONSTANT }],
        End: true,
      },
    }),
    tasks: { A: [{ returns: 'a' }], B: [{ fails: 'Broken' }, { returns: 'b' }] },
    expect: { status: 'SUCCEEDED', output: ['a', 'b'], attempts: { A: 2, B: 2 } },
  },
  {
    title: 'a Parallel catches what its branches fail with',
    says: `${LANGUAGE}, Fallback states: Task, Parallel and Map states may have Catch`,
    machine: machine({
      P: { Type: 'Parallel', Branches: [scope({ A: { Type: 'Fail', Error: 'Broken' } })], Catch: all(), End: true },
      C: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
    }),
    expect: { status: 'SUCCEEDED', output: 'Broken', has: ['ParallelStateFailed', 'ParallelStateExited'] },
  },
  {
    title: 'a Map catches a Choice inside that matched nothing',
    says: `${LANGUAGE}, Errors: States.NoChoiceMatched is an error like others, which a fallback of the enclosing state may name`,
    machine: machine({
      M: {
        Type: 'Map',
        Items: [1],
        ItemProcessor: scope({ A: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'B' }] }, B: caught }),
        Catch: [{ ErrorEquals: ['States.NoChoiceMatched'], Next: 'C' }],
        End: true,
      },
      C: { Type: 'Pass', Output: 'C', End: true },
    }),
    expect: { status: 'SUCCEEDED', output: 'C' },
  },
  {
    title: 'RetryCount in the context counts the attempts before this one',
    says: `${GUIDE}, Accessing execution data from the Context object: State.RetryCount is the number of retries made so far`,
    machine: machine({
      A: task({ Arguments: '{% $states.context.State.RetryCount %}', Retry: [{ ErrorEquals: ['NotYet'], ...CONSTANT }] }),
    }),
    tasks: { A: [{ fails: 'NotYet' }, { fails: 'NotYet' }, { returns: 'x' }] },
    expect: { status: 'SUCCEEDED', given: { A: 0 }, attempts: { A: 3 } },
  },
  {
    title: 'each attempt has its own events, and the state is entered once',
    says: `${GUIDE}, Viewing execution details: every attempt of a Task has its own scheduled, started and ended events`,
    machine: machine({
      A: task({ Resource: INVOKE, Arguments: { FunctionName: FUNCTION }, Retry: [{ ErrorEquals: ['NotYet'], ...CONSTANT }] }),
    }),
    tasks: { A: [{ fails: 'NotYet' }, { returns: {} }] },
    expect: {
      events: [
        ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskFailed'],
        ...['TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'],
      ],
    },
  },
];
