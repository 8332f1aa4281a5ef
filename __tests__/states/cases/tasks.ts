// Tasks: their two clocks, tokens, and nested executions.
import type { Json } from '../../../rehearsal/states/world.ts';
import { API, GUIDE, LANGUAGE } from '../case.ts';
import type { Case } from '../case.ts';
import { CALLBACK, FUNCTION, INVOKE, machine, NESTED, scope } from '../laboratory.ts';

const ERRORS = `${GUIDE}, Handling errors in Step Functions workflows`;
const task = (more: Record<string, Json>): Json => ({ Type: 'Task', Resource: FUNCTION, End: true, ...more });
const TOKEN = '{% $states.context.Task.Token %}';
const callback = (more: Record<string, Json> = {}): Json =>
  task({ Resource: CALLBACK, Arguments: { FunctionName: FUNCTION, Payload: { token: TOKEN } }, ...more });
const caughtAs = (name: string): Record<string, Json> => ({ Catch: [{ ErrorEquals: [name], Next: 'C' }] });
const C = { Type: 'Pass', Output: 'caught', End: true };

export const tasks: readonly Case[] = [
  {
    title: 'a task that outlives its TimeoutSeconds fails with States.Timeout',
    says: `${LANGUAGE}, Task State: when a task runs longer than TimeoutSeconds the interpreter fails it with States.Timeout`,
    machine: machine({ A: task({ TimeoutSeconds: 10 }) }),
    tasks: { A: [{ after: 11, returns: 'late' }] },
    expect: { status: 'FAILED', error: 'States.Timeout', cause: null, has: ['LambdaFunctionTimedOut', 'ExecutionFailed'] },
  },
  {
    title: 'a task that ends in time is not timed out',
    says: `${LANGUAGE}, Task State: only a task that runs longer than TimeoutSeconds is timed out`,
    machine: machine({ A: task({ TimeoutSeconds: 10 }) }),
    tasks: { A: [{ after: 8, returns: 'in time' }] },
    expect: { status: 'SUCCEEDED', output: 'in time', lacks: ['LambdaFunctionTimedOut'] },
  },
  {
    title: 'the clock of a task starts anew with every attempt',
    says: `${LANGUAGE}, Retrying after error: the state is retried, and TimeoutSeconds bounds each execution of the task`,
    machine: machine({ A: task({ TimeoutSeconds: 10, Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }] }) }),
    tasks: {
      A: [
        { after: 12, returns: 'late' },
        { after: 9, returns: 'second' },
      ],
    },
    expect: { status: 'SUCCEEDED', output: 'second', attempts: { A: 2 } },
  },
  {
    title: 'TimeoutSeconds may be JSONata',
    says: `${LANGUAGE}, Task State: a JSONata Task may give TimeoutSeconds as a JSONata string that evaluates to a positive integer`,
    machine: machine({ A: task({ TimeoutSeconds: '{% $states.input.limit %}' }) }),
    input: { limit: 5 },
    tasks: { A: [{ after: 6 }] },
    expect: { status: 'FAILED', error: 'States.Timeout' },
  },
  {
    title: 'TimeoutSeconds that is no positive integer is an evaluation error',
    says: `${LANGUAGE}, Task State: TimeoutSeconds must evaluate to a positive integer`,
    machine: machine({ A: task({ TimeoutSeconds: '{% 0 %}' }) }),
    expect: { status: 'FAILED', error: 'States.QueryEvaluationError', attempts: { A: 0 } },
  },
  {
    title: 'a task that sends no heartbeat in time is timed out',
    says: `${ERRORS}: States.Timeout, a Task ran longer than TimeoutSeconds or failed to send a heartbeat within HeartbeatSeconds`,
    machine: machine({ A: callback({ HeartbeatSeconds: 5 }) }),
    tasks: { A: [{ never: true }] },
    expect: { status: 'FAILED', error: 'States.Timeout', has: ['TaskTimedOut'] },
  },
  {
    title: 'every heartbeat starts its clock anew',
    says: `${API}, SendTaskHeartbeat: resets the HeartbeatSeconds clock of the task`,
    machine: machine({ A: callback({ HeartbeatSeconds: 5 }) }),
    tasks: { A: [{ beats: [4, 8], after: 12, returns: 'alive' }] },
    expect: { status: 'SUCCEEDED', output: 'alive' },
  },
  {
    title: 'heartbeats do not move TimeoutSeconds',
    says: `${API}, SendTaskHeartbeat: does not itself create an event, and cannot extend TimeoutSeconds`,
    machine: machine({ A: callback({ HeartbeatSeconds: 5, TimeoutSeconds: 10 }) }),
    tasks: { A: [{ beats: [4, 8, 9], after: 12, returns: 'late' }] },
    expect: { status: 'FAILED', error: 'States.Timeout' },
  },
  {
    title: 'a missed heartbeat is caught as States.HeartbeatTimeout',
    says: `${ERRORS}: States.HeartbeatTimeout is available inside the Catch and Retry fields`,
    machine: machine({ A: callback({ HeartbeatSeconds: 5, ...caughtAs('States.HeartbeatTimeout') }), C }),
    tasks: { A: [{ never: true }] },
    expect: { status: 'SUCCEEDED', output: 'caught' },
  },
  {
    title: 'a missed heartbeat is caught as States.Timeout too',
    says: `${ERRORS}: States.Timeout also covers a task that failed to send a heartbeat`,
    machine: machine({ A: callback({ HeartbeatSeconds: 5, ...caughtAs('States.Timeout') }), C }),
    tasks: { A: [{ never: true }] },
    expect: { status: 'SUCCEEDED', output: 'caught' },
  },
  {
    title: 'a timeout is not a missed heartbeat',
    says: `${ERRORS}: States.HeartbeatTimeout is a Task that failed to send a heartbeat for longer than HeartbeatSeconds`,
    machine: machine({ A: callback({ TimeoutSeconds: 5, ...caughtAs('States.HeartbeatTimeout') }), C }),
    tasks: { A: [{ never: true }] },
    expect: { status: 'FAILED', error: 'States.Timeout' },
  },
  {
    title: 'a heartbeat that comes to be longer than the timeout is refused when it is known',
    says: `${LANGUAGE}, Task State: HeartbeatSeconds must be smaller than TimeoutSeconds`,
    machine: machine({ A: callback({ HeartbeatSeconds: '{% 20 %}', TimeoutSeconds: 10 }) }),
    expect: { status: 'FAILED', error: 'States.Runtime', attempts: { A: 0 } },
  },
  {
    title: 'a callback task is given its token, and waits for the answer',
    says: `${GUIDE}, Discover service integration patterns: the task pauses until the token is returned with SendTaskSuccess or -Failure`,
    machine: machine({ A: callback() }),
    tasks: { A: [{ after: 7200, returns: { approved: true } }] },
    expect: {
      status: 'SUCCEEDED',
      output: { approved: true },
      given: { A: { FunctionName: FUNCTION, Payload: { token: 'token-A-1' } } },
      events: [
        ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded'],
        ...['TaskStateExited', 'ExecutionSucceeded'],
      ],
    },
  },
  {
    title: 'a refusal by token is the error its sender named',
    says: `${API}, SendTaskFailure: reports that the task identified by the token failed, with its error and cause`,
    machine: machine({ A: callback(caughtAs('ApprovalRefused')), C }),
    tasks: { A: [{ after: 60, fails: 'ApprovalRefused', cause: 'not tonight' }] },
    expect: { status: 'SUCCEEDED', output: 'caught', has: ['TaskFailed'] },
  },
  {
    title: 'every attempt has a token of its own',
    says: `${GUIDE}, Discover service integration patterns: a task token is generated for each attempt of the task`,
    machine: machine({
      A: callback({
        Output: 'x',
        Retry: [{ ErrorEquals: ['Again'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['Second'], Next: 'C' }],
      }),
      C,
    }),
    tasks: { A: [{ fails: 'Again' }, { fails: 'Second' }] },
    expect: { status: 'SUCCEEDED', output: 'caught', attempts: { A: 2 } },
  },
  {
    title: 'a nested execution gives its output, parsed',
    says: `${GUIDE}, Start workflow executions from a task state: sync:2 returns the child's output as JSON`,
    machine: machine({
      A: task({
        Resource: NESTED,
        Arguments: { StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:x', Input: { a: 1 } },
        Output: '{% $states.result.Output.rows %}',
      }),
    }),
    tasks: { A: [{ after: 60, returns: { Output: { rows: 3 }, Status: 'SUCCEEDED' } }] },
    expect: { status: 'SUCCEEDED', output: 3, has: ['TaskScheduled', 'TaskSucceeded'] },
  },
  {
    title: 'a nested execution that fails fails its task',
    says: `${GUIDE}, Start workflow executions from a task state: the task fails when the child execution fails, with States.TaskFailed`,
    machine: machine({
      A: task({
        Resource: NESTED,
        Arguments: { StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:x' },
        ...caughtAs('States.TaskFailed'),
      }),
      C,
    }),
    tasks: { A: [{ fails: 'States.TaskFailed', cause: '{"Status":"FAILED"}' }] },
    expect: { status: 'SUCCEEDED', output: 'caught' },
  },
  {
    title: 'lambda:invoke gives what the service says, not only the payload',
    says: `${GUIDE}, Invoke an AWS Lambda function with Step Functions: the result of lambda:invoke holds the payload and metadata`,
    machine: machine({
      A: task({ Resource: INVOKE, Arguments: { FunctionName: FUNCTION, Payload: 1 }, Output: '{% $states.result.Payload %}' }),
    }),
    tasks: { A: [{ returns: { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: { ok: true } } }] },
    expect: { status: 'SUCCEEDED', output: { ok: true } },
  },
  {
    title: 'the whole machine has a timeout',
    says: `${LANGUAGE}, Top-level fields: if the machine runs longer than TimeoutSeconds the interpreter fails it with States.Timeout`,
    machine: machine({ A: task({}) }, { TimeoutSeconds: 30 }),
    tasks: { A: [{ never: true }] },
    expect: {
      status: 'TIMED_OUT',
      error: null,
      cause: null,
      events: ['ExecutionStarted', 'TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted', 'ExecutionTimedOut'],
    },
  },
  {
    title: "nothing catches the machine's own timeout",
    says: `${ERRORS}: catchers are for Task, Parallel and Map states, not for failures of the execution itself`,
    machine: machine({ A: task({ ...caughtAs('States.ALL') }), C }, { TimeoutSeconds: 30 }),
    tasks: { A: [{ never: true }] },
    expect: { status: 'TIMED_OUT', lacks: ['TaskStateExited'] },
  },
  {
    title: "the machine's timeout cuts a Wait short",
    says: `${LANGUAGE}, Top-level fields: TimeoutSeconds is the longest the whole machine may run`,
    machine: machine({ A: { Type: 'Wait', Seconds: 3600, End: true } }, { TimeoutSeconds: 60 }),
    expect: { status: 'TIMED_OUT', lacks: ['WaitStateExited'] },
  },
  {
    title: 'an answer that nobody ever gives ends after a year',
    says: `${GUIDE}, Step Functions service quotas: an execution that runs longer than the maximum of one year fails with States.Timeout`,
    machine: machine({ A: callback() }),
    tasks: { A: [{ never: true }] },
    expect: { status: 'TIMED_OUT' },
  },
  {
    title: 'a task stopped by its sibling is told as aborted',
    says: `${API}, HistoryEvent: TaskStateAborted tells of a Task whose branch was stopped`,
    machine: machine({
      P: { Type: 'Parallel', Branches: [scope({ A: callback() }), scope({ B: task({}) })], End: true },
    }),
    tasks: { A: [{ never: true }], B: [{ after: 5, fails: 'Broken' }] },
    expect: { status: 'FAILED', error: 'Broken', has: ['TaskStateAborted', 'ParallelStateFailed'] },
  },
];
