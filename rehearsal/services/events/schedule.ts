// A rule's schedule: rate(…) counts from when the rule began, cron(…) from the calendar.
import { parseCron, type Next } from './cron.ts';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Undefined when AWS would refuse the expression. */
export function parseSchedule(expression: string): Next | undefined {
  const cron = /^cron\((.+)\)$/.exec(expression)?.[1];
  if (cron !== undefined) return parseCron(cron);
  const [, count = '', unit = '', plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const period = Number(count) * (UNIT_MS[unit] ?? NaN);
  // One is singular, more are plural, and nothing else is accepted.
  if (!(period > 0) || (Number(count) === 1) !== (plural === '')) return undefined;
  return (after) => after + period;
}
