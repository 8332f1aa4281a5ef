import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutMetricFilterCommand,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const GROUP = { logGroupName: '/team/app' };
const STREAM = { ...GROUP, logStreamName: 'one' };

describe('CloudWatch Logs', () => {
  let cloud: Cloud;
  let logs: CloudWatchLogsClient;
  beforeEach(async () => {
    cloud = await startCloud({ pace: { kind: 'virtual' } });
    logs = new CloudWatchLogsClient({
      endpoint: cloud.endpoint,
      region: 'eu-west-1',
      credentials: cloud.operator,
      maxAttempts: 1,
    });
    await logs.send(new CreateLogGroupCommand(GROUP));
    await logs.send(new CreateLogStreamCommand(STREAM));
  });
  afterEach(() => cloud.stop());

  const now = (): number => Math.floor(cloud.timeline.now());
  const put = (messages: readonly string[], at = now()) =>
    logs.send(new PutLogEventsCommand({ ...STREAM, logEvents: messages.map((message, i) => ({ message, timestamp: at + i })) }));
  const find = async (filterPattern: string): Promise<(string | undefined)[]> =>
    ((await logs.send(new FilterLogEventsCommand({ ...GROUP, filterPattern }))).events ?? []).map(({ message }) => message);

  it('keeps events in the order of their timestamps, whatever the order they came in', async () => {
    const at = now();
    await put(['second'], at);
    await put(['first'], at - 1_000);

    expect(await find('')).toEqual(['first', 'second']);
  });

  it('reads a stream from either end, page by page', async () => {
    await put(['a', 'b', 'c', 'd', 'e']);
    const read = async (more: object) => {
      const page = await logs.send(new GetLogEventsCommand({ ...STREAM, limit: 2, ...more }));
      return { ...page, said: page.events?.map(({ message }) => message) };
    };

    const tail = await read({});
    const before = await read({ nextToken: tail.nextBackwardToken });
    const head = await read({ startFromHead: true });
    const after = await read({ nextToken: head.nextForwardToken });
    const end = await read({ nextToken: tail.nextForwardToken });

    expect([tail, before, head, after, end].map(({ said }) => said)).toEqual([
      ['d', 'e'],
      ['b', 'c'],
      ['a', 'b'],
      ['c', 'd'],
      [],
    ]);
    expect(end.nextForwardToken).toBe(tail.nextForwardToken);
    await expect(read({ nextToken: 'f/made-up' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it.each([
    ['ERROR', ['an ERROR here', '{"level":"ERROR","n":4}']],
    ['"ERROR here"', ['an ERROR here']],
    ['?here ?info', ['an ERROR here', '{"level":"info","n":3,"in":{"a":["x"]}}']],
    ['ERROR -level', ['an ERROR here']],
    ['{ $.level = "ERROR" }', ['{"level":"ERROR","n":4}']],
    ['{ $.level = ERR* && $.n >= 4 }', ['{"level":"ERROR","n":4}']],
    ['{ ($.n < 4) || ($.level = "none") }', ['{"level":"info","n":3,"in":{"a":["x"]}}']],
    ['{ $.in.a[0] = "x" }', ['{"level":"info","n":3,"in":{"a":["x"]}}']],
    ['{ $.level != "ERROR" }', ['{"level":"info","n":3,"in":{"a":["x"]}}']],
  ])('finds by %s', async (pattern, found) => {
    await put(['an ERROR here', '{"level":"ERROR","n":4}', '{"level":"info","n":3,"in":{"a":["x"]}}']);

    expect(await find(pattern)).toEqual(found);
  });

  it.each([['[ip, user]'], ['%re%'], ['{ $.a IS NULL }']])('refuses the pattern %s by name', async (pattern) => {
    await expect(find(pattern)).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('leaves out what is too old or too new, and says so', async () => {
    const old = await put(['old'], now() - 15 * DAY);
    const early = await put(['early'], now() + 3 * HOUR);

    expect(old.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect(early.rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 0 });
    expect(await find('')).toEqual([]);
  });

  it('refuses a batch out of order, over a day long, or empty', async () => {
    const send = (times: readonly number[]) =>
      logs.send(new PutLogEventsCommand({ ...STREAM, logEvents: times.map((timestamp) => ({ timestamp, message: 'm' })) }));

    await expect(send([now(), now() - 10])).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(send([now() - 25 * HOUR, now()])).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(send([])).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('forgets events when their retention has passed on the timeline', async () => {
    await put(['kept for a day']);
    await logs.send(new PutRetentionPolicyCommand({ ...GROUP, retentionInDays: 1 }));

    const before = await find('');
    await cloud.timeline.passTo(cloud.timeline.now() + 2 * DAY);
    const after = await find('');

    expect([before.length, after.length]).toEqual([1, 0]);
    await expect(logs.send(new PutRetentionPolicyCommand({ ...GROUP, retentionInDays: 8 }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('names what is missing and what is there already', async () => {
    await expect(logs.send(new CreateLogGroupCommand(GROUP))).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    await expect(logs.send(new CreateLogStreamCommand(STREAM))).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    await expect(logs.send(new CreateLogStreamCommand({ logGroupName: '/no', logStreamName: 's' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(logs.send(new GetLogEventsCommand({ ...GROUP, logStreamName: 'no' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('lists groups and streams in pages', async () => {
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/team/other', tags: { a: 'b' } }));
    const first = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/team', limit: 1 }));
    const second = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/team', limit: 1, nextToken: first.nextToken }),
    );
    await put(['x']);
    const streams = await logs.send(new DescribeLogStreamsCommand({ ...GROUP, orderBy: 'LastEventTime', descending: true }));

    expect([first, second].map(({ logGroups }) => logGroups?.[0]?.logGroupName)).toEqual(['/team/app', '/team/other']);
    expect(second.nextToken).toBeUndefined();
    expect(streams.logStreams?.[0]).toMatchObject({ logStreamName: 'one', lastEventTimestamp: expect.any(Number) as unknown });
    await expect(logs.send(new DescribeLogGroupsCommand({ nextToken: 'mine' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('lets an AWS service write only by a resource policy', async () => {
    const delivery = { kind: 'service', service: 'delivery.logs.amazonaws.com', account: cloud.account } as const;
    const write = () => cloud.ground.call(delivery, 'logs', 'CreateLogStream', { ...GROUP, logStreamName: 'delivered' });
    const Statement = [
      { Effect: 'Allow', Principal: { Service: 'delivery.logs.amazonaws.com' }, Action: 'logs:CreateLogStream', Resource: '*' },
    ];

    await expect(write()).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await logs.send(
      new PutResourcePolicyCommand({ policyName: 'p', policyDocument: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    );
    await expect(write()).resolves.toEqual({});
  });

  it('counts the lines that a metric filter wants', async () => {
    const metricTransformations = [{ metricName: 'Errors', metricNamespace: 'Team', metricValue: '1', defaultValue: 0 }];
    await logs.send(
      new PutMetricFilterCommand({ ...GROUP, filterName: 'errors', filterPattern: 'ERROR', metricTransformations }),
    );

    await put(['ERROR a', 'fine', 'ERROR b']);

    const { Datapoints } = await cloud.call('monitoring', 'GetMetricStatistics', {
      Namespace: 'Team',
      MetricName: 'Errors',
      StartTime: new Date(now() - HOUR),
      EndTime: new Date(now() + HOUR),
      Period: 7200,
      Statistics: ['Sum'],
    });
    expect(Datapoints?.[0]?.Sum).toBe(2);
  });

  describe('with metrics embedded in its lines', () => {
    const document = (change: object = {}, directive: object = {}, meta: object = {}): object => ({
      _aws: {
        Timestamp: now(),
        CloudWatchMetrics: [
          {
            Namespace: 'Team',
            Dimensions: [['app'], ['app', 'side'], []],
            Metrics: [{ Name: 'age', Unit: 'Seconds' }, { Name: 'sizes' }],
            ...directive,
          },
        ],
        ...meta,
      },
      app: 'orders',
      side: 'spare',
      age: 12,
      sizes: [1, 2],
      ...change,
    });
    const told = async (MetricName: string, dimensions: Readonly<Record<string, string>>) => {
      const { Datapoints = [] } = await cloud.call('monitoring', 'GetMetricStatistics', {
        Namespace: 'Team',
        MetricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(now() - HOUR),
        EndTime: new Date(now() + HOUR),
        Period: 7200,
        Statistics: ['Sum', 'SampleCount'],
      });
      return Datapoints.map(({ Sum, SampleCount, Unit }) => [Sum, SampleCount, Unit]);
    };

    it('puts each of them under each set of dimensions', async () => {
      await put([JSON.stringify(document())]);

      expect(await told('age', { app: 'orders' })).toEqual([[12, 1, 'Seconds']]);
      expect(await told('age', { app: 'orders', side: 'spare' })).toEqual([[12, 1, 'Seconds']]);
      expect(await told('sizes', {})).toEqual([[3, 2, 'None']]);
    });

    it('puts them by the time that the line says, also behind what Lambda writes before a line of text', async () => {
      const id = '79104eff-2c5a-4b8b-a9cd-ecb73e6a2d4e';
      const at = new Date(now()).toISOString();
      await put([
        `${at}\t${id}\tINFO\t${JSON.stringify(document())}\n`,
        JSON.stringify(document({}, {}, { Timestamp: now() - 5 * HOUR })),
      ]);

      expect(await told('age', { app: 'orders' })).toEqual([[12, 1, 'Seconds']]);
    });

    it.each([
      ['no time', {}, {}, { Timestamp: undefined }],
      ['no dimensions', {}, { Dimensions: undefined }, {}],
      ['a dimension that is not there', {}, { Dimensions: [['app'], ['owner']] }, {}],
      ['a dimension that is a number', { side: 4 }, {}, {}],
      ['a metric that is not there', {}, { Metrics: [{ Name: 'age' }, { Name: 'weight' }] }, {}],
      ['a metric that is text', { sizes: '12' }, {}, {}],
      ['more values than a metric may have', { sizes: Array.from({ length: 101 }, () => 1) }, {}, {}],
      ['more dimensions than a metric may have', {}, { Dimensions: [Array.from({ length: 31 }, () => 'app')] }, {}],
      ['a unit that there is not', {}, { Metrics: [{ Name: 'age', Unit: 'Fortnights' }] }, {}],
      ['a namespace of AWS’s own', {}, { Namespace: 'AWS/Lambda' }, {}],
    ])('keeps a line with %s, and puts nothing', async (_what, change, directive, meta) => {
      const line = JSON.stringify(document(change, directive, meta));
      await put([line, `told: ${JSON.stringify(document())}`, '{"_aws":{"CloudWatchMetrics":']);

      const { Metrics = [] } = await cloud.call('monitoring', 'ListMetrics', {});
      expect(Metrics).toEqual([]);
      expect(await find('')).toContain(line);
    });
  });

  it('leaves nothing of a deleted group', async () => {
    await logs.send(new DeleteLogGroupCommand(GROUP));

    expect(cloud.inventory()['logs']).toEqual({});
    await expect(put(['x'])).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
