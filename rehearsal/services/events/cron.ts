// EventBridge's cron: minutes hours day-of-month month day-of-week year, in UTC, to the minute.

/** When a schedule's next instant is, strictly after the given one; undefined when there is none any more. */
export type Next = (after: number) => number | undefined;

/** Whether a day of a month is meant; months count from 0, as in Date. */
type DayTest = (year: number, month: number, day: number) => boolean;

interface Field {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const MINUTE: Field = { least: 0, most: 59 };
const HOUR: Field = { least: 0, most: 23 };
const DAY: Field = { least: 1, most: 31 };
const MONTH: Field = {
  least: 1,
  most: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
/** Sunday is 1. */
const WEEKDAY: Field = { least: 1, most: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] };
const YEAR: Field = { least: 1970, most: 2199 };
const MINUTE_MS = 60_000;

/** Undefined when AWS would refuse the expression: it never says why. */
export function parseCron(fields: string): Next | undefined {
  const parts = fields.trim().split(/\s+/);
  if (parts.length !== 6) return undefined;
  const [minuteText = '', hourText = '', dayText = '', monthText = '', weekdayText = '', yearText = ''] = parts;
  // One of the two days is always left open.
  if ((dayText === '?') === (weekdayText === '?')) return undefined;
  const minutes = valuesOf(minuteText, MINUTE);
  const hours = valuesOf(hourText, HOUR);
  const months = valuesOf(monthText, MONTH);
  const years = valuesOf(yearText, YEAR);
  const day = weekdayText === '?' ? dayTest(dayText) : weekdayTest(weekdayText);
  if (!minutes || !hours || !months || !years || !day) return undefined;
  return (after) => nextOf({ minutes, hours, months, years, day }, after);
}

interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  readonly years: readonly number[];
  readonly day: DayTest;
}

function nextOf({ minutes, hours, months, years, day }: Cron, after: number): number | undefined {
  const start = new Date((Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS);
  for (const year of years) {
    if (year < start.getUTCFullYear()) continue;
    for (const month of months) {
      // Months count from 1 here, so this is the first instant after the month.
      if (Date.UTC(year, month, 1) <= start.getTime()) continue;
      for (let date = 1; date <= daysIn(year, month - 1); date++) {
        if (Date.UTC(year, month - 1, date + 1) <= start.getTime() || !day(year, month - 1, date)) continue;
        const found = firstOf(hours, minutes, (hour, minute) => Date.UTC(year, month - 1, date, hour, minute), start.getTime());
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

function firstOf(
  hours: readonly number[],
  minutes: readonly number[],
  instantOf: (hour: number, minute: number) => number,
  from: number,
): number | undefined {
  for (const hour of hours) {
    for (const minute of minutes) {
      const instant = instantOf(hour, minute);
      if (instant >= from) return instant;
    }
  }
  return undefined;
}

/** `*`, `5`, `1-5`, `MON-FRI`, `0/15`, `2-20/3`, and lists of them; in order. */
function valuesOf(text: string, field: Field): number[] | undefined {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const range = rangeOf(part, field);
    if (!range) return undefined;
    for (let value = range.from; value <= range.to; value += range.step) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function rangeOf(part: string, field: Field): { from: number; to: number; step: number } | undefined {
  const [span = '', stepText, ...more] = part.split('/');
  if (more.length > 0) return undefined;
  const step = stepText === undefined ? 1 : wholeOf(stepText, 1, field.most);
  const [firstText = '', lastText, ...rest] = span.split('-');
  if (step === undefined || rest.length > 0) return undefined;
  if (span === '*') return { from: field.least, to: field.most, step };
  const from = valueOf(firstText, field);
  // A step without an end goes on to the field's last value.
  const to = lastText === undefined ? (stepText === undefined ? from : field.most) : valueOf(lastText, field);
  return from === undefined || to === undefined || to < from ? undefined : { from, to, step };
}

function valueOf(text: string, { least, most, names }: Field): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  return named === -1 ? wholeOf(text, least, most) : named + least;
}

function wholeOf(text: string, least: number, most: number): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

function dayTest(text: string): DayTest | undefined {
  if (text === 'L') return (year, month, day) => day === daysIn(year, month);
  const nearest = /^(\d+)W$/.exec(text)?.[1];
  if (nearest !== undefined) {
    const wanted = wholeOf(nearest, DAY.least, DAY.most);
    return wanted === undefined ? undefined : (year, month, day) => day === weekdayNearest(year, month, wanted);
  }
  const days = valuesOf(text, DAY);
  return days && ((_year, _month, day) => days.includes(day));
}

function weekdayTest(text: string): DayTest | undefined {
  // Alone it is the week's last day, Saturday; after a day it is that day's last time in the month.
  if (text === 'L') return (year, month, day) => weekdayOf(year, month, day) === WEEKDAY.most;
  const last = /^(\w+)L$/.exec(text)?.[1];
  if (last !== undefined) {
    const wanted = valueOf(last, WEEKDAY);
    if (wanted === undefined) return undefined;
    return (year, month, day) => weekdayOf(year, month, day) === wanted && day + 7 > daysIn(year, month);
  }
  const [dayText = '', timesText] = text.split('#');
  if (timesText !== undefined) {
    const wanted = valueOf(dayText, WEEKDAY);
    const times = wholeOf(timesText, 1, 5);
    if (wanted === undefined || times === undefined) return undefined;
    return (year, month, day) => weekdayOf(year, month, day) === wanted && Math.ceil(day / 7) === times;
  }
  const days = valuesOf(text, WEEKDAY);
  return days && ((year, month, day) => days.includes(weekdayOf(year, month, day)));
}

const weekdayOf = (year: number, month: number, day: number): number => new Date(Date.UTC(year, month, day)).getUTCDay() + 1;
const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();

/** Monday to Friday nearest to a day, without leaving its month; none when the month has no such day. */
function weekdayNearest(year: number, month: number, wanted: number): number | undefined {
  const days = daysIn(year, month);
  if (wanted > days) return undefined;
  const weekday = weekdayOf(year, month, wanted);
  if (weekday === 7) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 1) return wanted === days ? wanted - 2 : wanted + 1;
  return wanted;
}
