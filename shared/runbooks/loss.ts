// What would be lost if the standby took over now: counted where the old side answers, estimated by the last rates where it does not.
import type { CopyMark } from './copies.ts';
import type { DatabaseFacts } from './facts.ts';
import { distanceOf, isAhead } from './heartbeats.ts';
import type { Loss } from './plan.ts';
import { clockOf, countOf, listOf, spanOf } from './words.ts';

export interface LossFacts {
  readonly from: DatabaseFacts;
  readonly to: DatabaseFacts;
  readonly copy: CopyMark | null;
  /** Objects written into the old side's bucket since the copy; null when nobody could count them. */
  readonly uploads: { readonly count: number; readonly more: boolean } | null;
}

/** Of what leaves every row where it is, in these words. */
export const nothingLost = (says: string): Loss => ({
  how: 'none',
  since: null,
  seconds: null,
  tables: [],
  rows: 0,
  uploads: 0,
  band: 'none',
  says,
});

/** A copy's mark and the data it speaks of are written a dump apart, and the application may have been idle for a while. */
const MARK_TOLERANCE_SECONDS = 900;

export function draftLoss({ from, to, copy, uploads }: LossFacts, now: Date): Loss {
  const newest = to.heartbeats[from.environment];
  const ahead = newest !== undefined && isAhead(newest, now);
  const heartbeat = ahead ? undefined : newest;
  const since = heartbeat ?? copy?.at ?? null;
  const seconds = since === null ? null : Math.max(0, (now.getTime() - Date.parse(since)) / 1000);
  const base = { since, seconds };
  if (copy === null) return unknown(base, `no copy from ${from.environment} to ${to.environment} left its mark in the ledger`);
  if (!isTrusted(copy, heartbeat, from)) {
    const none = ahead
      ? `carries a heartbeat of ${from.environment} that is ${distanceOf(newest, now)}`
      : `carries no heartbeat of ${from.environment}`;
    const data = heartbeat === undefined ? none : `is of ${clockOf(heartbeat, now)}`;
    const says = `the ledger tells of a copy at ${clockOf(copy.at, now)}, but the data of ${to.environment} ${data}`;
    return unknown(base, says);
  }
  const counted = from.reachable ? measure(from, copy, now) : estimate(copy, now);
  const tables = counted.filter(({ table }) => !isOurs(table));
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const hours = Math.max(0, now.getTime() - Date.parse(copy.at)) / 3_600_000;
  const lostUploads = uploads?.count ?? Math.ceil(copy.uploadsPerHour * hours);
  const how = from.reachable ? ('measured' as const) : ('estimated' as const);
  const many = uploads?.more === true;
  const age = spanOf((now.getTime() - Date.parse(copy.at)) / 1000);
  const told = tables
    .filter((table) => table.rows > 0)
    .map(({ table, rows: count, by }) => `${by === 'rate' && from.reachable ? 'about ' : ''}${count} ${wordOf(table)}`);
  const list = told.length === 0 ? 'no rows' : listOf(told);
  const lead = how === 'measured' ? '' : `${from.environment} does not answer, so by its last rates at most about `;
  const files =
    lostUploads === 0
      ? 'no uploaded file is without its row'
      : `${many ? 'more than ' : uploads === null && from.reachable ? 'about ' : ''}${countOf(lostUploads, 'uploaded file')} will have no row`;
  return {
    ...base,
    how,
    tables,
    rows,
    uploads: lostUploads,
    band: bandOf(rows, lostUploads),
    says: `since the last copy at ${clockOf(copy.at, now)} (${age} ago): ${lead}${list}; ${files}`,
  };
}

/** The data must be about as new as the ledger says, or have nothing newer it could carry. */
function isTrusted({ at }: CopyMark, heartbeat: string | undefined, from: DatabaseFacts): boolean {
  if (heartbeat === undefined) return false;
  if (Date.parse(heartbeat) >= Date.parse(at) - MARK_TOLERANCE_SECONDS * 1000) return true;
  return from.reachable && from.heartbeats[from.environment] === heartbeat;
}

const unknown = (base: Pick<Loss, 'since' | 'seconds'>, why: string): Loss => ({
  ...base,
  how: 'unknown',
  tables: [],
  rows: null,
  uploads: null,
  band: 'unknown',
  says: `nobody can tell what would be lost: ${why}`,
});

/** A table that could not be counted in time is told by its last rate. */
const measure = ({ since }: DatabaseFacts, copy: CopyMark, now: Date): Loss['tables'] => [
  ...since.map(({ table, rows, by }) => ({ table, rows, by })),
  ...estimate(copy, now).filter(({ table }) => !since.some((counted) => counted.table === table)),
];

/** Rounded up: a receipt may promise too much, never too little. */
function estimate({ at, tables }: CopyMark, now: Date): Loss['tables'] {
  const hours = Math.max(0, now.getTime() - Date.parse(at)) / 3_600_000;
  return tables.map(({ table, rowsPerHour }) => ({ table, rows: Math.ceil(rowsPerHour * hours), by: 'rate' as const }));
}

/** Heartbeats are ours, nobody misses them. */
const isOurs = (table: string): boolean => bare(table).startsWith('changeover_');
const bare = (table: string): string => table.slice(table.lastIndexOf('.') + 1);
const wordOf = (table: string): string => bare(table).replaceAll('_', ' ');

/** `none`, `under 10`, `under 100`: a person decides by magnitude, and an approval must outlive a few rows more. */
export function bandOf(rows: number, uploads: number): string {
  return `${magnitude(rows)} rows, ${magnitude(uploads)} uploads`;
}
const magnitude = (count: number): string => (count === 0 ? 'no' : `under ${10 ** (Math.floor(Math.log10(count)) + 1)}`);
