// Rows of named tables that come back into the database that people use: which, and whether they did.
import { RunbookError } from '../errors.ts';
import { fieldsOf, type Divergence, type RowDifference } from './divergence.ts';
import type { Wanted } from './restoring.ts';
import { countOf, listOf } from './words.ts';

type Which = Pick<Wanted, 'tables' | 'rows'>;

/** Keys as a person names them: `17` or `two words`, and `(17,EUR)` where there are several columns; PostgreSQL quotes some of them. */
function keysOf(named: readonly string[]): (key: string) => boolean {
  const textOf = (fields: readonly (string | null)[]): string => JSON.stringify(fields);
  const records = named.filter((key) => key.startsWith('(')).map((key) => textOf(fieldsOf(key)));
  const known = new Set([...named.map((key) => textOf([key])), ...records]);
  return (key) => known.has(textOf(fieldsOf(key)));
}

/**
 * Rows that were there at that instant and are gone or say something else now: `here` is the database that people use, `there` the
 * restored one. What was added since stays, for it is in nobody's way.
 */
export function rowsOf({ rows }: Divergence, { tables, rows: named }: Which): RowDifference[] {
  const wanted = new Map(Object.entries(named).map(([table, keys]) => [table, keysOf(keys)]));
  return rows.filter(({ table, key }) => tables?.includes(table) === true && wanted.get(table)?.(key) !== false);
}

/** Asked again after the transaction. */
export function judgeBroughtBack(after: Divergence, which: Which, brought: number): string {
  if (after.uncompared.length > 0) {
    const says = `whether the rows are as they were is not known: ${listOf(after.uncompared)}; asked again until the deadline`;
    throw new RunbookError('NotYet', says, { uncompared: after.uncompared.length });
  }
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
    `since the plan was approved: ${listOf(troubles)}; no row is written now, start the run again`,
  );
}
