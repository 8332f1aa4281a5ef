// Reading metrics: GetMetricData, GetMetricStatistics, ListMetrics.
import type { Datapoint, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { pageOf } from '../page.ts';
import type { InputOf, OperationsOf, Sdks } from '../service.ts';
import { invalidCombination, invalidToken, invalidValue, missingParameter, notImitated } from './failures.ts';
import { metricNameOf, type Metrics, type Series } from './metrics.ts';
import { checkPeriod, checkStat, periodOf, type Query, readQueries, valueOf } from './queries.ts';
import { isPlainStatistic, statisticOf, within } from './statistics.ts';

type Cw = Sdks['monitoring'];
type StatisticsInput = InputOf<Cw, 'GetMetricStatistics'>;
type ListInput = InputOf<Cw, 'ListMetrics'>;

const MOST_POINTS = 100_800;
const MOST_STATISTICS = 1440;
const THREE_HOURS = 3 * 3_600_000;
const TWO_WEEKS = 14 * 86_400_000;

export function readingOperations(
  metricsOf: (region: string) => Metrics,
): Pick<OperationsOf<Cw>, 'GetMetricData' | 'GetMetricStatistics' | 'ListMetrics'> {
  return {
    GetMetricData: {
      asks: () => [{ action: 'cloudwatch:GetMetricData', resource: '*' }],
      run: (input, { region }) => {
        if (input.LabelOptions !== undefined) throw notImitated('cloudwatch:GetMetricData with LabelOptions');
        const queries = readQueries(input.MetricDataQueries ?? []);
        const [start, end] = rangeOf(input.StartTime, input.EndTime);
        const returned = queries.filter((query) => query.returned);
        const points = returned.flatMap((query) => pointsOf(query, queries, metricsOf(region), start, end, input.ScanBy));
        const page = pageOf(points, {
          limit: input.MaxDatapoints,
          token: input.NextToken,
          most: input.MaxDatapoints ?? MOST_POINTS,
          question: [input.MetricDataQueries, start, end, input.ScanBy],
          refuse: invalidToken,
        });
        const MetricDataResults = returned.map((query) => resultOf(query, page.items, page.next === undefined));
        return { MetricDataResults, Messages: [], ...(page.next !== undefined && { NextToken: page.next }) };
      },
    },
    GetMetricStatistics: {
      asks: () => [{ action: 'cloudwatch:GetMetricStatistics', resource: '*' }],
      run: (input, { region }) => {
        const name = metricNameOf(input.Namespace, input.MetricName, input.Dimensions);
        return { Label: name.name, Datapoints: datapointsOf(input, metricsOf(region).series(name)) };
      },
    },
    ListMetrics: {
      asks: () => [{ action: 'cloudwatch:ListMetrics', resource: '*' }],
      run: (input, { region, at }) => {
        if (input.IncludeLinkedAccounts === true || input.OwningAccount !== undefined) {
          throw notImitated('cloudwatch:ListMetrics of other accounts');
        }
        const all = metricsOf(region)
          .all()
          .filter((series) => isListed(series, input, at));
        const question = [input.Namespace, input.MetricName, input.Dimensions, input.RecentlyActive];
        const page = pageOf(all, { limit: undefined, token: input.NextToken, most: 500, question, refuse: invalidToken });
        const Metrics = page.items.map(({ metric }) => ({
          Namespace: metric.namespace,
          MetricName: metric.name,
          Dimensions: metric.dimensions.map(({ name, value }) => ({ Name: name, Value: value })),
        }));
        return { Metrics, ...(page.next !== undefined && { NextToken: page.next }) };
      },
    },
  };
}

function rangeOf(start: Date | undefined, end: Date | undefined): [number, number] {
  const [from, to] = [start?.getTime() ?? 0, end?.getTime() ?? 0];
  if (from >= to) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  return [from, to];
}

interface Point {
  readonly id: string;
  readonly at: number;
  readonly value: number;
}

function pointsOf(
  query: Query,
  all: readonly Query[],
  metrics: Metrics,
  start: number,
  end: number,
  order = 'TimestampDescending',
): Point[] {
  const step = periodOf(query, all) * 1000;
  const points: Point[] = [];
  for (let at = Math.floor(start / step) * step; at < end; at += step) {
    const value = valueOf(query, all, metrics, at, at + step);
    if (value !== undefined) points.push({ id: query.id, at, value });
  }
  return order === 'TimestampDescending' ? points.reverse() : points;
}

function resultOf({ id, label }: Query, points: readonly Point[], complete: boolean): MetricDataResult {
  const own = points.filter((point) => point.id === id);
  return {
    Id: id,
    Label: label,
    Timestamps: own.map(({ at }) => new Date(at)),
    Values: own.map(({ value }) => value),
    StatusCode: complete ? 'Complete' : 'PartialData',
  };
}

function datapointsOf(input: StatisticsInput, series: Series | undefined): Datapoint[] {
  const { Period: period = 0, Statistics: plain = [], ExtendedStatistics: extended = [], Unit: unit } = input;
  if (plain.length === 0 && extended.length === 0) {
    throw missingParameter('At least one of the parameters must be specified: Statistics, ExtendedStatistics.');
  }
  if (plain.length > 0 && extended.length > 0) {
    throw invalidCombination('The parameters Statistics and ExtendedStatistics are mutually exclusive.');
  }
  for (const stat of [...plain, ...extended]) checkStat(stat);
  checkPeriod(period, 'Period');
  const [start, end] = rangeOf(input.StartTime, input.EndTime);
  const step = period * 1000;
  const asked = Math.ceil((end - start) / step);
  if (asked > MOST_STATISTICS) {
    throw invalidCombination(
      `You have requested up to ${asked.toLocaleString('en-US')} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const points: Datapoint[] = [];
  for (let at = Math.floor(start / step) * step; at < end; at += step) {
    const measurements = within(series, at, at + step, unit);
    if (measurements.length === 0) continue;
    const values = [...plain, ...extended].map((stat) => [stat, statisticOf(stat, measurements)] as const);
    const known = values.filter(([, value]) => value !== undefined);
    if (known.length === 0) continue;
    points.push({
      Timestamp: new Date(at),
      ...Object.fromEntries(known.filter(([stat]) => isPlainStatistic(stat))),
      ...(extended.length > 0 && { ExtendedStatistics: Object.fromEntries(known) as Record<string, number> }),
      Unit: (measurements[0]?.unit ?? 'None') as 'None',
    });
  }
  return points;
}

function isListed({ metric, lastPutAt }: Series, input: ListInput, now: number): boolean {
  if (now - lastPutAt > (input.RecentlyActive === undefined ? TWO_WEEKS : THREE_HOURS)) return false;
  if (input.Namespace !== undefined && metric.namespace !== input.Namespace) return false;
  if (input.MetricName !== undefined && metric.name !== input.MetricName) return false;
  return (input.Dimensions ?? []).every(({ Name, Value }) =>
    metric.dimensions.some(({ name, value }) => name === Name && (Value === undefined || value === Value)),
  );
}
