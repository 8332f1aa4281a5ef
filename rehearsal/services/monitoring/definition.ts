// What PutMetricAlarm takes as an alarm.
import { type InputOf, type Sdks } from '../service.ts';
import { COMPARISONS, type Definition, type MissingData, type Threshold } from './alarm.ts';
import { invalidCombination, missingParameter, notImitated, validation } from './failures.ts';
import { metricNameOf } from './metrics.ts';
import { periodOf, type Query, readQueries } from './queries.ts';
import { isPlainStatistic, percentileOf } from './statistics.ts';

export type AlarmInput = InputOf<Sdks['monitoring'], 'PutMetricAlarm'>;

const MISSING_DATA: readonly string[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const DAY = 86_400;
const MOST_ACTIONS = 5;

export function readDefinition(input: AlarmInput): Definition {
  refuseUnimitated(input);
  const { AlarmName: name = '' } = input;
  // eslint-disable-next-line no-control-regex -- control characters are what CloudWatch refuses here
  if (name === '' || name.length > 255 || /[\u0000-\u001f]/.test(name))
    throw validation(`The value ${name} for parameter AlarmName is invalid.`);
  const queries = input.Metrics === undefined ? [queryOf(input)] : queriesOf(input);
  const watched = watchedOf(queries);
  const periodSeconds = periodOf(watched, queries);
  const evaluationPeriods = periodsOf(input, periodSeconds);
  const datapointsToAlarm = input.DatapointsToAlarm ?? evaluationPeriods;
  if (!Number.isInteger(datapointsToAlarm) || datapointsToAlarm < 1 || datapointsToAlarm > evaluationPeriods) {
    throw validation('DatapointsToAlarm must be greater than 0 and less than or equal to EvaluationPeriods');
  }
  const missingData = input.TreatMissingData ?? 'missing';
  if (!MISSING_DATA.includes(missingData))
    throw validation(`The value ${missingData} for parameter TreatMissingData is not supported.`);
  checkActions(input);
  return {
    described: describedOf(input),
    queries,
    watched,
    periodSeconds,
    evaluationPeriods,
    datapointsToAlarm,
    threshold: thresholdOf(input),
    missingData: missingData as MissingData,
  };
}

function refuseUnimitated(input: AlarmInput): void {
  const left = (['ThresholdMetricId', 'EvaluationCriteria', 'EvaluationInterval'] as const).find((m) => input[m] !== undefined);
  if (left !== undefined) throw notImitated(`cloudwatch:PutMetricAlarm with ${left}`);
  if (input.EvaluateLowSampleCountPercentile === 'ignore') {
    throw notImitated('cloudwatch:PutMetricAlarm with EvaluateLowSampleCountPercentile ignore');
  }
  const operator = input.ComparisonOperator;
  if (operator !== undefined && !Object.hasOwn(COMPARISONS, operator)) throw notImitated(`the comparison operator ${operator}`);
}

function queryOf(input: AlarmInput): Query {
  const { MetricName: name, Namespace: namespace, Statistic: plain, ExtendedStatistic: extended, Period: period } = input;
  if (!name) throw missingParameter('The parameter MetricName is required.');
  if (!namespace) throw missingParameter('The parameter Namespace is required.');
  if ((plain === undefined) === (extended === undefined)) {
    throw invalidCombination('Exactly one of the parameters Statistic and ExtendedStatistic must be specified.');
  }
  const stat = plain ?? extended ?? '';
  if (plain !== undefined && !isPlainStatistic(stat))
    throw validation(`The value ${stat} for parameter Statistic is not supported.`);
  if (extended !== undefined && percentileOf(extended) === undefined) {
    if (/^(tm|wm|tc|ts|pr|iqm)/i.test(extended)) throw notImitated(`the statistic ${extended}`);
    throw validation(`The value ${extended} for parameter ExtendedStatistic is not supported.`);
  }
  if (period === undefined) throw missingParameter('The parameter Period is required.');
  checkAlarmPeriod(period);
  return {
    ...{ kind: 'stat', id: 'm1', label: name, returned: true, stat, unit: input.Unit, periodSeconds: period },
    metric: metricNameOf(namespace, name, input.Dimensions),
  };
}

function queriesOf(input: AlarmInput): Query[] {
  const single = (['MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit'] as const).find(
    (member) => input[member] !== undefined && !(member === 'Dimensions' && input.Dimensions?.length === 0),
  );
  if (single !== undefined) throw invalidCombination(`The parameters Metrics and ${single} cannot be specified together.`);
  const queries = readQueries(input.Metrics ?? []);
  for (const query of queries) if (query.kind === 'stat') checkAlarmPeriod(query.periodSeconds);
  return queries;
}

function watchedOf(queries: readonly Query[]): Query {
  const [watched, ...others] = queries.filter(({ returned }) => returned);
  if (!watched || others.length > 0) throw validation('Exactly one element of the metrics list should return data.');
  return watched;
}

function checkAlarmPeriod(seconds: number): void {
  if ([10, 20, 30].includes(seconds) || (seconds >= 60 && seconds % 60 === 0)) return;
  throw validation('Period must be 10, 20, 30 or a multiple of 60');
}

function periodsOf({ EvaluationPeriods: periods }: AlarmInput, periodSeconds: number): number {
  if (periods === undefined) throw missingParameter('The parameter EvaluationPeriods is required.');
  if (!Number.isInteger(periods) || periods < 1) throw validation('EvaluationPeriods must be greater than or equal to 1');
  // An alarm of an hour or more may look back a week, any other a day.
  const most = periodSeconds >= 3600 ? 7 * DAY : DAY;
  if (periods * periodSeconds > most) {
    const span = periodSeconds >= 3600 ? 'seven days' : 'a day';
    throw validation(`Metrics cannot be checked across more than ${span} (EvaluationPeriods * Period must be <= ${most}).`);
  }
  return periods;
}

function thresholdOf({ ComparisonOperator: operator, Threshold: value }: AlarmInput): Threshold {
  if (operator === undefined) throw missingParameter('The parameter ComparisonOperator is required.');
  if (value === undefined) throw missingParameter('The parameter Threshold is required.');
  return { operator: operator as Threshold['operator'], value };
}

function checkActions({
  AlarmActions: alarm = [],
  OKActions: ok = [],
  InsufficientDataActions: insufficient = [],
}: AlarmInput): void {
  const lists = { AlarmActions: alarm, OKActions: ok, InsufficientDataActions: insufficient };
  for (const [name, actions] of Object.entries(lists)) {
    if (actions.length > MOST_ACTIONS)
      throw validation(`The collection ${name} must not have a size greater than ${MOST_ACTIONS}.`);
    for (const action of actions) checkAction(action);
  }
}

function checkAction(action: string): void {
  if (/^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]+$/.test(action)) return;
  if (/^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(action)) return;
  if (/^arn:aws:(automate|swf|autoscaling|ssm|ssm-incidents|aiops):/.test(action))
    throw notImitated(`the alarm action ${action}`);
  throw validation(`Invalid arn syntax: ${action}`);
}

/** An alarm is described with what was said of it, and empty lists for actions it has not. */
function describedOf(input: AlarmInput): Definition['described'] {
  const { AlarmName: _name, Tags: _tags, ActionsEnabled: _enabled, Metrics: metrics, ...said } = input;
  return {
    ...said,
    OKActions: input.OKActions ?? [],
    AlarmActions: input.AlarmActions ?? [],
    InsufficientDataActions: input.InsufficientDataActions ?? [],
    Dimensions: input.Dimensions ?? [],
    ...(metrics && { Metrics: metrics.map((query) => ({ ...query, ReturnData: query.ReturnData ?? true })) }),
  };
}
