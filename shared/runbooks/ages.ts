// How old things are and what they cost: the distribution that a person sees before anything goes.
import { countOf, listOf } from './words.ts';

export interface Aged {
  readonly at: string;
  readonly gigabytes: number;
}

const DAY = 86_400_000;
const BANDS = [
  [7, 'less than 7 days old'],
  [30, 'from 7 days'],
  [90, 'from 30 days'],
  [365, 'from 90 days'],
  [Infinity, 'from a year'],
] as const;

/** `12: 3 less than 7 days old, 9 from 30 days; the oldest of 2025-11-03, the newest of 2026-01-14; 240 GB, $22.80 a month`. */
export function agesSay(things: readonly Aged[], usdPerGigabyte: number, now: Date): string {
  if (things.length === 0) return 'none';
  const days = things.map(({ at }) => (now.getTime() - Date.parse(at)) / DAY);
  const bands = BANDS.flatMap(([below, says], i) => {
    const from = BANDS[i - 1]?.[0] ?? -Infinity;
    const count = days.filter((age) => age >= from && age < below).length;
    return count === 0 ? [] : [`${count} ${says}`];
  });
  const instants = things.map(({ at }) => at).sort();
  const ends = `the oldest of ${dayOf(instants[0])}, the newest of ${dayOf(instants.at(-1))}`;
  return `${things.length}: ${listOf(bands)}; ${ends}; ${sizeSays(gigabytesOf(things))}, ${usdSays(priceOf(things, usdPerGigabyte))}`;
}

export const dayOf = (at: string | null | undefined): string => at?.slice(0, 10) ?? 'an unknown day';
export const gigabytesOf = (things: readonly Pick<Aged, 'gigabytes'>[]): number =>
  things.reduce((sum, { gigabytes }) => sum + gigabytes, 0);
export const priceOf = (things: readonly Pick<Aged, 'gigabytes'>[], usdPerGigabyte: number): number =>
  gigabytesOf(things) * usdPerGigabyte;
export const usdSays = (usd: number): string => `$${usd.toFixed(2)} a month`;
const sizeSays = (gigabytes: number): string => (gigabytes < 1 ? 'less than 1 GB' : `${Math.round(gigabytes)} GB`);

/** The first of many, and how many more. */
export const someOf = (names: readonly string[], most: number): string =>
  names.length <= most ? listOf(names) : `${names.slice(0, most).join(', ')} and ${countOf(names.length - most, 'other')}`;

/** The price lists in eu-west-1, a gigabyte for a month: a snapshot is at most as large as what it is of, because RDS keeps differences. */
export const USD_PER_GIGABYTE = { snapshot: 0.095, instance: 0.127, ledger: 0.023 } as const;
