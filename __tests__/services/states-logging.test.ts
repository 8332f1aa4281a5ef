import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LogLevel } from '@aws-sdk/client-sfn';
import { allow, openScene, type Scene } from './states-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.stop());

const GROUP = '/aws/vendedlogs/states/changeover';
const groupArn = `arn:aws:logs:eu-west-1:123456789012:log-group:${GROUP}:*`;
const delivery = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];
const failing = { Say: { Type: 'Pass', Output: 'secret', Next: 'Stop' }, Stop: { Type: 'Fail', Error: 'PlanRefused' } };
const logging = (level: LogLevel, includeExecutionData = false, logGroupArn = groupArn) => ({
  loggingConfiguration: { level, includeExecutionData, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn } }] },
});

async function logger(actions = delivery): Promise<string> {
  await scene.cloud.call('logs', 'CreateLogGroup', { logGroupName: GROUP });
  return scene.role('logger', [allow(actions, '*')]);
}

interface Line {
  readonly id: string;
  readonly type: string;
  readonly details: Record<string, unknown>;
  readonly execution_arn: string;
}

async function lines(): Promise<Line[]> {
  await scene.cloud.timeline.passTo(scene.cloud.timeline.now() + 1000);
  const { events = [] } = await scene.cloud.call('logs', 'FilterLogEvents', { logGroupName: GROUP });
  return events.map(({ message = '' }) => JSON.parse(message) as Line);
}

describe('a log of executions', () => {
  it('holds every event, without data unless data is asked for', async () => {
    const roleArn = await logger();
    const machine = await scene.machine('logged', failing, { roleArn, ...logging('ALL') });

    const { executionArn } = await scene.run(machine, { secret: true });

    const found = await lines();
    expect(found.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
    expect(found[0]).toMatchObject({ id: '1', execution_arn: executionArn, details: { roleArn } });
    expect(found[4]?.details).toEqual({ error: 'PlanRefused' });
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it('holds the data when it is asked for', async () => {
    const roleArn = await logger();
    const machine = await scene.machine('logged', failing, { roleArn, ...logging('ALL', true) });

    await scene.run(machine, { secret: true });

    expect((await lines())[0]?.details).toMatchObject({ input: '{"secret":true}' });
  });

  it.each([
    ['ERROR' as const, ['FailStateEntered', 'ExecutionFailed']],
    ['FATAL' as const, ['ExecutionFailed']],
    ['OFF' as const, []],
  ])('at level %s holds %j', async (level, expected) => {
    const roleArn = await logger();
    const machine = await scene.machine('logged', failing, { roleArn, ...logging(level) });

    await scene.run(machine);

    expect((await lines()).map(({ type }) => type)).toEqual(expected);
  });

  it.each(delivery)('needs its role to hold %s', async (missing) => {
    const roleArn = await logger(delivery.filter((action) => action !== missing));

    const made = scene.machine('logged', failing, { roleArn, ...logging('ALL') });

    await expect(made).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `The state machine IAM Role is not authorized to access the Log Destination (it lacks ${missing} on *)`,
    });
  });

  it.each([
    ['does not end in a star', groupArn.slice(0, -2)],
    ['does not exist', groupArn.replace('changeover', 'absent')],
  ])('is refused when its destination %s', async (_said, arn) => {
    const roleArn = await logger();

    const made = scene.machine('logged', failing, { roleArn, ...logging('ALL', false, arn) });

    await expect(made).rejects.toMatchObject({ name: 'InvalidLoggingConfiguration' });
  });
});

describe('the metrics of a machine', () => {
  it('count starts and ends', async () => {
    const machine = await scene.machine('counted', failing);

    await scene.run(machine);
    await scene.cloud.timeline.passTo(scene.cloud.timeline.now() + 60_000);

    const sum = async (MetricName: string): Promise<number | undefined> => {
      const { Datapoints = [] } = await scene.cloud.call('monitoring', 'GetMetricStatistics', {
        Namespace: 'AWS/States',
        MetricName,
        Dimensions: [{ Name: 'StateMachineArn', Value: machine }],
        StartTime: new Date(scene.cloud.timeline.now() - 3_600_000),
        EndTime: new Date(scene.cloud.timeline.now()),
        Period: 3600,
        Statistics: ['Sum'],
      });
      return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
    };
    expect([await sum('ExecutionsStarted'), await sum('ExecutionsFailed'), await sum('ExecutionsSucceeded')]).toEqual([1, 1, 0]);
  });
});
