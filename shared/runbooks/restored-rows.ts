// Rows of named tables that come back into the database that people use: which, and whether they did.
import { RunbookError } from '../errors.ts';
import type { Divergence, RowDifference } from './divergence.ts';
import type { Wanted } from './restoring.ts';
import { countOf, listOf } from './words.ts';

type Which = Pick<Wanted, 'tables' | 'rows'>;

/** As a person names a key: `17`, or `(17,EUR)` where it has several columns. */
const keyText = (key: string): string => (key.startsWith('(') ? key : `(${key})`);

/**
 * Rows that were there at that instant and are gone or say something else now: `here` is the database that people use, `there` the
 * restored one. What was added since stays, for it is in nobody's way.
 */
export function rowsOf({ rows }: Divergence, { tables, rows: named }: Which): RowDifference[] {
  return rows.filter(({ table, key }) => {
    if (tables?.includes(table) !== true) return false;
    const keys = named[table];
    return keys === undefined || keys.map(keyText).includes(key);
  });
}

/** Asked again after the transaction. */
export function judgeBroughtBack(after: Divergence, which: Which, brought: number): string {
  const missing = rowsOf(after, which);
  if (missing.length === 0) return `${countOf(brought, 'row')} are as they were: ${listOf([...(which.tables ?? [])])}`;
  const says = `${countOf(missing.length, 'row')} of ${listOf([...new Set(missing.map(({ table }) => table))])} are not as they were, expected all of them; look who writes them`;
  throw new RunbookError('VerifyFailed', says, { missing: missing.length });
}

/** More than a person was told of is not written. */
export function judgeRows(found: Divergence, which: Which): RowDifference[] {
  const troubles = [
    ...found.uncompared,
    ...found.collisions.map(({ table, index }) => `a row of ${table} would take another one's place (${index})`),
  ];
  if (troubles.length === 0) return rowsOf(found, which);
  throw new RunbookError(
    'PlanStale',
    `since the plan was approved: ${listOf(troubles)}; nothing was written, start the run again`,
  );
}
