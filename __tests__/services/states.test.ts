import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DescribeStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import type { BusEvent } from '../../rehearsal/services/ground.ts';
import { allow, definition, executionArn, failure, functionArn, machineArn, openScene, type Scene } from './states-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.stop());

const task = (name: string, more: object = {}) => ({ Type: 'Task', Resource: functionArn(name), End: true, ...more });
const waiting = (more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: { FunctionName: functionArn('ask'), Payload: { token: '{% $states.context.Task.Token %}' } },
  TimeoutSeconds: 3600,
  End: true,
  ...more,
});
const hour = { Wait: { Type: 'Wait', Seconds: 3600, End: true } };

describe('an execution', () => {
  it('runs functions in the role of its machine and ends with the last output', async () => {
    scene.functions.set('double', (event) => ({ value: (event as { value: number }).value * 2 }));
    const machine = await scene.machine('doubling', { Double: task('double') });

    const ended = await scene.run(machine, { value: 21 });

    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '{"value":42}', redriveStatus: 'NOT_REDRIVABLE' });
    const types = (await scene.history(ended.executionArn ?? '')).map(({ type }) => type);
    expect(types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('is told by name that its role may not invoke', async () => {
    const roleArn = await scene.role('idle', []);
    const machine = await scene.machine('denied', { Double: task('double') }, { roleArn });

    const ended = await scene.run(machine);

    expect(ended).toMatchObject({ status: 'FAILED', error: 'Lambda.AWSLambdaException' });
    expect(ended.cause).toContain('is not authorized to perform: lambda:InvokeFunction on resource');
  });

  it("fails under the function's own error, with the whole payload as its cause", async () => {
    scene.functions.set('plan', () => {
      throw failure('PlanRefused', 'the standby lags');
    });
    const machine = await scene.machine('refusing', { Plan: task('plan') });

    const ended = await scene.run(machine);

    expect(ended).toMatchObject({
      status: 'FAILED',
      error: 'PlanRefused',
      cause: '{"errorType":"PlanRefused","errorMessage":"the standby lags"}',
    });
  });

  it('gives what the SDK would have told when the function is invoked through lambda:invoke', async () => {
    scene.functions.set('echo', (event) => event);
    const Arguments = { FunctionName: functionArn('echo'), Payload: '{% $states.input %}' };
    const machine = await scene.machine('optimized', {
      Echo: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments, End: true },
    });

    const ended = await scene.run(machine, { a: 1 });

    expect(JSON.parse(ended.output ?? '')).toMatchObject({ ExecutedVersion: '$LATEST', Payload: { a: 1 }, StatusCode: 200 });
  });

  it('is one execution when it is started twice under its name with the same input', async () => {
    const machine = await scene.machine('waiting', hour);
    const start = (input: string) =>
      scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine, name: 'night', input }));

    const [first, second] = [await start('{"a":1}'), await start('{"a":1}')];

    expect(second.executionArn).toBe(first.executionArn);
    expect(second.startDate).toEqual(first.startDate);
    await expect(start('{"a":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await scene.settled(first.executionArn ?? '');
    await expect(start('{"a":1}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it('frees its name ninety days after it has ended', async () => {
    const machine = await scene.machine('passing', { Pass: { Type: 'Pass', End: true } });
    await scene.run(machine, {}, 'night');

    await scene.cloud.timeline.passTo(scene.cloud.timeline.now() + 91 * 24 * 3600 * 1000);
    const again = await scene.run(machine, { second: true }, 'night');

    expect(again.input).toBe('{"second":true}');
  });

  it.each([
    ['that is no JSON', '{', 'InvalidExecutionInput'],
    ['beyond 256 KiB', JSON.stringify('x'.repeat(262_144)), 'ValidationException'],
  ])('is refused for an input %s', async (_said, input, name) => {
    const machine = await scene.machine('strict', hour);

    const started = scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine, input }));

    await expect(started).rejects.toMatchObject({ name });
  });

  it('ends at once when it is stopped, and says so on the bus', async () => {
    const heard: BusEvent[] = [];
    scene.cloud.ground.onEmit((event) => heard.push(event));
    const machine = await scene.machine('stopping', hour);
    const { executionArn: arn = '' } = await scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine }));

    await scene.sfn.send(new StopExecutionCommand({ executionArn: arn, error: 'Enough', cause: 'dawn' }));

    const ended = await scene.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    expect(ended).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'dawn', redriveStatus: 'REDRIVABLE' });
    expect(heard.map(({ detail }) => (detail as { status: string }).status)).toEqual(['RUNNING', 'ABORTED']);
    expect(heard[1]).toMatchObject({
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [arn],
      detail: { executionArn: arn, stateMachineArn: machine, error: 'Enough', input: '{}', inputDetails: { included: true } },
    });
  });

  it('times out without error and cause, as AWS describes it', async () => {
    const text = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Wait', TimeoutSeconds: 60, States: hour });
    const machine = await scene.machine('slow', {}, { definition: text });

    const ended = await scene.run(machine);

    expect(ended.status).toBe('TIMED_OUT');
    expect([ended.error, ended.cause]).toEqual([undefined, undefined]);
    expect((ended.stopDate?.getTime() ?? 0) - (ended.startDate?.getTime() ?? 0)).toBeGreaterThanOrEqual(60_000);
  });

  it('goes on from the state that failed when it is redriven', async () => {
    let broken = true;
    const seen: string[] = [];
    scene.functions.set('first', () => (seen.push('first'), {}));
    scene.functions.set('second', () => {
      seen.push('second');
      if (broken) throw failure('NotYet', 'later');
      return { done: true };
    });
    const machine = await scene.machine('redriven', {
      First: { ...task('first'), End: undefined, Next: 'Second' },
      Second: task('second'),
    });
    const failed = await scene.run(machine);
    const arn = failed.executionArn ?? '';
    broken = false;

    await scene.sfn.send(new RedriveExecutionCommand({ executionArn: arn }));
    await scene.settled(arn);

    const ended = await scene.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '{"done":true}', redriveCount: 1 });
    expect(seen).toEqual(['first', 'second', 'second']);
    const { executions } = await scene.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: machine, redriveFilter: 'REDRIVEN' }),
    );
    expect(executions).toHaveLength(1);
    await expect(scene.sfn.send(new RedriveExecutionCommand({ executionArn: arn }))).rejects.toMatchObject({
      name: 'ExecutionNotRedrivable',
      message: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });

  it('is listed newest first, page by page, and a foreign page token is refused', async () => {
    const machine = await scene.machine('many', { Pass: { Type: 'Pass', End: true } });
    for (const name of ['a', 'b', 'c']) await scene.run(machine, {}, name);
    const list = (nextToken?: string) =>
      scene.sfn.send(new ListExecutionsCommand({ stateMachineArn: machine, maxResults: 2, nextToken }));

    const first = await list();
    const second = await list(first.nextToken);

    expect(first.executions?.map(({ name }) => name)).toEqual(['c', 'b']);
    expect(second.executions?.map(({ name }) => name)).toEqual(['a']);
    expect(second.nextToken).toBeUndefined();
    await expect(list('bm90IG91cnM')).rejects.toMatchObject({ name: 'InvalidToken' });
  });

  it('hands its history out backwards and without data when asked', async () => {
    const machine = await scene.machine('quiet', { Pass: { Type: 'Pass', Output: { secret: 1 }, End: true } });
    const { executionArn: arn } = await scene.run(machine, { secret: 2 });

    const { events = [] } = await scene.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, includeExecutionData: false }),
    );

    expect(events.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('is seen as it happens', async () => {
    const seen: string[] = [];
    scene.cloud.services.states.watch((sight) =>
      seen.push(sight.kind === 'event' ? `${sight.machineName} ${sight.event.type}` : sight.status),
    );
    const machine = await scene.machine('seen', { Pass: { Type: 'Pass', End: true } });

    await scene.run(machine);

    expect(seen).toEqual([
      'seen ExecutionStarted',
      'RUNNING',
      'seen PassStateEntered',
      'seen PassStateExited',
      'seen ExecutionSucceeded',
      'SUCCEEDED',
    ]);
  });
});

describe('a task token', () => {
  const asked = async (more: object = {}): Promise<{ token: string; arn: string }> => {
    const given = new Promise<string>((resolve) => {
      scene.functions.set('ask', (event) => (resolve((event as { token: string }).token), {}));
    });
    const machine = await scene.machine('asking', { Ask: waiting(more) });
    const { executionArn: arn = '' } = await scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine, name: 'one' }));
    return { token: await given, arn };
  };

  it('is answered once; the second answer finds nobody', async () => {
    const { token, arn } = await asked();
    const answer = () => scene.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"approved":true}' }));

    await answer();
    await scene.settled(arn);

    const ended = await scene.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '{"approved":true}' });
    await expect(answer()).rejects.toMatchObject({
      name: 'TaskTimedOut',
      message: "Task Timed Out: 'Provided task does not exist anymore'",
    });
    const types = (await scene.history(arn)).map(({ type }) => type);
    expect(types).toContain('TaskSubmitted');
  });

  it('carries a refusal under its name', async () => {
    const { token, arn } = await asked();

    await scene.sfn.send(new SendTaskFailureCommand({ taskToken: token, error: 'ApprovalRefused', cause: 'not tonight' }));
    await scene.settled(arn);

    const ended = await scene.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    expect(ended).toMatchObject({ status: 'FAILED', error: 'ApprovalRefused', cause: 'not tonight' });
  });

  it('that nobody issued is invalid, and so is an output that is no JSON', async () => {
    const { token } = await asked();

    const foreign = scene.sfn.send(new SendTaskSuccessCommand({ taskToken: 'AAAA', output: '{}' }));
    const broken = scene.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{' }));

    await expect(foreign).rejects.toMatchObject({ name: 'InvalidToken' });
    await expect(broken).rejects.toMatchObject({ name: 'InvalidOutput' });
  });

  it('keeps its state alive by heartbeats, and is dead after the last', async () => {
    const { token, arn } = await asked({ HeartbeatSeconds: 60 });
    const { timeline } = scene.cloud;
    await timeline.passTo(timeline.now() + 50_000);
    await scene.sfn.send(new SendTaskHeartbeatCommand({ taskToken: token }));
    await timeline.passTo(timeline.now() + 50_000);
    const alive = await scene.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));

    await scene.settled(arn);

    const ended = await scene.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    expect([alive.status, ended.status, ended.error]).toEqual(['RUNNING', 'FAILED', 'States.Timeout']);
    const late = scene.sfn.send(new SendTaskHeartbeatCommand({ taskToken: token }));
    await expect(late).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('dies with an execution that is stopped', async () => {
    const { token, arn } = await asked();

    await scene.sfn.send(new StopExecutionCommand({ executionArn: arn }));

    const late = scene.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{}' }));
    await expect(late).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });
});

describe('a nested execution', () => {
  const rule = `arn:aws:events:eu-west-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
  const managed = allow(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], rule);
  const starting = [
    allow('states:StartExecution', machineArn('child')),
    allow(['states:DescribeExecution', 'states:StopExecution'], executionArn('child', '*')),
  ];
  const nested = {
    Nest: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Arguments: { StateMachineArn: machineArn('child'), Name: 'inner', Input: { from: 'parent' } },
      End: true,
    },
  };

  it('is not allowed to a role that may not make the rule AWS hears it by', async () => {
    const roleArn = await scene.role('nesting', starting);

    await expect(scene.machine('parent', nested, { roleArn })).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `'${roleArn}' is not authorized to create managed-rule.`,
    });
  });

  it("gives its parent the child's output as JSON", async () => {
    await scene.machine('child', { Wait: { Type: 'Wait', Seconds: 600, Output: { found: 3 }, End: true } });
    const roleArn = await scene.role('nesting', [...starting, managed]);
    const parent = await scene.machine('parent', nested, { roleArn });

    const ended = await scene.run(parent);

    expect(JSON.parse(ended.output ?? '')).toMatchObject({
      Name: 'inner',
      Status: 'SUCCEEDED',
      Input: { from: 'parent' },
      Output: { found: 3 },
      StateMachineArn: machineArn('child'),
    });
  });

  it("fails its parent with the child's end as the cause", async () => {
    await scene.machine('child', { Fail: { Type: 'Fail', Error: 'PlanRefused', Cause: 'lag' } });
    const roleArn = await scene.role('nesting', [...starting, managed]);
    const parent = await scene.machine('parent', nested, { roleArn });

    const ended = await scene.run(parent);

    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(ended.cause ?? '')).toMatchObject({ Status: 'FAILED', Error: 'PlanRefused', Cause: 'lag' });
  });

  it('is stopped with its parent', async () => {
    await scene.machine('child', hour);
    const roleArn = await scene.role('nesting', [...starting, managed]);
    const parent = await scene.machine('parent', nested, { roleArn });
    const begun = new Promise<void>((resolve) => {
      scene.cloud.services.states.watch((sight) => {
        if (sight.kind === 'event' && sight.machineName === 'parent' && sight.event.type === 'TaskSubmitted') resolve();
      });
    });
    const { executionArn: arn } = await scene.sfn.send(new StartExecutionCommand({ stateMachineArn: parent }));
    await begun;

    await scene.sfn.send(new StopExecutionCommand({ executionArn: arn }));
    await scene.settled(executionArn('child', 'inner'));

    const child = await scene.sfn.send(new DescribeExecutionCommand({ executionArn: executionArn('child', 'inner') }));
    expect(child.status).toBe('ABORTED');
  });
});

describe('a state machine', () => {
  it('needs a role that Step Functions may wear', async () => {
    const roleArn = await scene.role('foreign', [], 'lambda.amazonaws.com');

    await expect(scene.machine('untrusted', hour, { roleArn })).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message:
        'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.',
    });
  });

  it('is refused with every fault of its definition', async () => {
    const text = definition({ Pass: { Type: 'Pass', Next: 'Nowhere' }, Odd: { Type: 'Odd' } });

    const { result, diagnostics } = await scene.sfn.send(new ValidateStateMachineDefinitionCommand({ definition: text }));

    expect(result).toBe('FAIL');
    expect(diagnostics?.length).toBeGreaterThan(1);
    await expect(scene.machine('faulty', {}, { definition: text })).rejects.toMatchObject({ name: 'InvalidDefinition' });
  });

  it('of type EXPRESS is refused by name', async () => {
    await expect(scene.machine('express', hour, { type: 'EXPRESS' })).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'EXPRESS state machines are not imitated by the embedded cloud: use STANDARD',
    });
  });

  it('cannot be made twice otherwise than it stands', async () => {
    const roleArn = await scene.role('shared', []);
    const first = await scene.machine('once', hour, { roleArn });

    const second = await scene.machine('once', hour, { roleArn });

    expect(second).toBe(first);
    const other = scene.machine('once', { Pass: { Type: 'Pass', End: true } }, { roleArn });
    await expect(other).rejects.toMatchObject({ name: 'StateMachineAlreadyExists' });
  });

  it.each(['with space', 'a:b', 'a*b', 'a<b', 'a/b', 'tab\t'])('cannot be called %j', async (name) => {
    const roleArn = await scene.role('any', []);

    await expect(scene.machine(name, hour, { roleArn })).rejects.toMatchObject({ name: 'InvalidName' });
  });

  it('says what its states read', async () => {
    const machine = await scene.machine('reading', {
      Set: { Type: 'Pass', Assign: { run: 1 }, Next: 'Use' },
      Use: { Type: 'Pass', Output: '{% $run %}', End: true },
    });

    const described = await scene.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: machine }));

    expect(described.variableReferences).toEqual({ Use: ['run'] });
  });
});
