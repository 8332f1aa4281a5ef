// Metric queries: statistics of metrics, and arithmetic over them. Alarms and GetMetricData ask the same way.
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { calculate, type Formula, idsIn, parseExpression } from './expression.ts';
import { missingParameter, notImitated, validation } from './failures.ts';
import { type MetricName, metricNameOf, type Metrics } from './metrics.ts';
import { isStatistic, statisticOf, within } from './statistics.ts';

export interface StatQuery {
  readonly kind: 'stat';
  readonly metric: MetricName;
  readonly stat: string;
  readonly unit: string | undefined;
  readonly periodSeconds: number;
}
export interface MathQuery {
  readonly kind: 'math';
  readonly text: string;
  readonly formula: Formula;
}
export type Query = { readonly id: string; readonly label: string; readonly returned: boolean } & (StatQuery | MathQuery);

/** Reads the queries of one request, refusing what would not be answered. */
export function readQueries(queries: readonly MetricDataQuery[]): Query[] {
  const read = queries.map(readQuery);
  const ids = read.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw validation('The values for parameter id in MetricDataQueries are not unique.');
  for (const query of read) {
    const unknown = query.kind === 'math' ? idsIn(query.formula).find((id) => !ids.includes(id)) : undefined;
    if (unknown !== undefined) throw validation(`Error in expression '${query.id}': Could not find id ${unknown}`);
  }
  for (const query of read) refuseCircle(query, read, []);
  return read;
}

/** Every way down from a query must end at metrics. */
function refuseCircle(query: Query, all: readonly Query[], above: readonly string[]): void {
  if (above.includes(query.id)) throw validation(`Error in expression '${query.id}': Circular dependency`);
  if (query.kind === 'stat') return;
  const parts = idsIn(query.formula).flatMap((id) => all.filter((one) => one.id === id));
  for (const part of parts) refuseCircle(part, all, [...above, query.id]);
}

function readQuery(query: MetricDataQuery, index: number): Query {
  const { Id: id = '', MetricStat: stat, Expression: expression, Label: label, ReturnData: returned = true } = query;
  const place = `MetricDataQueries.member.${index + 1}`;
  if (!/^[a-z]\w*$/.test(id)) throw validation(`The value ${id} for parameter ${place}.Id is invalid.`);
  if (query.AccountId !== undefined) throw notImitated('a metric query with an AccountId');
  if (label?.includes('${')) throw notImitated(`the dynamic label ${label}`);
  if ((stat === undefined) === (expression === undefined)) {
    throw validation(`Exactly one of ${place}.MetricStat and ${place}.Expression must be specified.`);
  }
  if (expression !== undefined) {
    return { kind: 'math', id, label: label ?? id, returned, text: expression, formula: parseExpression(expression) };
  }
  const { Metric: metric, Stat: name = '', Period: period, Unit: unit } = stat ?? {};
  checkStat(name);
  checkPeriod(period ?? 0, `${place}.MetricStat.Period`);
  if (!metric?.MetricName || !metric.Namespace) throw missingParameter(`The parameter ${place}.MetricStat.Metric is required.`);
  return {
    kind: 'stat',
    id,
    label: label ?? metric.MetricName,
    returned,
    metric: metricNameOf(metric.Namespace, metric.MetricName, metric.Dimensions),
    stat: name,
    unit,
    periodSeconds: period ?? 0,
  };
}

export function checkStat(stat: string): void {
  if (isStatistic(stat)) return;
  if (/^(tm|wm|tc|ts|pr|iqm|IQM|TM|WM|TC|TS|PR)/.test(stat)) throw notImitated(`the statistic ${stat}`);
  throw validation(`The value ${stat} for parameter Stat is not supported.`);
}

export function checkPeriod(seconds: number, place: string): void {
  if ([1, 5, 10, 20, 30].includes(seconds) || (seconds >= 60 && seconds % 60 === 0)) return;
  throw validation(`The parameter ${place} must be 1, 5, 10, 20, 30, or a multiple of 60.`);
}

/** The period of a query: an expression has the longest of what it is made from. */
export function periodOf(query: Query, all: readonly Query[]): number {
  if (query.kind === 'stat') return query.periodSeconds;
  const parts = idsIn(query.formula).flatMap((id) => all.filter((q) => q.id === id));
  return Math.max(60, ...parts.map((part) => periodOf(part, all)));
}

/** The value of a query over `from` up to `to`. */
export function valueOf(query: Query, all: readonly Query[], metrics: Metrics, from: number, to: number): number | undefined {
  if (query.kind === 'stat') return statisticOf(query.stat, within(metrics.series(query.metric), from, to, query.unit));
  return calculate(query.formula, (id) => {
    const part = all.find((q) => q.id === id);
    return part && valueOf(part, all, metrics, from, to);
  });
}
