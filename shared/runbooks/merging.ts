// What a merge may write once nobody writes any more, and whether it did.
import { RunbookError } from '../errors.ts';
import {
  conflictsOf,
  keylessOf,
  patchOf,
  rowsSay,
  strangersOf,
  tablesSay,
  type Divergence,
  type RowDifference,
  type Winner,
} from './divergence.ts';
import type { RollbackRequest } from './requests.ts';
import { broughtOf, byKey, disputed, onBoth, onlyThere, unbringable, type UploadDivergence } from './uploads.ts';
import { countOf, listOf } from './words.ts';

export interface Merging {
  readonly divergence: RollbackRequest['divergence'];
  readonly winner: Winner;
  readonly overridden: readonly string[];
}

/** The world moved on while a person read: what nobody decided about stops the run before anything is written. */
export function judgePatch(found: Divergence, { divergence, winner, overridden }: Merging): RowDifference[] {
  const strangers = strangersOf(found) + conflictsOf(found);
  if (divergence === 'discard') return [];
  if (divergence === 'refuse') {
    if (strangers === 0) return [];
    const says = `${found.there} was given ${rowsSay(strangers)} while the plan was read, and nobody said what becomes of them; start again with "divergence": "merge" or "discard"`;
    throw new RunbookError('PlanStale', says, { rows: strangers });
  }
  const open = [
    ...(winner === 'nobody' && conflictsOf(found) > 0
      ? [`${countOf(conflictsOf(found), 'row')} changed on both sides, and the request names no winner`]
      : []),
    ...(found.collisions.length > 0
      ? [`${countOf(found.collisions.length, 'row')} of ${tablesSay(found.collisions)} would take another row's place`]
      : []),
    ...(found.uncompared.length > 0 && !overridden.includes('uncompared')
      ? [`not compared: ${found.uncompared.join('; ')}`]
      : []),
    ...(found.schema.length > 0 && !overridden.includes('schema-differs') ? found.schema : []),
    ...(keylessOf(found).length > 0 && !overridden.includes('keyless-table')
      ? [`${tablesSay(keylessOf(found))} cannot be brought by key`]
      : []),
  ];
  if (open.length === 0) return patchOf(found, winner);
  throw new RunbookError(
    'PlanStale',
    `since the plan was approved: ${open.join('; ')}; nothing was merged, start the run again`,
    {
      conflicts: conflictsOf(found),
    },
  );
}

/** Asked of both databases again. What the winner's side had under one key may stand; what only the other had may not be missing. */
export function judgeMerged(after: Divergence, winner: Winner, rows: number): string {
  const missing = strangersOf(after) + (winner === 'there' ? conflictsOf(after) : 0);
  if (missing === 0) return `${after.here} has every row of ${after.there}: ${rowsSay(rows)} brought`;
  const says = `${rowsSay(missing)} of ${after.there} are not in ${after.here} after the merge, expected all of them; look who writes to ${after.here}`;
  throw new RunbookError('VerifyFailed', says, { missing });
}

/** The files that a merge may copy, once nobody uploads any more. */
export function judgeFiles(
  found: UploadDivergence,
  { from, divergence, winner, overridden }: Merging & { readonly from: string },
): string[] {
  if (divergence === 'discard') return [];
  const stale = (says: string): RunbookError =>
    new RunbookError('PlanStale', `since the plan was approved: ${says}; no file was copied, start the run again`, { from });
  if (divergence === 'refuse') {
    const files = onlyThere(found).length + onBoth(found).length;
    if (files === 0) return [];
    throw stale(`${countOf(files, 'file')} came to the bucket of ${from}, and nobody said what becomes of them`);
  }
  const open = disputed(found, winner);
  if (open.length > 0) throw stale(open.join('; '));
  const troubles = unbringable(found, winner);
  if (troubles.length === 0) return broughtOf(found, winner);
  if (overridden.includes('uploads')) return [];
  throw stale(troubles.join('; '));
}

/** By both listings again. A bucket with a key of its own gives the same file another tag, so it is the size that is compared. */
export function judgeBrought({ here, there }: UploadDivergence, to: string, files: readonly string[]): string {
  const [ours, theirs] = [byKey(here), byKey(there)];
  const missing = files.filter((key) => ours.get(key) === undefined || ours.get(key)?.size !== theirs.get(key)?.size);
  if (missing.length === 0) return `the bucket of ${to} has ${countOf(files.length, 'file')} more`;
  const says = `the bucket of ${to} has not, or not whole: ${listOf(missing.slice(0, 3))}; look who writes to it, and start again`;
  throw new RunbookError('VerifyFailed', says, { missing: missing.length });
}
