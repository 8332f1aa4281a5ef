// A restored database as its master and its application find it, before anybody else does.
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Database } from '../../../estate.ts';
import type { Examined } from '../../../runbooks/restored.ts';
import { readFacts } from './facts.ts';
import { unfenceDatabase } from './fence.ts';
import { inSession, saidBy, sqlState, type Login, type Session } from './session.ts';
import { labelOf, quoted, USERS_TABLES, type TableName } from './tables.ts';

/** A large table that comes from storage for the first time is slow; the function has fifteen minutes. */
const READING_MILLISECONDS = 600_000;

const WRONG_PASSWORD = '28P01';

/**
 * The application's role can log in with the password that its secret has today. It gives that to itself where another's password came
 * along, for that needs no right; the master gives it where that one is not known either.
 */
export async function admitRoles(master: Login, application: Login, origin: Login | null): Promise<void> {
  if (await letsIn(application)) return;
  const [role, password] = [escapeIdentifier(application.username), escapeLiteral(application.password)];
  const whoMay = origin !== null && (await letsIn(origin)) ? origin : master;
  await inSession(whoMay, 'postgres', {}, (session) => session.query(`ALTER ROLE ${role} PASSWORD ${password}`));
}

/** Whoever is refused for another reason than a password is told by the examination. */
async function letsIn(login: Login): Promise<boolean> {
  try {
    await inSession(login, 'postgres', {}, (session) => session.query('SELECT'));
    return true;
  } catch (error) {
    return sqlState(error) !== WRONG_PASSWORD;
  }
}

/** A snapshot that was taken behind a fence has the fence in it, and so has one that an earlier run gave back. */
export async function liftFence(master: Login, database: Database, connect: readonly string[]): Promise<void> {
  const { fenced } = await readFacts(master, '', database, []);
  if (!fenced) return;
  // Where nobody but the master is known to have had it, as PostgreSQL makes a database: everybody has.
  const others = connect.filter((role) => role !== master.username);
  await unfenceDatabase(master, database, others.length > 0 ? connect : ['public']);
}

export async function examine(master: Login, application: Login, environment: string, database: Database): Promise<Examined> {
  const facts = await readFacts(master, environment, database, []);
  const unread = { facts, rows: {}, bytes: 0, invalid: [], application: { reads: 'not tried', writes: 'not tried' } };
  if (!facts.reachable) return unread;
  const reading = { readOnly: true, statementMilliseconds: READING_MILLISECONDS };
  const inside = await inSession(master, database.name, reading, async (session) => ({
    rows: await countEveryRow(session),
    bytes: await bytesOf(session),
    invalid: await invalidOf(session),
  }));
  return { facts, ...inside, application: await tryAs(application, database) };
}

/** The whole of each row goes through a sum: what storage has not delivered yet, it delivers now. */
async function countEveryRow(session: Session): Promise<Record<string, number>> {
  const tables = await session.query<TableName>(`SELECT n.nspname AS schema, c.relname AS name ${USERS_TABLES} ORDER BY 1, 2`);
  const rows: Record<string, number> = {};
  for (const table of tables) {
    const [found] = await session.query<{ rows: string }>(
      `SELECT count(*)::text AS rows, sum(hashtextextended(t::text, 0)) AS read FROM ${quoted(table)} t`,
    );
    rows[labelOf(table)] = Number(found?.rows ?? 0);
  }
  return rows;
}

async function bytesOf(session: Session): Promise<number> {
  const [found] = await session.query<{ bytes: string }>('SELECT pg_database_size(current_database())::text AS bytes');
  return Number(found?.bytes ?? 0);
}

const INVALID = `
  SELECT 'the index ' || i.indexrelid::regclass AS what FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  WHERE NOT (i.indisvalid AND i.indisready) AND c.relpersistence <> 't'
  ORDER BY 1`;

const invalidOf = async (session: Session): Promise<string[]> =>
  (await session.query<{ what: string }>(INVALID)).map(({ what }) => what);

/** As the application would: it reads, and writes what is never committed. */
async function tryAs(application: Login, { name }: Database): Promise<Examined['application']> {
  const attempt = async (statements: readonly string[]): Promise<string | null> => {
    try {
      await inSession(application, name, {}, async (session) => {
        await session.query('BEGIN');
        for (const statement of statements) await session.query(statement);
        await session.query('ROLLBACK');
      });
      return null;
    } catch (error) {
      return saidBy(error);
    }
  };
  const table = 'changeover_heartbeat';
  const reads = await attempt([`SELECT max(written_at) FROM ${table}`]);
  const insert = `INSERT INTO ${table} (environment, written_at, note) VALUES ('changeover', now(), 'restored')`;
  return { reads, writes: reads === null ? await attempt([insert]) : 'not tried' };
}
