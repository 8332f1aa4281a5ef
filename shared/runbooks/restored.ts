// A database that came from a snapshot, before anybody reads it: what is found in it, and whether it may take another's place.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import { DatabaseFacts } from './facts.ts';
import { isOurs, type SnapshotFacts } from './instances.ts';
import type { Mark } from './journal.ts';
import { isBackup, PROVEN_TAG } from './retention.ts';
import { clockOf, countOf, listOf } from './words.ts';

export type Examined = z.infer<typeof Examined>;
export const Examined = z.strictObject({
  facts: DatabaseFacts,
  /** By reading every row: a number that was counted, never estimated. */
  rows: z.record(z.string(), z.int().nonnegative()),
  bytes: z.number().nonnegative(),
  /** Indexes and constraints that PostgreSQL itself does not trust. */
  invalid: z.array(z.string()),
  /** What the application's own role was told when it read and wrote; null where it could. */
  application: z.strictObject({ reads: z.string().nullable(), writes: z.string().nullable() }),
});

export type RestoredProof = z.infer<typeof RestoredProof>;
export const RestoredProof = z.strictObject({ readAt: z.iso.datetime(), instance: z.string(), examined: Examined });

/** Fewer rows than this tell nothing by their going. */
const FEW = 100;
const SHRUNK = 0.5;

/** Tables that have lost half of their rows against what was counted before; who wants just that, says so. */
export function shrunkOf(found: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): string[] {
  return Object.entries(before).flatMap(([table, rows]) => {
    const now = found[table];
    if (rows < FEW || table.startsWith('changeover_')) return [];
    if (now === undefined) return [`${table}, which had ${rows} rows, is not in it`];
    return now < rows * SHRUNK ? [`${table} has ${countOf(now, 'row')} in it, and had ${rows}`] : [];
  });
}

/** What no request lifts: it cannot be read, PostgreSQL does not trust it, or the application could not use it. */
export function judgeExamined(
  { facts, invalid, application, rows }: Examined,
  { instance, at, now }: { readonly instance: string; readonly at: string; readonly now: Date },
): string {
  const newest = Object.values(facts.heartbeats).sort().at(-1);
  const troubles = [
    ...(facts.reachable ? [] : [facts.trouble ?? 'it cannot be read']),
    ...invalid.map((what) => `${what} is not valid`),
    ...(application.reads === null ? [] : [`the application's role cannot read: ${application.reads}`]),
    ...(application.writes === null ? [] : [`the application's role cannot write: ${application.writes}`]),
    ...(newest !== undefined && Date.parse(newest) > Date.parse(at) + TOLERANCE_MILLISECONDS
      ? [`it holds a heartbeat of ${newest}, later than the instant it is said to be of, ${at}`]
      : []),
  ];
  if (troubles.length > 0) {
    const says = `${instance}, restored as of ${at}, does not hold what it should: ${listOf(troubles)}; nobody was led to it. Name another snapshot, or look at ${instance}, which stands beside`;
    throw new RunbookError('VerifyFailed', says, { instance });
  }
  const counted = Object.values(rows).reduce((sum, count) => sum + count, 0);
  const data = newest === undefined ? 'no heartbeat in it' : `its newest heartbeat is of ${clockOf(newest, now)}`;
  return `${instance}: ${countOf(Object.keys(rows).length, 'table')}, ${countOf(counted, 'row')}, each read once; ${data}; the application reads and writes`;
}
/** Heartbeats carry the application's clock, snapshots RDS's. */
const TOLERANCE_MILLISECONDS = 60_000;

export type Keeping =
  | { readonly kind: 'mark'; readonly arn: string; readonly at: string; readonly marked: boolean }
  | { readonly kind: 'leave'; readonly says: string };

/** Whether a snapshot that came back as it should is told apart for it, and since when: only what is ours is, which retention may take away. */
export function decideKeeping(
  found: SnapshotFacts | null,
  { snapshot, app, marks }: { readonly snapshot: string; readonly app: string; readonly marks: readonly Mark[] },
): Keeping {
  const provenAt = marks.find(({ name }) => name === 'proven')?.at;
  if (found === null) return { kind: 'leave', says: `${snapshot} is gone, and what was restored from it stands` };
  if (!isBackup(found) || !isOurs(found.tags, app))
    return { kind: 'leave', says: `${snapshot} is not ours, so nothing is put on it` };
  if (provenAt === undefined) return { kind: 'leave', says: `nobody has proven what was restored from ${snapshot}` };
  return { kind: 'mark', arn: found.arn, at: provenAt, marked: found.tags[PROVEN_TAG] === provenAt };
}
