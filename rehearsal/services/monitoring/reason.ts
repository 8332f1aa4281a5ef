// Why an alarm is in its state, in CloudWatch's sentences and in its JSON.
import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { COMPARISONS, type Definition } from './alarm.ts';
import { stamp } from './history.ts';
import type { Filled, Judged } from './verdict.ts';

/** CloudWatch writes numbers as Java does: 5.0. */
const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** `31/12/26 23:59:00` */
function shortTime(instant: number): string {
  const [date = '', time = ''] = new Date(instant).toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

export function reasonOf(state: StateValue, judged: Judged, definition: Definition): string {
  if (state === 'INSUFFICIENT_DATA') {
    const { evaluationPeriods } = definition;
    return `Insufficient Data: ${plural(evaluationPeriods, 'datapoint')} ${evaluationPeriods === 1 ? 'was' : 'were'} unknown.`;
  }
  const shown = state === 'ALARM' ? judged.breaching : judged.considered.filter((point) => !judged.breaching.includes(point));
  const made = judged.missing > 0 && shown.length < neededFor(state, definition) ? madeUp(judged.missing, definition) : '';
  if (shown.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${plural(definition.evaluationPeriods, 'period')}${made}.`;
  }
  return `Threshold Crossed: ${crossed(state, shown, definition)}${made}${minimum(state, definition)}.`;
}

/** How many datapoints of its kind a state needs. */
const neededFor = (state: StateValue, { evaluationPeriods, datapointsToAlarm }: Definition): number =>
  state === 'ALARM' ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1;

function crossed(state: StateValue, shown: readonly Filled[], definition: Definition): string {
  const { threshold, evaluationPeriods, described } = definition;
  const points = shown.map(({ at, value }) => `${decimal(value)} (${shortTime(at)})`).join(', ');
  const count =
    described.DatapointsToAlarm === undefined
      ? plural(shown.length, 'datapoint')
      : `${shown.length} out of the last ${evaluationPeriods} datapoints`;
  const was = `${shown.length === 1 ? 'was' : 'were'}${state === 'ALARM' ? '' : ' not'}`;
  return `${count} [${points}] ${was} ${COMPARISONS[threshold.operator].words} the threshold (${decimal(threshold.value)})`;
}

function minimum(state: StateValue, definition: Definition): string {
  if (definition.described.DatapointsToAlarm === undefined) return '';
  const change = state === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK';
  return ` (minimum ${plural(neededFor(state, definition), 'datapoint')} for ${change} transition)`;
}

function madeUp(missing: number, { missingData }: Definition): string {
  if (missingData !== 'breaching' && missingData !== 'notBreaching') return '';
  const as = missingData === 'breaching' ? 'Breaching' : 'NonBreaching';
  return ` and ${plural(missing, 'missing datapoint')} ${missing === 1 ? 'was' : 'were'} treated as [${as}]`;
}

export function reasonDataOf(judged: Judged, definition: Definition, at: number): string {
  const { described, periodSeconds, threshold } = definition;
  const oldestFirst = [...judged.considered].reverse();
  return JSON.stringify({
    version: '1.0',
    queryDate: stamp(at),
    ...(oldestFirst[0] && { startDate: stamp(oldestFirst[0].at) }),
    ...(described.Unit !== undefined && { unit: described.Unit }),
    ...(described.Statistic !== undefined && { statistic: described.Statistic }),
    ...(described.ExtendedStatistic !== undefined && { extendedStatistic: described.ExtendedStatistic }),
    period: periodSeconds,
    recentDatapoints: oldestFirst.map(({ value }) => value),
    threshold: threshold.value,
    evaluatedDatapoints: judged.considered.map(({ at: timestamp, value }) => ({ timestamp: stamp(timestamp), value })),
  });
}
