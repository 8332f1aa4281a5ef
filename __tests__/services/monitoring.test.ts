import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  ListTagsForResourceCommand,
  type MetricDatum,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { type Cloud, startCloud } from '../../rehearsal/cloud.ts';
import type { BusEvent } from '../../rehearsal/services/ground.ts';

const MINUTE = 60_000;
const start = Date.UTC(2026, 0, 1, 12, 0, 30);

let cloud: Cloud;
const cloudwatch = (): CloudWatchClient =>
  new CloudWatchClient({ endpoint: cloud.endpoint, region: 'eu-west-1', maxAttempts: 1, credentials: cloud.operator });

beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: start });
});
beforeEach(() => cloud.reset());
afterAll(() => cloud.stop());

const put = (...data: MetricDatum[]) =>
  cloudwatch().send(new PutMetricDataCommand({ Namespace: 'Changeover', MetricData: data }));
/** Puts a value and lets a minute pass, so that the next look sees it. */
const lag = async (...values: number[]): Promise<void> => {
  for (const value of values) {
    await put({ MetricName: 'Lag', Value: value });
    await minutes(1);
  }
};
const minutes = (count: number): Promise<void> => cloud.timeline.passTo(cloud.timeline.now() + count * MINUTE);

const alarm = (more: Partial<PutMetricAlarmCommandInput> = {}) =>
  cloudwatch().send(
    new PutMetricAlarmCommand({
      AlarmName: 'lag',
      Namespace: 'Changeover',
      MetricName: 'Lag',
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 30,
      ComparisonOperator: 'GreaterThanThreshold',
      ...more,
    }),
  );
const described = async () => {
  const { MetricAlarms: alarms } = await cloudwatch().send(new DescribeAlarmsCommand({ AlarmNames: ['lag'] }));
  return alarms?.[0];
};

describe('metric data', () => {
  it('is given back as statistics of its periods', async () => {
    await put({ MetricName: 'Lag', Value: 1 }, { MetricName: 'Lag', Values: [2, 9], Counts: [2, 1] });

    const { Datapoints: points } = await cloudwatch().send(
      new GetMetricStatisticsCommand({
        Namespace: 'Changeover',
        MetricName: 'Lag',
        Period: 60,
        StartTime: new Date(start - MINUTE),
        EndTime: new Date(start + MINUTE),
        Statistics: ['Sum', 'Average', 'SampleCount', 'Minimum', 'Maximum'],
      }),
    );

    expect(points).toEqual([
      { Timestamp: new Date(start - 30_000), Sum: 14, Average: 3.5, SampleCount: 4, Minimum: 1, Maximum: 9, Unit: 'None' },
    ]);
  });

  it('answers arithmetic over its queries', async () => {
    await put({ MetricName: 'Failed', Value: 1 }, { MetricName: 'Total', Value: 4 });
    const stat = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'Changeover', MetricName }, Period: 60, Stat: 'Sum' },
    });

    const { MetricDataResults: results } = await cloudwatch().send(
      new GetMetricDataCommand({
        StartTime: new Date(start - MINUTE),
        EndTime: new Date(start + MINUTE),
        MetricDataQueries: [
          stat('f', 'Failed'),
          stat('t', 'Total'),
          { Id: 'rate', Expression: '100 * f / (t + 0)', Label: 'failed %' },
        ],
      }),
    );

    expect(results).toMatchObject([{ Id: 'rate', Label: 'failed %', Values: [25], StatusCode: 'Complete' }]);
  });

  it('refuses a metric math function by name', async () => {
    const ask = cloudwatch().send(
      new GetMetricDataCommand({
        StartTime: new Date(start),
        EndTime: new Date(start + MINUTE),
        MetricDataQueries: [{ Id: 'x', Expression: 'FILL(m1, 0)' }],
      }),
    );

    await expect(ask).rejects.toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('FILL') as unknown });
  });

  it.each([
    ['itself', [{ Id: 'a', Expression: 'a + 1' }]],
    [
      'each other',
      [
        { Id: 'a', Expression: 'b + 1' },
        { Id: 'b', Expression: 'a + 1' },
      ],
    ],
  ])('refuses expressions that rest on %s', async (_what, MetricDataQueries) => {
    const ask = cloudwatch().send(
      new GetMetricDataCommand({ StartTime: new Date(start), EndTime: new Date(start + MINUTE), MetricDataQueries }),
    );

    await expect(ask).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Circular dependency') as unknown,
    });
  });

  it('refuses the namespaces of AWS, and what was measured too long ago', async () => {
    const ofAws = new PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData: [{ MetricName: 'Errors', Value: 1 }] });
    const old = { MetricName: 'Lag', Value: 1, Timestamp: new Date(start - 15 * 24 * 60 * MINUTE) };

    await expect(cloudwatch().send(ofAws)).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'The value AWS/ for parameter Namespace is invalid.',
    });
    await expect(put(old)).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'The parameter MetricData.member.1.Timestamp must specify a time no more than two weeks in the past.',
    });
  });

  it('is listed under its dimensions', async () => {
    await put(
      { MetricName: 'Lag', Dimensions: [{ Name: 'env', Value: 'standby' }], Value: 1 },
      { MetricName: 'Other', Value: 1 },
    );

    const { Metrics: metrics } = await cloudwatch().send(
      new ListMetricsCommand({ Namespace: 'Changeover', Dimensions: [{ Name: 'env' }] }),
    );

    expect(metrics).toEqual([{ Namespace: 'Changeover', MetricName: 'Lag', Dimensions: [{ Name: 'env', Value: 'standby' }] }]);
  });
});

describe('an alarm', () => {
  it('is unchecked when it is made, and unknown while nothing is measured', async () => {
    await alarm();
    await minutes(10);

    expect(await described()).toMatchObject({
      AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:lag',
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Unchecked: Initial alarm creation',
      ActionsEnabled: true,
    });
  });

  it('goes off when its threshold is crossed, and comes back, saying why as CloudWatch does', async () => {
    await alarm();
    await lag(42.5);
    const off = await described();
    await lag(3);
    const back = await described();

    expect(off).toMatchObject({
      StateValue: 'ALARM',
      StateReason: 'Threshold Crossed: 1 datapoint [42.5 (01/01/26 12:00:00)] was greater than the threshold (30.0).',
    });
    expect(JSON.parse(off?.StateReasonData ?? '{}')).toMatchObject({
      version: '1.0',
      statistic: 'Maximum',
      period: 60,
      recentDatapoints: [42.5],
      threshold: 30,
    });
    expect(back).toMatchObject({
      StateValue: 'OK',
      StateReason: 'Threshold Crossed: 1 datapoint [3.0 (01/01/26 12:01:00)] was not greater than the threshold (30.0).',
    });
  });

  it('waits for as many datapoints as it wants out of those it looks at', async () => {
    await alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    await lag(50, 1);
    const one = await described();
    await lag(60);
    const two = await described();

    expect(one?.StateValue).not.toBe('ALARM');
    expect(two).toMatchObject({
      StateValue: 'ALARM',
      StateReason:
        'Threshold Crossed: 2 out of the last 3 datapoints [60.0 (01/01/26 12:02:00), 50.0 (01/01/26 12:00:00)] were greater than the threshold (30.0) (minimum 2 datapoints for OK -> ALARM transition).',
    });
  });

  it('watches percentiles', async () => {
    await alarm({ Statistic: undefined, ExtendedStatistic: 'p90' });
    await put({ MetricName: 'Lag', Values: [1, 100], Counts: [95, 5] });
    await minutes(1);

    expect((await described())?.StateValue).toBe('OK');
  });

  it('of a dead man goes off when the measurements stop', async () => {
    await alarm({ TreatMissingData: 'breaching' });
    await lag(1);
    const alive = await described();
    await minutes(10);
    const dead = await described();

    expect(alive?.StateValue).toBe('OK');
    expect(dead).toMatchObject({
      StateValue: 'ALARM',
      StateReason:
        'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].',
    });
  });

  it.each([
    ['missing', 'INSUFFICIENT_DATA'],
    ['ignore', 'ALARM'],
    ['notBreaching', 'OK'],
  ])('treats data that is missing as %s, and is then %s', async (treatment, state) => {
    await alarm({ TreatMissingData: treatment });
    await lag(99);
    await minutes(10);

    expect((await described())?.StateValue).toBe(state);
  });

  it('lets a week of silence pass at once', async () => {
    await alarm({ TreatMissingData: 'breaching' });
    await lag(1);

    await minutes(7 * 24 * 60);

    expect((await described())?.StateValue).toBe('ALARM');
  });

  it('emits its change on the bus', async () => {
    const heard: BusEvent[] = [];
    cloud.ground.onEmit((event) => void heard.push(event));
    await alarm();
    await lag(42);

    const changes = heard.filter(({ detailType }) => detailType === 'CloudWatch Alarm State Change');

    expect(changes).toMatchObject([
      {
        source: 'aws.cloudwatch',
        resources: ['arn:aws:cloudwatch:eu-west-1:123456789012:alarm:lag'],
        detail: { alarmName: 'lag', state: { value: 'ALARM' }, previousState: { value: 'INSUFFICIENT_DATA' } },
      },
    ]);
  });

  it('tells in its history what it did, and what it was refused', async () => {
    await alarm({ AlarmActions: ['arn:aws:sns:eu-west-1:123456789012:nobody'] });
    await lag(42);

    const { AlarmHistoryItems: items } = await cloudwatch().send(new DescribeAlarmHistoryCommand({ AlarmName: 'lag' }));

    expect(items?.map((item) => item.HistoryItemType)).toEqual(['Action', 'StateUpdate', 'ConfigurationUpdate']);
    expect(items?.[0]?.HistorySummary).toMatch(/^Failed to execute action arn:aws:sns:eu-west-1:123456789012:nobody\./);
    expect(items?.[1]?.HistorySummary).toBe('Alarm updated from INSUFFICIENT_DATA to ALARM');
  });

  it('publishes to a topic whose policy lets it, and to no other', async () => {
    const topics = await Promise.all(['open', 'shut'].map((Name) => cloud.call('sns', 'CreateTopic', { Name })));
    const [open = '', shut = ''] = topics.map(({ TopicArn: arn }) => arn);
    const allowing = (arn: string, source: string): string =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: arn,
          Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${source}` } },
        },
      });
    await cloud.call('sns', 'SetTopicAttributes', {
      TopicArn: open,
      AttributeName: 'Policy',
      AttributeValue: allowing(open, 'l*'),
    });
    await cloud.call('sns', 'SetTopicAttributes', {
      TopicArn: shut,
      AttributeName: 'Policy',
      AttributeValue: allowing(shut, 'x'),
    });
    await alarm({ AlarmActions: [open, shut] });
    await lag(42);

    const { AlarmHistoryItems: items } = await cloudwatch().send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'lag', HistoryItemType: 'Action', ScanBy: 'TimestampAscending' }),
    );

    expect(items?.map((item) => item.HistorySummary)).toEqual([
      `Successfully executed action ${open}`,
      `Failed to execute action ${shut}. Received error: "User: cloudwatch.amazonaws.com is not authorized to perform: SNS:Publish on resource: ${shut} because no resource-based policy allows the SNS:Publish action"`,
    ]);
  });

  it('with a long name is told in a subject that SNS takes', async () => {
    const { TopicArn: topic = '' } = await cloud.call('sns', 'CreateTopic', { Name: 'pager' });
    await alarm({ AlarmName: 'l'.repeat(120), AlarmActions: [topic] });
    await lag(42);

    const { AlarmHistoryItems: items } = await cloudwatch().send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'l'.repeat(120), HistoryItemType: 'Action' }),
    );

    expect(items?.map((item) => item.HistorySummary)).toEqual([`Successfully executed action ${topic}`]);
  });

  it('keeps quiet while its actions are disabled', async () => {
    await alarm({ AlarmActions: ['arn:aws:sns:eu-west-1:123456789012:nobody'] });
    await cloudwatch().send(new DisableAlarmActionsCommand({ AlarmNames: ['lag'] }));
    await lag(42);

    const { AlarmHistoryItems: items } = await cloudwatch().send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'lag', HistoryItemType: 'Action' }),
    );

    expect(items).toEqual([]);
  });

  it('that was set by hand returns to what is measured', async () => {
    await alarm();
    await lag(1);
    await cloudwatch().send(new SetAlarmStateCommand({ AlarmName: 'lag', StateValue: 'ALARM', StateReason: 'trying' }));
    const set = await described();
    await minutes(1);

    expect(set).toMatchObject({ StateValue: 'ALARM', StateReason: 'trying' });
    expect((await described())?.StateValue).toBe('OK');
  });

  it('is found by its metric, and carries its tags', async () => {
    await alarm({ Tags: [{ Key: 'app', Value: 'shop' }] });

    const found = await cloudwatch().send(new DescribeAlarmsForMetricCommand({ Namespace: 'Changeover', MetricName: 'Lag' }));
    const { Tags: tags } = await cloudwatch().send(
      new ListTagsForResourceCommand({ ResourceARN: found.MetricAlarms?.[0]?.AlarmArn }),
    );

    expect(tags).toEqual([{ Key: 'app', Value: 'shop' }]);
  });

  it('is gone once it is deleted, and is not deleted twice', async () => {
    await alarm();
    const remove = () => cloudwatch().send(new DeleteAlarmsCommand({ AlarmNames: ['lag'] }));
    await remove();

    expect(await described()).toBeUndefined();
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceNotFound' });
    expect(cloud.inventory().monitoring).toEqual({});
  });

  it.each<[string, Partial<PutMetricAlarmCommandInput>, string]>([
    ['more datapoints than it looks at', { DatapointsToAlarm: 2 }, 'ValidationException'],
    ['a period of no length', { Period: 45 }, 'ValidationException'],
    ['more than a day', { Period: 300, EvaluationPeriods: 289 }, 'ValidationException'],
    ['two statistics', { ExtendedStatistic: 'p99' }, 'InvalidParameterCombinationException'],
    ['an action that is no ARN', { AlarmActions: ['pager'] }, 'ValidationException'],
    ['an anomaly band', { ComparisonOperator: 'GreaterThanUpperThreshold' }, 'NotImplemented'],
  ])('is refused %s', async (_, more, name) => {
    await expect(alarm(more)).rejects.toMatchObject({ name });
  });
});
