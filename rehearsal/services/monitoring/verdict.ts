// Which state do these datapoints mean? CloudWatch's rules, with its treatment of missing data.
import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { COMPARISONS, type Definition, type MissingData } from './alarm.ts';

/** A period of the evaluation range; `value` is missing when nothing was measured in it. */
export interface Slot {
  readonly at: number;
  readonly value: number | undefined;
}
export interface Filled extends Slot {
  readonly value: number;
}

export interface Judged {
  /** Undefined keeps the state as it is. */
  readonly state: StateValue | undefined;
  /** The datapoints that were looked at, newest first. */
  readonly considered: readonly Filled[];
  readonly breaching: readonly Filled[];
  /** How many had to be made up for those that were missing. */
  readonly missing: number;
}

type Rules = Pick<Definition, 'evaluationPeriods' | 'datapointsToAlarm' | 'threshold' | 'missingData'>;

/** CloudWatch looks further back than the evaluation periods, so that data which came late still counts. */
export const rangeOf = (evaluationPeriods: number): number => evaluationPeriods + 2;

/** `slots` is the evaluation range, newest first. */
export function judgeDatapoints(slots: readonly Slot[], rules: Rules): Judged {
  const { evaluationPeriods, threshold } = rules;
  const considered = slots.filter((slot): slot is Filled => slot.value !== undefined).slice(0, evaluationPeriods);
  const breaching = considered.filter(({ value }) => COMPARISONS[threshold.operator].holds(value, threshold.value));
  const missing = evaluationPeriods - considered.length;
  return { state: stateOf(slots, considered, breaching, missing, rules), considered, breaching, missing };
}

function stateOf(
  slots: readonly Slot[],
  considered: readonly Filled[],
  breaching: readonly Filled[],
  missing: number,
  { datapointsToAlarm: wanted, missingData }: Rules,
): StateValue | undefined {
  if (breaching.length >= wanted) return 'ALARM';
  if (considered.length === 0) return ofNothing(missingData);
  if (missingData === 'breaching') return breaching.length + missing >= wanted ? 'ALARM' : 'OK';
  if (missingData === 'notBreaching' || breaching.length < considered.length) return 'OK';
  if (missingData === 'ignore') return undefined;
  // Nothing but breaches, and the oldest is as old as an alarm needs: CloudWatch does not wait for the rest.
  const oldest = breaching.at(-1);
  return slots.findIndex((slot) => slot === oldest) + 1 >= wanted ? 'ALARM' : undefined;
}

function ofNothing(missingData: MissingData): StateValue | undefined {
  const states = { missing: 'INSUFFICIENT_DATA', ignore: undefined, breaching: 'ALARM', notBreaching: 'OK' } as const;
  return states[missingData];
}
