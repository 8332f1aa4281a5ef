// What an alarm tells the world when its state changes: SNS, Lambda, and the default event bus.
import type { Caller } from '../../iam/ask.ts';
import type { Ground } from '../ground.ts';
import type { Alarm, Definition, State } from './alarm.ts';
import { recordAction, stamp } from './history.ts';
import type { Query } from './queries.ts';

const SNS_PRINCIPAL = 'cloudwatch.amazonaws.com';
const LAMBDA_PRINCIPAL = 'lambda.alarms.cloudwatch.amazonaws.com';

/** SNS refuses a subject of a hundred characters. */
const LONGEST_SUBJECT = 99;

const REGION_NAMES: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'ca-central-1': 'Canada (Central)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'eu-north-1': 'EU (Stockholm)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
};

/** Emits the event, then performs the actions of the new state; each is told in the history, done or refused. */
export async function announce(ground: Ground, alarm: Alarm, from: State): Promise<void> {
  ground.emit({
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    region: alarm.region,
    resources: [alarm.arn],
    detail: detailOf(alarm, from),
  });
  if (!alarm.actionsEnabled) return;
  for (const action of actionsOf(alarm)) {
    const error = await perform(ground, alarm, from, action).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    );
    recordAction(alarm, ground.timeline.now(), action, error);
  }
}

function actionsOf({ state, definition: { described } }: Alarm): readonly string[] {
  if (state.value === 'ALARM') return described.AlarmActions ?? [];
  return (state.value === 'OK' ? described.OKActions : described.InsufficientDataActions) ?? [];
}

/** The alarm acts in CloudWatch's name and its own: the topic's and the function's policies may ask for either. */
async function perform(ground: Ground, alarm: Alarm, from: State, action: string): Promise<void> {
  const region = action.split(':')[3];
  const as = (service: string): Caller => ({ kind: 'service', service, account: ground.account, source: alarm.arn });
  if (action.startsWith('arn:aws:sns:')) {
    const Subject = `${alarm.state.value}: "${alarm.name}" in ${regionName(alarm.region)}`.slice(0, LONGEST_SUBJECT);
    const Message = JSON.stringify(messageOf(ground.account, alarm, from));
    await ground.call(as(SNS_PRINCIPAL), 'sns', 'Publish', { TopicArn: action, Subject, Message }, region);
    return;
  }
  const Payload = Buffer.from(JSON.stringify(payloadOf(ground.account, alarm, from)));
  await ground.call(as(LAMBDA_PRINCIPAL), 'lambda', 'Invoke', { FunctionName: action, InvocationType: 'Event', Payload }, region);
}

const regionName = (region: string): string => REGION_NAMES[region] ?? region;

function messageOf(account: string, alarm: Alarm, from: State): Record<string, unknown> {
  const { described } = alarm.definition;
  return {
    AlarmName: alarm.name,
    AlarmDescription: described.AlarmDescription ?? null,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: stamp(alarm.configuredAt),
    NewStateValue: alarm.state.value,
    NewStateReason: alarm.state.reason,
    StateChangeTime: stamp(alarm.state.at),
    Region: regionName(alarm.region),
    AlarmArn: alarm.arn,
    OldStateValue: from.value,
    OKActions: described.OKActions,
    AlarmActions: described.AlarmActions,
    InsufficientDataActions: described.InsufficientDataActions,
    Trigger: triggerOf(alarm.definition),
  };
}

function triggerOf({ described, threshold, evaluationPeriods, missingData }: Definition): Record<string, unknown> {
  const rules = {
    Period: described.Period,
    EvaluationPeriods: evaluationPeriods,
    ...(described.DatapointsToAlarm !== undefined && { DatapointsToAlarm: described.DatapointsToAlarm }),
    ComparisonOperator: threshold.operator,
    Threshold: threshold.value,
    TreatMissingData: missingData,
    EvaluateLowSampleCountPercentile: described.EvaluateLowSampleCountPercentile ?? '',
  };
  if (described.Metrics) return { ...rules, Metrics: described.Metrics };
  return {
    MetricName: described.MetricName,
    Namespace: described.Namespace,
    ...(described.Statistic === undefined
      ? { ExtendedStatistic: described.ExtendedStatistic }
      : { StatisticType: 'Statistic', Statistic: described.Statistic.toUpperCase() }),
    Unit: described.Unit ?? null,
    Dimensions: (described.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
    ...rules,
  };
}

function detailOf(alarm: Alarm, from: State): Record<string, unknown> {
  return {
    alarmName: alarm.name,
    state: stateShape(alarm.state),
    previousState: stateShape(from),
    configuration: {
      ...(alarm.definition.described.AlarmDescription !== undefined && {
        description: alarm.definition.described.AlarmDescription,
      }),
      metrics: alarm.definition.queries.map(queryShape),
    },
  };
}

const payloadOf = (account: string, alarm: Alarm, from: State): Record<string, unknown> => ({
  source: 'aws.cloudwatch',
  alarmArn: alarm.arn,
  accountId: account,
  time: stamp(alarm.state.at),
  region: alarm.region,
  alarmData: detailOf(alarm, from),
});

const stateShape = ({ value, reason, reasonData, at }: State): Record<string, unknown> => ({
  value,
  reason,
  ...(reasonData !== undefined && { reasonData }),
  timestamp: stamp(at),
});

function queryShape(query: Query): Record<string, unknown> {
  if (query.kind === 'math') {
    return { id: query.id, expression: query.text, label: query.label, returnData: query.returned };
  }
  const { namespace, name, dimensions } = query.metric;
  const metric = { namespace, name, dimensions: Object.fromEntries(dimensions.map((d) => [d.name, d.value])) };
  return {
    id: query.id,
    metricStat: { metric, period: query.periodSeconds, stat: query.stat, ...(query.unit !== undefined && { unit: query.unit }) },
    returnData: query.returned,
  };
}
