// One instant of the source, held by one session for as long as the copy lasts; every other session reads as of it.
import type { Client } from 'pg';
import { escapeLiteral } from 'pg';
import { RunbookError } from '../../../../errors.ts';
import { inClient, sqlState, type Login } from '../session.ts';
import { PLAIN_TEXT } from '../tables.ts';
import { requireUnchanged } from './tables.ts';

export interface Held {
  readonly snapshot: string;
  /** The transaction from which on what is written is not in the copy. */
  readonly since: string;
}

/** A statement may take as long as the longest table: the function's own end is what ends it. */
export const COPYING_MILLISECONDS = 880_000;

/** The snapshot stands until `work` is done. A session that is idle so long must not be taken for a forgotten one. */
export const holdSnapshot = <T>(
  login: Login,
  database: string,
  work: (held: Held, alive: () => Promise<void>) => Promise<T>,
): Promise<T> =>
  inClient(login, database, { readOnly: true, statementMilliseconds: 30_000 }, async (client) => {
    await client.query('SET idle_in_transaction_session_timeout = 0');
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const sql = 'SELECT pg_export_snapshot() AS snapshot, pg_snapshot_xmin(pg_current_snapshot())::text AS since';
    const { rows } = await client.query<Held>(sql);
    const [held] = rows;
    if (!held) throw new Error('PostgreSQL exported no snapshot');
    return work(held, async () => {
      await client.query('SELECT 1');
    });
  });

const GONE = ['42704', '22023'];

/** Whoever holds it may have begun anew: then another one is in the ledger in a moment. */
async function importSnapshot(client: Client, snapshot: string): Promise<void> {
  try {
    await client.query(`SET TRANSACTION SNAPSHOT ${escapeLiteral(snapshot)}`);
  } catch (error) {
    if (!GONE.includes(sqlState(error) ?? '')) throw error;
    throw new RunbookError(
      'NotYet',
      `the instant ${snapshot} is not held any more; the one that is held now is asked for`,
      { snapshot },
      { cause: error },
    );
  }
}

/** The instant, and how it is by now: whoever altered what is copied is told of before anybody believes the rows. */
export const stillAsItWas = ({ source }: { readonly source: Login }, database: string, snapshot: string): Promise<void> =>
  onSnapshot(source, database, snapshot, (then) =>
    inClient(source, database, { readOnly: true }, async (now) => {
      // Types are written with their schema in the other session as well.
      await now.query("SET search_path = 'pg_catalog'");
      await requireUnchanged(then, now);
    }),
  );

/** A session that reads as of that instant, and writes text that is the same on every server. */
export const onSnapshot = <T>(
  login: Login,
  database: string,
  snapshot: string,
  work: (client: Client) => Promise<T>,
): Promise<T> =>
  inClient(
    login,
    database,
    { readOnly: true, statementMilliseconds: COPYING_MILLISECONDS, lockMilliseconds: 20_000 },
    async (client) => {
      await client.query('SET idle_in_transaction_session_timeout = 0');
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await importSnapshot(client, snapshot);
      await client.query(PLAIN_TEXT);
      return work(client);
    },
  );
