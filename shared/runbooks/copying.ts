// A copy of one environment's database to another's: what is read before it, what its acts hand on to each other.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import type { Copy, Estate } from '../estate.ts';
import { parseRequest, type SyncRequest } from './requests.ts';
import { RestoreDetail } from './restoring.ts';
import type { Run } from './run.ts';
import { Stood } from './shelf.ts';
import { countOf } from './words.ts';

/** What one side of a copy says of itself. */
export type SideSurvey = z.infer<typeof SideSurvey>;
export const SideSurvey = z.strictObject({
  environment: z.string(),
  reachable: z.boolean(),
  trouble: z.string().nullable(),
  /** `<cluster's own identity>/<database>` */
  identity: z.string().nullable(),
  /** PostgreSQL's major version. */
  major: z.int().nonnegative(),
  bytes: z.number().nonnegative(),
  /** Of the whole server: its databases and its log. */
  usedBytes: z.number().nonnegative(),
  tables: z.array(z.strictObject({ table: z.string(), rows: z.number().nonnegative(), bytes: z.number().nonnegative() })),
  /** Encoding, provider and rules, as one line. */
  locale: z.string().nullable(),
  migration: z.string().nullable(),
  /** The newest heartbeat of the source's application found here. */
  heartbeat: z.string().nullable(),
  /** Why the master could not make a database here for its owner; empty where it can. */
  lacks: z.array(z.string()),
  /** Tables whose rows nobody but a superuser reads. */
  forced: z.array(z.string()),
  /** `<host>/<database>` */
  endpoint: z.string().nullable(),
  /** As whom it was asked, and who may connect. */
  master: z.string().nullable(),
  connect: z.array(z.string()),
  /** The transaction before which everything in it was written. */
  instant: z.string().nullable(),
  /** Rows that were written, changed or deleted since the server began to count: by the user's table, partitions with it. */
  writes: z.record(z.string(), z.number().nonnegative()),
  /** Every database of the server. */
  standing: z.array(Stood),
  /** Relations and other things that only this side has are told before they go aside: `<kind> <name>`. */
  things: z.array(z.string()),
});

export type CopySurvey = z.infer<typeof CopySurvey>;
export const CopySurvey = z.strictObject({ readAt: z.iso.datetime(), from: SideSurvey, to: SideSurvey });

/** What a plan of a copy hands to its acts. */
export type SyncDetail = z.infer<typeof SyncDetail>;
export const SyncDetail = z.strictObject({
  from: z.string(),
  to: z.string(),
  next: z.enum(['copy', 'snapshot', 'undo', 'nothing']),
  /** How many functions carry rows at once. */
  parts: z.int().positive(),
  /** The shelf that an undo gives the name back to. */
  shelf: z.string().nullable(),
  shelfSeconds: z.int().positive(),
  /** Whether the rows go into the ledger as files. */
  files: z.enum(['kept', 'none']),
  /** Of a copy by snapshot: what is restored, and what of the target's it takes the place of. */
  restore: RestoreDetail.nullable(),
});

/** One file of the audit trail: its parts are with S3, and it is no object before the copy is proven. */
export type DumpFile = z.infer<typeof DumpFile>;
export const DumpFile = z.strictObject({
  key: z.string(),
  upload: z.string(),
  parts: z.array(z.strictObject({ part: z.int().positive(), etag: z.string() })),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
});

/** The source's instant, as whoever holds it wrote it down. */
export type HeldCopy = z.infer<typeof HeldCopy>;
export const HeldCopy = z.strictObject({
  /** One holding; another try of the same run has another. */
  attempt: z.string(),
  snapshot: z.string(),
  since: z.string(),
  at: z.iso.datetime(),
});

export type Laid = z.infer<typeof Laid>;
export const Laid = z.strictObject({
  attempt: z.string(),
  /** For each part the tables whose rows it carries, as SQL writes them. */
  parts: z.array(z.array(z.string())),
  /** What stands upon the rows, as pg_dump writes it. */
  after: z.array(z.strictObject({ name: z.string(), type: z.string(), sql: z.string() })),
  /** Null where the estate keeps none. */
  file: DumpFile.nullable(),
  /** What the target's master may not make. */
  left: z.array(z.string()),
});

export type PouredPart = z.infer<typeof PouredPart>;
export const PouredPart = z.strictObject({
  attempt: z.string(),
  tables: z.array(z.strictObject({ table: z.string(), rows: z.int().nonnegative(), bytes: z.int().nonnegative() })),
  /** Null where the estate keeps none. */
  file: DumpFile.nullable(),
  milliseconds: z.number().nonnegative(),
});

/** A sequence, and whether the value it stands at was given to somebody. */
export type Counter = z.infer<typeof Counter>;
export const Counter = z.strictObject({ name: z.string(), value: z.string(), called: z.boolean() });

export type Built = z.infer<typeof Built>;
export const Built = z.strictObject({
  attempt: z.string(),
  /** Null where the estate keeps none. */
  file: DumpFile.nullable(),
  /** What could not be made or given. */
  left: z.array(z.string()),
  /** Where the copy's sequences were set to. */
  counters: z.array(Counter),
});

/** Which copy a request means, and how the estate wants it. */
export function decideCopy(
  run: Pick<Run, 'request'>,
  estate: Pick<Estate, 'copies' | 'environments'>,
): { readonly copy: Copy; readonly request: SyncRequest } {
  const request = parseRequest('sync', run.request);
  const named = (role: string): string | undefined =>
    Object.entries(estate.environments).find(([, one]) => one.role === role)?.[0];
  const from = request.from ?? named('primary');
  const to = request.to ?? named('standby');
  const copy = estate.copies.find((one) => one.from === from && one.to === to);
  const pairs = estate.copies.map((one) => `${one.from} to ${one.to} (${one.class})`).join(', ') || 'none';
  if (copy?.class === 'raw') return { copy, request };
  const found = copy ? `${copy.from} to ${copy.to}, of class ${copy.class}` : `${from ?? 'no primary'} to ${to ?? 'no standby'}`;
  const says = `copies: found ${found}, expected a copy of class raw that estate.yml allows; there are: ${pairs}; declare it there, deploy, and start again`;
  throw new RunbookError('InputInvalid', says, { from: from ?? null, to: to ?? null });
}

/** The largest alone, the others wherever least is waiting: no function is long done while another works. */
export function dealTables(tables: readonly { readonly quoted: string; readonly bytes: number }[], parts: number): string[][] {
  const dealt = Array.from({ length: parts }, () => ({ tables: [] as string[], bytes: 0 }));
  for (const { quoted, bytes } of [...tables].sort((one, other) => other.bytes - one.bytes)) {
    const least = dealt.reduce((found, one) => (one.bytes < found.bytes ? one : found));
    least.tables.push(quoted);
    least.bytes += bytes;
  }
  return dealt.map((part) => part.tables);
}

const MOST_NAMED = 5;

/** `12 tables, 3421 rows, 2 MB in 1 s: orders 200, customers 40 and 10 more`. */
export function pouredSays({ tables, milliseconds }: Pick<PouredPart, 'tables' | 'milliseconds'>): string {
  const rows = tables.reduce((sum, one) => sum + one.rows, 0);
  const bytes = tables.reduce((sum, one) => sum + one.bytes, 0);
  const largest = [...tables].sort((one, other) => other.rows - one.rows).filter(({ rows: count }) => count > 0);
  const named = largest.slice(0, MOST_NAMED).map(({ table, rows: count }) => `${table} ${count}`);
  const more = largest.length > MOST_NAMED ? ` and ${largest.length - MOST_NAMED} more` : '';
  const size = `${(bytes / 1024 ** 2).toFixed(1)} MB in ${(milliseconds / 1000).toFixed(1)} s`;
  return `${countOf(tables.length, 'table')}, ${countOf(rows, 'row')}, ${size}${named.length === 0 ? '' : `: ${named.join(', ')}${more}`}`;
}
