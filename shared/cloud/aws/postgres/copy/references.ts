// Which uploaded files a copy names.
import { escapeIdentifier } from 'pg';
import { RunbookError } from '../../../../errors.ts';
import type { CopyOrder } from '../../../ports.ts';
import { sqlState, type Login } from '../session.ts';
import { inTarget } from './build.ts';

const NOT_THERE = /^42(P01|703)$/;
/** A listing of so many keys is held in memory and in one entry of the ledger. */
const MOST_KEYS = 200_000;

export const readReferences = (
  login: Login,
  { incoming, to }: CopyOrder,
  columns: readonly { readonly table: string; readonly column: string }[],
): Promise<string[]> =>
  inTarget(login, incoming, to.database.owner, async (client) => {
    const keys = new Set<string>();
    for (const { table, column } of columns) {
      const [name = '', schema = 'public'] = table.split('.').reverse();
      const sql = `SELECT DISTINCT ${escapeIdentifier(column)}::text AS key FROM ${escapeIdentifier(schema)}.${escapeIdentifier(name)} WHERE ${escapeIdentifier(column)} IS NOT NULL LIMIT ${MOST_KEYS}`;
      try {
        for (const { key } of (await client.query<{ key: string }>(sql)).rows) keys.add(key);
      } catch (error) {
        if (!NOT_THERE.test(sqlState(error) ?? '')) throw error;
        const says = `uploads.references of the copy in estate.yml names ${table}.${column}, which the database has not; correct it, deploy, and start again`;
        throw new RunbookError('CloudRefused', says, { table, column });
      }
    }
    return [...keys].sort();
  });
