// What an alarm is, and the alarms of one Region.
import type { MetricAlarm, StateValue } from '@aws-sdk/client-cloudwatch';
import type { Query } from './queries.ts';

export interface Threshold {
  readonly operator: keyof typeof COMPARISONS;
  readonly value: number;
}

export const COMPARISONS = {
  GreaterThanOrEqualToThreshold: { holds: (a: number, b: number) => a >= b, words: 'greater than or equal to' },
  GreaterThanThreshold: { holds: (a: number, b: number) => a > b, words: 'greater than' },
  LessThanThreshold: { holds: (a: number, b: number) => a < b, words: 'less than' },
  LessThanOrEqualToThreshold: { holds: (a: number, b: number) => a <= b, words: 'less than or equal to' },
} as const;

export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

/** What PutMetricAlarm says, understood. */
export interface Definition {
  /** As it is described, without name, state and times. */
  readonly described: Omit<MetricAlarm, 'AlarmName' | 'AlarmArn'>;
  readonly queries: readonly Query[];
  /** The one query that is watched. */
  readonly watched: Query;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: Threshold;
  readonly missingData: MissingData;
}

export interface State {
  readonly value: StateValue;
  readonly reason: string;
  readonly reasonData: string | undefined;
  readonly at: number;
}

/** What happened to an alarm, as its history keeps it. */
export interface Happening {
  readonly at: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  readonly data: unknown;
}

export interface Alarm {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  definition: Definition;
  configuredAt: number;
  state: State;
  /** When the state last became another one. */
  transitionedAt: number;
  actionsEnabled: boolean;
  readonly tags: Map<string, string>;
  readonly history: Happening[];
}

/** The alarms of one Region, and the history of those that are gone. */
export interface Alarms {
  readonly standing: Map<string, Alarm>;
  readonly buried: { readonly name: string; readonly history: readonly Happening[] }[];
}

export const alarmArn = (region: string, account: string, name: string): string =>
  `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;

export const shapeOf = (alarm: Alarm): MetricAlarm => ({
  AlarmName: alarm.name,
  AlarmArn: alarm.arn,
  ...alarm.definition.described,
  ActionsEnabled: alarm.actionsEnabled,
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
  StateValue: alarm.state.value,
  StateReason: alarm.state.reason,
  ...(alarm.state.reasonData !== undefined && { StateReasonData: alarm.state.reasonData }),
  StateUpdatedTimestamp: new Date(alarm.state.at),
  StateTransitionedTimestamp: new Date(alarm.transitionedAt),
});
