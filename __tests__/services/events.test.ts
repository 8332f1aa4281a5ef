import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
  type PutRuleCommandInput,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { AwsError } from '../../rehearsal/services/error.ts';
import { allow, machineArn, openScene, REGION, STARTS_AT, type Scene } from './states-scene.ts';

let scene: Scene;
let events: EventBridgeClient;
beforeEach(async () => {
  scene = await openScene();
  events = new EventBridgeClient({
    endpoint: scene.cloud.endpoint,
    region: REGION,
    credentials: scene.cloud.operator,
    maxAttempts: 1,
  });
});
afterEach(() => scene.stop());

const MINUTE = 60_000;
const put = (input: Partial<PutRuleCommandInput>) => events.send(new PutRuleCommand({ Name: 'rule', ...input }));
const aim = (...targets: Target[]) => events.send(new PutTargetsCommand({ Rule: 'rule', Targets: targets }));

/** A machine that keeps what it was started with, and a target that leads to it. */
async function keeper(statements = [allow('states:StartExecution', machineArn('keeper'))]): Promise<Target> {
  const Arn = await scene.machine('keeper', { Keep: { Type: 'Pass', End: true } });
  const RoleArn = await scene.role('starter', statements, 'events.amazonaws.com');
  return { Id: 'keeper', Arn, RoleArn };
}

async function kept(): Promise<{ name: string; input: unknown; at: number }[]> {
  const { executions = [] } = await scene.sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn('keeper') }));
  const described = executions.reverse().map(async ({ executionArn, startDate, name = '' }) => {
    const { input = '' } = await scene.cloud.call('states', 'DescribeExecution', { executionArn });
    return { name, input: JSON.parse(input) as unknown, at: startDate?.getTime() ?? 0 };
  });
  return Promise.all(described);
}

describe('a schedule', () => {
  it('fires one period after its rule began, and then every period', async () => {
    const target = await keeper();
    await put({ ScheduleExpression: 'rate(6 hours)' });
    await aim(target);
    const { timeline } = scene.cloud;

    await timeline.passTo(STARTS_AT + 5 * 60 * MINUTE);
    const early = await kept();
    await timeline.passTo(STARTS_AT + 18.5 * 60 * MINUTE);
    const late = await kept();

    expect(early).toEqual([]);
    expect(late).toHaveLength(3);
    expect(late[0]?.input).toMatchObject({
      version: '0',
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '123456789012',
      region: REGION,
      resources: ['arn:aws:events:eu-west-1:123456789012:rule/rule'],
      detail: {},
      time: '2026-11-21T09:00:00Z',
    });
  });

  it('by cron fires at its instants in UTC, with the constant it was given', async () => {
    const target = await keeper();
    await put({ ScheduleExpression: 'cron(30 4 ? * SUN *)' });
    await aim({ ...target, Input: '{"mode":"plan"}' });

    await scene.cloud.timeline.passTo(Date.parse('2026-11-30T00:00:00Z'));

    const found = await kept();
    expect(found.map(({ input }) => input)).toEqual([{ mode: 'plan' }, { mode: 'plan' }]);
    expect(new Date(found[0]?.at ?? 0).toISOString()).toContain('2026-11-22T04:30:00');
  });

  it('rests while its rule is disabled, and counts anew from when it is enabled', async () => {
    const target = await keeper();
    await put({ ScheduleExpression: 'rate(1 hour)', State: 'DISABLED' });
    await aim(target);
    const { timeline } = scene.cloud;
    await timeline.passTo(STARTS_AT + 90 * MINUTE);

    await events.send(new EnableRuleCommand({ Name: 'rule' }));
    await timeline.passTo(STARTS_AT + 140 * MINUTE);
    const before = await kept();
    await timeline.passTo(STARTS_AT + 155 * MINUTE);
    await events.send(new DisableRuleCommand({ Name: 'rule' }));
    await timeline.passTo(STARTS_AT + 400 * MINUTE);

    expect(before).toEqual([]);
    expect(await kept()).toHaveLength(1);
  });

  it('starts nothing when its role may not', async () => {
    const target = await keeper([allow('states:StartExecution', machineArn('other'))]);
    await put({ ScheduleExpression: 'rate(1 minute)' });
    await aim(target);

    await scene.cloud.timeline.passTo(STARTS_AT + 5 * MINUTE);

    expect(await kept()).toEqual([]);
  });

  it('tries again on the timeline what failed for a moment, as one execution', async () => {
    const target = await keeper();
    await put({ ScheduleExpression: 'rate(1 day)' });
    await aim(target);
    const { StartExecution } = scene.cloud.services.states.operations;
    let refused = 0;
    Object.assign(scene.cloud.services.states.operations, {
      StartExecution: {
        asks: StartExecution?.asks,
        run: (...given: Parameters<NonNullable<typeof StartExecution>['run']>) => {
          if (refused++ < 3) throw new AwsError('ThrottlingException', 'Rate exceeded');
          return StartExecution?.run(...given);
        },
      },
    });

    await scene.cloud.timeline.passTo(STARTS_AT + 25 * 60 * MINUTE);

    expect(refused).toBe(4);
    expect(await kept()).toHaveLength(1);
  });
});

describe('a pattern', () => {
  const event = (more: object = {}) => ({
    id: '1',
    account: '123456789012',
    source: 'aws.states',
    time: '2026-11-21T03:00:00Z',
    region: REGION,
    resources: ['arn:aws:states:eu-west-1:123456789012:execution:failover:1'],
    'detail-type': 'Step Functions Execution Status Change',
    detail: { status: 'FAILED', name: 'Night', retries: 3, tags: ['a', 'b'], empty: null, ...more },
  });
  const matches = async (pattern: object, more: object = {}) => {
    const input = { EventPattern: JSON.stringify(pattern), Event: JSON.stringify(event(more)) };
    return (await events.send(new TestEventPatternCommand(input))).Result;
  };

  it.each([
    [{ source: ['aws.states'] }, true],
    [{ source: ['aws.rds', 'aws.states'] }, true],
    [{ source: ['aws.rds'] }, false],
    [{ detail: { status: ['FAILED', 'ABORTED'] } }, true],
    [{ resources: [{ suffix: ':1' }] }, true],
    [{ resources: [{ prefix: 'arn:aws:s3' }] }, false],
    [{ detail: { name: [{ prefix: { 'equals-ignore-case': 'NI' } }] } }, true],
    [{ detail: { name: [{ 'equals-ignore-case': 'night' }] } }, true],
    [{ detail: { name: [{ wildcard: 'N*t' }] } }, true],
    [{ detail: { name: [{ wildcard: 'n*t' }] } }, false],
    [{ detail: { name: [{ 'anything-but': 'Night' }] } }, false],
    [{ detail: { name: [{ 'anything-but': ['Day', 'Dawn'] }] } }, true],
    [{ detail: { name: [{ 'anything-but': { prefix: 'N' } }] } }, false],
    [{ detail: { name: [{ 'anything-but': { suffix: ['x', 'y'] } }] } }, true],
    [{ detail: { absent: [{ 'anything-but': 'x' }] } }, false],
    [{ detail: { retries: [{ numeric: ['>', 1, '<=', 3] }] } }, true],
    [{ detail: { retries: [{ numeric: ['=', 3.0] }] } }, true],
    [{ detail: { retries: ['3'] } }, false],
    [{ detail: { tags: ['b'] } }, true],
    [{ detail: { empty: [null] } }, true],
    [{ detail: { absent: [null] } }, false],
    [{ detail: { absent: [{ exists: false }] } }, true],
    [{ detail: { name: [{ exists: true }] } }, true],
    [{ detail: { name: [{ exists: false }] } }, false],
    [{ $or: [{ source: ['aws.rds'] }, { detail: { status: ['FAILED'] } }] }, true],
  ])('%j says %s', async (pattern, expected) => {
    expect(await matches(pattern)).toBe(expected);
  });

  it.each([
    '{',
    '[]',
    '{}',
    '{"source":"aws.states"}',
    '{"source":[]}',
    '{"detail":{}}',
    '{"source":[{"regex":"x"}]}',
    '{"source":[{"cidr":"10.0.0.0/8"}]}',
    '{"source":[{"prefix":1}]}',
    '{"source":[{"prefix":"a","suffix":"b"}]}',
    '{"source":[{"exists":"yes"}]}',
    '{"source":[{"wildcard":"a**b"}]}',
    '{"source":[{"numeric":["~",1]}]}',
    '{"source":[{"numeric":[">",5,"<",1]}]}',
    '{"source":[{"anything-but":[]}]}',
    '{"source":[{"anything-but":{"regex":"x"}}]}',
  ])('is refused when it is %s', async (EventPattern) => {
    await expect(put({ EventPattern })).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
  });

  it('lets an event of a service through to its target', async () => {
    const target = await keeper();
    await put({ EventPattern: JSON.stringify({ source: ['aws.states'], detail: { status: ['FAILED'] } }) });
    const InputPathsMap = { execution: '$.detail.executionArn', error: '$.detail.error' };
    const InputTemplate = '{"execution": <execution>, "said": "failed under <error> in <aws.events.rule-name>"}';
    await aim({ ...target, InputTransformer: { InputPathsMap, InputTemplate } });
    const failing = await scene.machine('failing', { Fail: { Type: 'Fail', Error: 'PlanRefused' } });

    const { executionArn } = await scene.run(failing);
    await scene.cloud.timeline.passTo(STARTS_AT + MINUTE);

    expect((await kept())[0]?.input).toEqual({ execution: executionArn, said: 'failed under PlanRefused in rule' });
  });

  it('lets a part of an event of our own through', async () => {
    const target = await keeper();
    await put({ EventPattern: '{"source":["shop"]}' });
    await aim({ ...target, InputPath: '$.detail.order' });
    const entry = { Source: 'shop', DetailType: 'Order', Detail: '{"order":{"id":7}}' };

    const { Entries } = await events.send(new PutEventsCommand({ Entries: [entry] }));
    await scene.cloud.timeline.passTo(STARTS_AT + MINUTE);

    const found = await kept();
    expect(found[0]?.input).toEqual({ id: 7 });
    expect(found[0]?.name).toContain(Entries?.[0]?.EventId);
  });
});

describe('a target', () => {
  const soon = () => scene.cloud.timeline.passTo(STARTS_AT + 2 * MINUTE);
  const failures = async (): Promise<number> => {
    const { Datapoints = [] } = await scene.cloud.call('monitoring', 'GetMetricStatistics', {
      Namespace: 'AWS/Events',
      MetricName: 'FailedInvocations',
      Dimensions: [{ Name: 'RuleName', Value: 'rule' }],
      StartTime: new Date(STARTS_AT - MINUTE),
      EndTime: new Date(STARTS_AT + 60 * MINUTE),
      Period: 3600,
      Statistics: ['Sum'],
    });
    return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
  };

  it('that is a topic hears it when its policy lets EventBridge in', async () => {
    const { TopicArn = '' } = await scene.cloud.call('sns', 'CreateTopic', { Name: 'alarms' });
    const told: string[] = [];
    scene.cloud.services.sns.onMessage(({ kind, body, token }) => {
      if (kind === 'notification') told.push(body);
      else void scene.cloud.call('sns', 'ConfirmSubscription', { TopicArn, Token: token });
    });
    await scene.cloud.call('sns', 'Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'cto@shop.test' });
    await put({ ScheduleExpression: 'rate(1 minute)' });
    await aim({ Id: 'a', Arn: TopicArn, Input: '"the hour has come"' });

    await scene.cloud.timeline.passTo(STARTS_AT + 1.5 * MINUTE);
    const before = [...told];
    const Statement = [
      { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: TopicArn },
    ];
    const AttributeValue = JSON.stringify({ Version: '2012-10-17', Statement });
    await scene.cloud.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });
    await scene.cloud.timeline.passTo(STARTS_AT + 2.5 * MINUTE);

    expect(before).toEqual([]);
    expect(told).toEqual(['the hour has come']);
    expect(await failures()).toBe(1);
  });

  it('that is a log group keeps the event when its policy lets EventBridge in', async () => {
    const logGroupName = '/aws/events/rule';
    const Arn = `arn:aws:logs:${REGION}:123456789012:log-group:${logGroupName}`;
    await scene.cloud.call('logs', 'CreateLogGroup', { logGroupName });
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${Arn}:*`,
      },
    ];
    const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await scene.cloud.call('logs', 'PutResourcePolicy', { policyName: 'events', policyDocument });
    await put({ ScheduleExpression: 'rate(1 minute)' });
    await aim({ Id: 'a', Arn });

    await scene.cloud.timeline.passTo(STARTS_AT + 1.5 * MINUTE);

    const { events: lines = [] } = await scene.cloud.call('logs', 'FilterLogEvents', { logGroupName });
    expect(lines.map(({ message = '' }) => JSON.parse(message) as object)).toMatchObject([{ source: 'aws.events' }]);
  });

  it('whose role EventBridge may not wear is a failed invocation', async () => {
    const target = await keeper();
    const RoleArn = await scene.role('foreign', [allow('states:StartExecution', '*')], 'lambda.amazonaws.com');
    await put({ ScheduleExpression: 'rate(1 minute)' });
    await aim({ ...target, RoleArn });

    await soon();

    expect(await kept()).toEqual([]);
    expect(await failures()).toBeGreaterThan(0);
  });
});

describe('PutEvents', () => {
  it('answers each entry for itself', async () => {
    const Entries = [
      { Source: 'shop', DetailType: 'Order', Detail: '{}' },
      { Source: 'aws.rds', DetailType: 'Order', Detail: '{}' },
      { Source: 'shop', DetailType: 'Order', Detail: '[]' },
      { Source: 'shop', Detail: '{}' },
    ];

    const answer = await events.send(new PutEventsCommand({ Entries }));

    expect(answer.FailedEntryCount).toBe(3);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'NotAuthorizedForSourceException',
      'MalformedDetail',
      'InvalidArgument',
    ]);
  });

  it('knows the default bus only', async () => {
    const Entries = [{ Source: 'shop', DetailType: 'Order', Detail: '{}', EventBusName: 'orders' }];

    await expect(events.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(events.send(new DescribeEventBusCommand({}))).resolves.toMatchObject({ Name: 'default' });
  });
});

describe('a rule', () => {
  const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms';

  it('goes only after its targets', async () => {
    await put({ ScheduleExpression: 'rate(1 day)', Description: 'daily' });
    await aim({ Id: 'a', Arn: topic });
    const remove = () => events.send(new DeleteRuleCommand({ Name: 'rule' }));

    await expect(remove()).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Rule can't be deleted since it has targets.",
    });
    const names = await events.send(new ListRuleNamesByTargetCommand({ TargetArn: topic }));
    await events.send(new RemoveTargetsCommand({ Rule: 'rule', Ids: ['a'] }));
    await remove();

    expect(names.RuleNames).toEqual(['rule']);
    await expect(events.send(new DescribeRuleCommand({ Name: 'rule' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('is listed page by page', async () => {
    for (const Name of ['a', 'b', 'c']) await put({ Name, ScheduleExpression: 'rate(1 day)' });

    const first = await events.send(new ListRulesCommand({ Limit: 2 }));
    const second = await events.send(new ListRulesCommand({ Limit: 2, NextToken: first.NextToken }));

    expect([first, second].map(({ Rules }) => Rules?.map(({ Name }) => Name))).toEqual([['a', 'b'], ['c']]);
    const foreign = events.send(new ListRulesCommand({ NextToken: 'eA' }));
    await expect(foreign).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it.each([
    ['a machine without a role', { Id: 'a', Arn: machineArn('x') }, 'ValidationException'],
    ['two inputs', { Id: 'a', Arn: topic, Input: '{}', InputPath: '$' }, 'ValidationException'],
    ['an input that is no JSON', { Id: 'a', Arn: topic, Input: '{' }, 'ValidationException'],
    ['a path of another language', { Id: 'a', Arn: topic, InputPath: '$..x' }, 'ValidationException'],
    [
      'a template with a variable nobody defined',
      { Id: 'a', Arn: topic, InputTransformer: { InputTemplate: '{"a":<b>}' } },
      'ValidationException',
    ],
    ['a queue', { Id: 'a', Arn: 'arn:aws:sqs:eu-west-1:123456789012:q' }, 'NotImplemented'],
    ['a dead-letter queue', { Id: 'a', Arn: topic, DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-west-1:1:q' } }, 'NotImplemented'],
    ['a parameter of another kind of target', { Id: 'a', Arn: topic, SqsParameters: {} }, 'NotImplemented'],
  ])('refuses as a target %s', async (_said, target, name) => {
    await put({ ScheduleExpression: 'rate(1 day)' });

    await expect(aim(target)).rejects.toMatchObject({ name });
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: 'rule' }));
    expect(Targets).toEqual([]);
  });

  it('holds five targets', async () => {
    await put({ ScheduleExpression: 'rate(1 day)' });
    const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((Id) => ({ Id, Arn: topic }));

    await expect(aim(...six)).rejects.toMatchObject({ name: 'LimitExceededException' });
  });
});
