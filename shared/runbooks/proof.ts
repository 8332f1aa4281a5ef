// What shows that a copy is one, and what does not.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import { countOf, listOf } from './words.ts';

export type TableProof = z.infer<typeof TableProof>;
export const TableProof = z.strictObject({
  table: z.string(),
  rows: z.strictObject({ source: z.int().nonnegative(), copy: z.int().nonnegative() }),
  /** Counts and sums are the same. */
  same: z.boolean(),
  /** `sampled`: every row was counted, and those in windows of the key were summed. */
  how: z.enum(['whole', 'sampled']),
  bytes: z.number().nonnegative(),
  key: z.strictObject({ column: z.string(), max: z.string() }).nullable(),
});

export type Proof = z.infer<typeof Proof>;
export const Proof = z.strictObject({
  tables: z.array(TableProof),
  /** Of the schema, of sequences, of large objects, of rights: each stops the copy. */
  differences: z.array(z.string()),
  /** What is different and may be. */
  told: z.array(z.string()),
  migration: z.strictObject({ source: z.string().nullable(), copy: z.string().nullable() }),
  largeObjects: z.int().nonnegative(),
  /** The newest heartbeat of the source's own application that is in the copy. */
  heartbeat: z.string().nullable(),
});

const MOST = 5;
const some = (lines: readonly string[]): string =>
  lines.length > MOST ? `${lines.slice(0, MOST).join('; ')}; and ${lines.length - MOST} more` : lines.join('; ');

/** What is in the copy is what was in the source at one instant, or the copy is thrown away. */
export function judgeProof({ tables, differences, migration }: Proof, from: string): string {
  const wrong = tables
    .filter(({ same }) => !same)
    .map(({ table, rows }) =>
      rows.source === rows.copy
        ? `${table}: the same number of rows and other contents`
        : `${table}: ${rows.source} rows in ${from}, ${rows.copy} in the copy`,
    );
  const all = [
    ...wrong,
    ...differences,
    ...(migration.source === migration.copy
      ? []
      : [`migration ${migration.source ?? 'none'} in ${from}, ${migration.copy ?? 'none'} in the copy`]),
  ];
  if (all.length > 0) {
    const says = `the copy is not what ${from} was at that instant, so nobody is given it: ${some(all)}; look whether somebody changed the schema meanwhile, then start again`;
    throw new RunbookError('VerifyFailed', says, { differences: all.length });
  }
  const sampled = tables.filter(({ how }) => how === 'sampled');
  const rows = tables.reduce((sum, { rows: { copy } }) => sum + copy, 0);
  const exception = sampled.length === 0 ? '' : `, ${listOf(sampled.map(({ table }) => table))} by a sixteenth of its rows`;
  return `${countOf(tables.length, 'table')} with ${countOf(rows, 'row')} are the same, by sums of every row${exception}`;
}
