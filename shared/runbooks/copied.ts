// What a reader of the target finds after the swap, and what the copy leaves on record for the next run and for a failover.
import { RunbookError } from '../errors.ts';
import type { CopyMark } from './copies.ts';
import type { HeldCopy, PouredPart, SyncDetail } from './copying.ts';
import type { Proof } from './proof.ts';
import type { Run } from './run.ts';
import type { Mark } from './shelf.ts';

export interface Looked {
  readonly heartbeat: string | null;
  readonly mark: Mark | null;
}

export function judgeLooked(
  { heartbeat, mark }: Looked,
  {
    run,
    live,
    to,
    proof,
  }: { readonly run: string | null; readonly live: string; readonly to: string; readonly proof: Proof | undefined },
): string {
  const wrong = (found: string, expected: string): RunbookError =>
    new RunbookError(
      'VerifyFailed',
      `the application of ${to} finds ${found} in ${live}, expected ${expected}; what it had before is given back`,
      { live },
    );
  if (run !== null && mark?.run !== run)
    throw wrong(mark === null ? 'no mark of ours' : `the mark of ${mark.run}`, `that of ${run}`);
  if (proof && heartbeat !== proof.heartbeat) throw wrong(heartbeat ?? 'no heartbeat', proof.heartbeat ?? 'none');
  return `the application of ${to} reads ${live}${heartbeat === null ? '' : `, with data of ${heartbeat}`}`;
}

/** What readers have back is as new as its newest heartbeat; how many rows were in it nobody counted, so nobody counts from there. */
export const undoneMark = (before: CopyMark | null, heartbeat: string | null): CopyMark | null =>
  before && { ...before, at: heartbeat ?? new Date(0).toISOString(), since: null, tables: [], run: null, dump: null };

const HOUR = 3_600_000;

export interface Copied {
  readonly run: Pick<Run, 'id'>;
  readonly detail: Pick<SyncDetail, 'from' | 'to' | 'next'>;
  readonly held: HeldCopy;
  readonly proof: Proof;
  readonly parts: readonly PouredPart[];
  readonly before: CopyMark | null;
}

/** Rates are measured from one copy to the next; what a first one cannot tell is nothing an hour. */
export function draftCopyMark({ run, detail: { from, to, next }, held, proof, parts, before }: Copied): CopyMark {
  const hours = before === null ? null : (Date.parse(held.at) - Date.parse(before.at)) / HOUR;
  const bytes = parts.reduce((sum, part) => sum + part.tables.reduce((own, table) => own + table.bytes, 0), 0);
  const milliseconds = Math.max(...parts.map((part) => part.milliseconds), 1);
  return {
    from,
    to,
    at: held.at,
    since: held.since,
    tables: proof.tables.map(({ table, rows, key }) => {
      const known = before?.tables.find((one) => one.table === table);
      const grown = known && hours !== null && hours > 0 ? Math.max(0, (rows.copy - known.rows) / hours) : known?.rowsPerHour;
      return { table, rows: rows.copy, key, rowsPerHour: grown ?? 0 };
    }),
    uploadsPerHour: before?.uploadsPerHour ?? 0,
    // So little says nothing of how fast much goes.
    bytesPerSecond:
      bytes < LEAST_MEASURED_BYTES ? (before?.bytesPerSecond ?? null) : Math.round((bytes / milliseconds) * 1000) / parts.length,
    run: run.id,
    dump: next === 'copy' ? `dumps/${from}-${to}/${run.id}/manifest.json` : null,
  };
}
const LEAST_MEASURED_BYTES = 16 * 1024 ** 2;
