// What happened to an alarm: configured, changed its state, acted.
import type { AlarmHistoryItem } from '@aws-sdk/client-cloudwatch';
import type { Alarm, Happening, State } from './alarm.ts';

/** `2026-01-01T00:00:00.000+0000`, as CloudWatch writes instants inside its JSON. */
export const stamp = (instant: number): string => new Date(instant).toISOString().replace('Z', '+0000');

export function recordConfiguration(alarm: Alarm, at: number, type: 'Create' | 'Update' | 'Delete'): void {
  const summary = `Alarm "${alarm.name}" ${type.toLowerCase().replace(/e$/, '')}ed`;
  const data = { version: '1.0', type, [`${type.toLowerCase()}dAlarm`]: { alarmName: alarm.name, alarmArn: alarm.arn } };
  alarm.history.push({ at, type: 'ConfigurationUpdate', summary, data });
}

export function recordState(alarm: Alarm, from: State, to: State): void {
  const summary = `Alarm updated from ${from.value} to ${to.value}`;
  const data = { version: '1.0', oldState: stateData(from), newState: stateData(to) };
  alarm.history.push({ at: to.at, type: 'StateUpdate', summary, data });
}

export function recordAction(alarm: Alarm, at: number, action: string, error: string | undefined): void {
  const summary =
    error === undefined
      ? `Successfully executed action ${action}`
      : `Failed to execute action ${action}. Received error: "${error}"`;
  const data = {
    actionState: error === undefined ? 'Succeeded' : 'Failed',
    notificationResource: action,
    stateUpdateTimestamp: Math.round(alarm.state.at),
    error: error ?? null,
  };
  alarm.history.push({ at, type: 'Action', summary, data });
}

export const itemOf = (alarm: Pick<Alarm, 'name'>, { at, type, summary, data }: Happening): AlarmHistoryItem => ({
  AlarmName: alarm.name,
  AlarmType: 'MetricAlarm',
  Timestamp: new Date(at),
  HistoryItemType: type,
  HistorySummary: summary,
  HistoryData: JSON.stringify(data),
});

const stateData = ({ value, reason, reasonData }: State): unknown => ({
  stateValue: value,
  stateReason: reason,
  ...(reasonData !== undefined && { stateReasonData: JSON.parse(reasonData) as unknown }),
});
