import { describe, expect, it } from '@jest/globals';
import { parseSchedule } from '../../rehearsal/services/events/schedule.ts';

const nexts = (expression: string, from: string, count: number): string[] => {
  const next = parseSchedule(expression);
  const found: string[] = [];
  let at = Date.parse(from);
  while (next && found.length < count) {
    const instant = next(at);
    if (instant === undefined) break;
    found.push(new Date(instant).toISOString().replace(':00.000Z', ''));
    at = instant;
  }
  return found;
};

describe('cron', () => {
  it.each([
    [
      'every six hours',
      'cron(0 0/6 * * ? *)',
      '2026-11-21T03:00:00Z',
      ['2026-11-21T06:00', '2026-11-21T12:00', '2026-11-21T18:00', '2026-11-22T00:00'],
    ],
    ['at the same minute it is never due again', 'cron(0 6 * * ? *)', '2026-11-21T06:00:00Z', ['2026-11-22T06:00']],
    ['seconds into a minute count as that minute', 'cron(1 6 * * ? *)', '2026-11-21T06:00:59Z', ['2026-11-21T06:01']],
    [
      'every quarter of an hour with *',
      'cron(*/15 10 * * ? *)',
      '2026-11-21T10:20:00Z',
      ['2026-11-21T10:30', '2026-11-21T10:45', '2026-11-22T10:00'],
    ],
    [
      'a step from an offset',
      'cron(5/20 0 * * ? *)',
      '2026-01-01T00:00:00Z',
      ['2026-01-01T00:05', '2026-01-01T00:25', '2026-01-01T00:45'],
    ],
    [
      'a step in a range',
      'cron(0 8-17/4 ? * MON-FRI *)',
      '2026-11-20T13:00:00Z',
      ['2026-11-20T16:00', '2026-11-23T08:00', '2026-11-23T12:00'],
    ],
    ['weekdays by name', 'cron(0 18 ? * MON-FRI *)', '2026-11-20T18:00:00Z', ['2026-11-23T18:00']],
    ['weekdays by number, Sunday being 1', 'cron(0 0 ? * 1 *)', '2026-11-21T00:00:00Z', ['2026-11-22T00:00', '2026-11-29T00:00']],
    ['a list of days and names', 'cron(30 4 ? * SUN,wed *)', '2026-11-21T00:00:00Z', ['2026-11-22T04:30', '2026-11-25T04:30']],
    ['the last day of the month', 'cron(0 3 L * ? *)', '2028-01-31T03:00:00Z', ['2028-02-29T03:00', '2028-03-31T03:00']],
    [
      'the last day of the week is Saturday',
      'cron(0 3 ? * L *)',
      '2026-11-20T00:00:00Z',
      ['2026-11-21T03:00', '2026-11-28T03:00'],
    ],
    ['the last Friday of the month', 'cron(0 3 ? * 6L *)', '2026-11-01T00:00:00Z', ['2026-11-27T03:00', '2026-12-25T03:00']],
    ['the last Thursday by name', 'cron(0 3 ? * THUL *)', '2026-11-01T00:00:00Z', ['2026-11-26T03:00']],
    [
      'the weekday nearest to a Saturday is the Friday before',
      'cron(0 9 15W * ? *)',
      '2026-08-01T00:00:00Z',
      ['2026-08-14T09:00'],
    ],
    ['the weekday nearest to a Sunday is the Monday after', 'cron(0 9 15W * ? *)', '2026-11-01T00:00:00Z', ['2026-11-16T09:00']],
    [
      'the weekday nearest to Saturday the first stays in its month',
      'cron(0 9 1W * ? *)',
      '2026-08-01T00:00:00Z',
      ['2026-08-03T09:00'],
    ],
    [
      'the weekday nearest to Sunday the last stays in its month',
      'cron(0 9 31W * ? *)',
      '2027-01-01T00:00:00Z',
      ['2027-01-29T09:00', '2027-03-31T09:00'],
    ],
    ['the second Tuesday', 'cron(0 9 ? * 3#2 *)', '2026-11-01T00:00:00Z', ['2026-11-10T09:00', '2026-12-08T09:00']],
    [
      'the fifth Monday, where there is one',
      'cron(0 9 ? * MON#5 *)',
      '2026-11-01T00:00:00Z',
      ['2026-11-30T09:00', '2027-03-29T09:00'],
    ],
    ['a day not every month has', 'cron(0 0 31 * ? *)', '2026-01-31T00:00:00Z', ['2026-03-31T00:00']],
    ['a leap day', 'cron(0 0 29 2 ? *)', '2026-01-01T00:00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    [
      'months by name and years in a range',
      'cron(15 12 1 JAN,JUL ? 2027-2028)',
      '2026-11-01T00:00:00Z',
      ['2027-01-01T12:15', '2027-07-01T12:15', '2028-01-01T12:15', '2028-07-01T12:15'],
    ],
    ['once, and never again', 'cron(0 12 25 12 ? 2026)', '2026-11-01T00:00:00Z', ['2026-12-25T12:00']],
  ])('%s', (_said, expression, from, expected) => {
    const found = nexts(expression, from, expected.length + (expression.includes(' 2026)') ? 1 : 0));

    expect(found).toEqual(expected);
  });

  it.each([
    'cron(0 6 * * * *)',
    'cron(0 6 ? * ? *)',
    'cron(0 6 * * ?)',
    'cron(0 0 6 * * ? *)',
    'cron(60 6 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 6 0 * ? *)',
    'cron(0 6 ? * 0 *)',
    'cron(0 6 ? * 8 *)',
    'cron(0 6 ? * MON#6 *)',
    'cron(0 6 ? * FUN *)',
    'cron(0 6 1 13 ? *)',
    'cron(0 6 1 1 ? 2200)',
    'cron(0 6 32W * ? *)',
    'cron(5-1 6 * * ? *)',
    'cron(*/0 6 * * ? *)',
    'cron(1/2/3 6 * * ? *)',
    'cron(-1 6 * * ? *)',
    'cron(0 6 * * ? *) ',
    'CRON(0 6 * * ? *)',
    'cron()',
    '0 6 * * ? *',
  ])('refuses %s', (expression) => {
    expect(parseSchedule(expression)).toBeUndefined();
  });
});

describe('rate', () => {
  it.each([
    ['rate(1 minute)', ['2026-11-21T00:01', '2026-11-21T00:02']],
    ['rate(5 minutes)', ['2026-11-21T00:05', '2026-11-21T00:10']],
    ['rate(1 hour)', ['2026-11-21T01:00']],
    ['rate(7 days)', ['2026-11-28T00:00']],
  ])('%s counts from where it begins', (expression, expected) => {
    expect(nexts(expression, '2026-11-21T00:00:00Z', expected.length)).toEqual(expected);
  });

  it.each(['rate(1 minutes)', 'rate(5 minute)', 'rate(0 minutes)', 'rate(30 seconds)', 'rate(1.5 hours)', 'rate(5minutes)'])(
    'refuses %s',
    (expression) => {
      expect(parseSchedule(expression)).toBeUndefined();
    },
  );
});
