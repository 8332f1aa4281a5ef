import { describe, expect, it } from '@jest/globals';
import type { MissingData } from '../../rehearsal/services/monitoring/alarm.ts';
import { judgeDatapoints, type Slot } from '../../rehearsal/services/monitoring/verdict.ts';

/** `0 - X`: within the threshold, missing, breaching; oldest first, as CloudWatch's documentation draws them. */
const slots = (drawn: string): Slot[] =>
  drawn
    .split(' ')
    .map((point, at) => ({ at, value: point === '-' ? undefined : point === 'X' ? 1 : 0 }))
    .reverse();

const judged = (drawn: string, datapointsToAlarm: number, missingData: MissingData) =>
  judgeDatapoints(slots(drawn), {
    evaluationPeriods: 3,
    datapointsToAlarm,
    missingData,
    threshold: { operator: 'GreaterThanThreshold', value: 0 },
  }).state ?? 'as it was';

const TREATMENTS: MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

describe('three datapoints out of three', () => {
  it.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', 'as it was', 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', 'as it was', 'ALARM', 'OK']],
  ])('of %s mean %j as missing data is treated', (drawn, states) => {
    expect(TREATMENTS.map((treatment) => judged(drawn, 3, treatment))).toEqual(states);
  });
});

describe('two datapoints out of three', () => {
  it.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', 'as it was', 'ALARM', 'OK']],
  ])('of %s mean %j as missing data is treated', (drawn, states) => {
    expect(TREATMENTS.map((treatment) => judged(drawn, 2, treatment))).toEqual(states);
  });
});
