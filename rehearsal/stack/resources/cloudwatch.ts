// AWS::CloudWatch::Alarm.
import type { ComparisonOperator, StandardUnit, Statistic } from '@aws-sdk/client-cloudwatch';
import { flag, integer, list, number, structure, tag, text, word } from '../shape.ts';
import type { Read } from '../shape.ts';
import { droppedTags, resource, tagsOf } from './resource.ts';
import type { Site } from './resource.ts';

const dimension = structure({ Name: text, Value: text }, {});
const metric = structure({}, { Namespace: text, MetricName: text, Dimensions: list(dimension) });
const query = structure(
  { Id: text },
  {
    AccountId: text,
    Expression: text,
    Label: text,
    MetricStat: structure({ Metric: metric, Period: integer, Stat: text }, { Unit: word<StandardUnit>() }),
    Period: integer,
    ReturnData: flag,
  },
);
const alarm = structure(
  {},
  {
    ActionsEnabled: flag,
    AlarmActions: list(text),
    AlarmDescription: text,
    AlarmName: text,
    ComparisonOperator: word<ComparisonOperator>(),
    DatapointsToAlarm: integer,
    Dimensions: list(dimension),
    EvaluateLowSampleCountPercentile: text,
    EvaluationPeriods: integer,
    ExtendedStatistic: text,
    InsufficientDataActions: list(text),
    MetricName: text,
    Metrics: list(query),
    Namespace: text,
    OKActions: list(text),
    Period: integer,
    Statistic: word<Statistic>(),
    Tags: list(tag),
    Threshold: number,
    ThresholdMetricId: text,
    TreatMissingData: text,
    Unit: word<StandardUnit>(),
  },
  ['EvaluationCriteria', 'EvaluationInterval'],
);
type Alarm = Read<typeof alarm>;

async function put(AlarmName: string, p: Alarm, site: Site, withTags: boolean): Promise<void> {
  const { Tags, ...rest } = p;
  const { ComparisonOperator, EvaluationPeriods } = p;
  const tags = tagsOf(Tags, site);
  await site.call('monitoring', 'PutMetricAlarm', {
    ...rest,
    ComparisonOperator,
    EvaluationPeriods,
    AlarmName,
    ...(withTags && tags.length > 0 && { Tags: tags }),
  });
}

const alarmResource = resource<Alarm>({
  type: 'AWS::CloudWatch::Alarm',
  shape: alarm,
  attributes: ['Arn'],
  replacedBy: ['AlarmName'],
  nameProperty: 'AlarmName',
  async create(p, site) {
    const AlarmName = p.AlarmName ?? site.name(255);
    // PutMetricAlarm would overwrite an alarm of that name: CloudFormation does not.
    const { MetricAlarms = [] } = await site.call('monitoring', 'DescribeAlarms', { AlarmNames: [AlarmName] });
    if (MetricAlarms.length > 0) throw new Error(`${AlarmName} already exists`);
    await put(AlarmName, p, site, true);
    return { physicalId: AlarmName, attributes: { Arn: `arn:aws:cloudwatch:${site.region}:${site.account}:alarm:${AlarmName}` } };
  },
  async update(p, before, standing, site) {
    await put(standing.physicalId, p, site, false);
    const ResourceARN = standing.attributes['Arn'] ?? '';
    const dropped = droppedTags(before.Tags, p.Tags);
    if (dropped.length > 0) await site.call('monitoring', 'UntagResource', { ResourceARN, TagKeys: dropped });
    const tags = tagsOf(p.Tags, site);
    if (tags.length > 0) await site.call('monitoring', 'TagResource', { ResourceARN, Tags: tags });
    return standing;
  },
  async remove({ physicalId }, _p, site) {
    await site.call('monitoring', 'DeleteAlarms', { AlarmNames: [physicalId] });
  },
});

export const cloudwatchResources = [alarmResource];
