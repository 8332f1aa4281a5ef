// The instant at which readers get the new database: two names change hands in one transaction, which nobody can see the half of.
import type { Client } from 'pg';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { RunbookError } from '../../../../errors.ts';
import type { Renaming } from '../../../ports.ts';
import { markText, readMarkOf, type Mark, type Stood } from '../../../../runbooks/shelf.ts';
import { inClient, saidBy, sqlState, type Login } from '../session.ts';

const DATABASES = `
  SELECT d.datname::text AS name, pg_database_size(d.oid)::text AS bytes, shobj_description(d.oid, 'pg_database') AS comment,
         pg_get_userbyid(d.datdba)::text AS owner
  FROM pg_database d WHERE NOT d.datistemplate AND d.datname <> 'rdsadmin' ORDER BY 1`;

/** Every database of the server, with what we wrote on it. */
export async function readStanding(client: Client): Promise<Stood[]> {
  const { rows } = await client.query<{ name: string; bytes: string; comment: string | null; owner: string }>(DATABASES);
  return rows.map(({ name, bytes, comment, owner }) => {
    const mark = readMarkOf(comment);
    return { name, bytes: Number(bytes), owner, mark, comment: mark === null ? comment : null };
  });
}

/** Of the database that one is in: whoever may connect may read it. */
export async function readOwnMark(client: Client): Promise<Mark | null> {
  const sql = `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = current_database()`;
  const { rows } = await client.query<{ comment: string | null }>(sql);
  return readMarkOf(rows[0]?.comment ?? null);
}

/** From another database: one's own session would be in the way. */
export const onServer = <T>(login: Login, work: (client: Client) => Promise<T>): Promise<T> =>
  inClient(login, 'postgres', { statementMilliseconds: 60_000, lockMilliseconds: 20_000 }, work);

const IN_USE = '55006';
const CANCELLED = '57014';
/** While a name is being given, nobody gets in: whoever is in the way for longer than this is let be for a while, and readers with them. */
const RENAMING_MILLISECONDS = 500;
const TRIES = 4;
const BETWEEN_MILLISECONDS = 3_000;
const LOOK_AGAIN_MILLISECONDS = 5;
/** Nobody reads what is dropped. */
const DROPPING_MILLISECONDS = 20_000;

const SESSIONS = `
  SELECT a.pid, r.rolsuper AS super, r.rolname::text AS role, coalesce(a.application_name, '') AS application
  FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid WHERE a.datname = ANY ($1) AND a.pid <> pg_backend_pid()`;
interface Standing {
  readonly pid: number;
  readonly super: boolean;
  readonly role: string;
  readonly application: string;
}

/** Killed at any moment, one of the two bears the name and answers: the transaction is there or it is not. */
export async function renameBoth(login: Login, renaming: Renaming): Promise<{ readonly ended: number }> {
  for (let tries = 1; ; tries++) {
    try {
      return { ended: await onServer(login, (client) => onServer(login, (other) => tryOnce(client, other, renaming))) };
    } catch (error) {
      if (sqlState(error) !== IN_USE && sqlState(error) !== CANCELLED) throw error;
      if (tries === TRIES) throw await occupied(login, renaming, error);
      await onServer(login, (client) => client.query('SELECT pg_sleep($1)', [BETWEEN_MILLISECONDS / 1000]));
    }
  }
}

/** The open rename keeps everybody else out, and waits five seconds for those who are in: a second session ends them meanwhile. */
async function tryOnce(client: Client, other: Client, { live, aside, asideMark, coming, comingMark }: Renaming): Promise<number> {
  const ended = new Set<number>();
  const rename = async (from: string, to: string): Promise<void> => {
    let open = true;
    const renamed = client
      .query(`ALTER DATABASE ${escapeIdentifier(from)} RENAME TO ${escapeIdentifier(to)}`)
      .finally(() => (open = false));
    renamed.catch(() => undefined);
    while (open) {
      await endSessions(other, [from], ended);
      await other.query('SELECT pg_sleep($1)', [LOOK_AGAIN_MILLISECONDS / 1000]);
    }
    await renamed;
    await client.query(
      `COMMENT ON DATABASE ${escapeIdentifier(to)} IS ${escapeLiteral(markText(to === live ? comingMark : asideMark))}`,
    );
  };
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL statement_timeout = ${RENAMING_MILLISECONDS}`);
    await rename(live, aside);
    await rename(coming, live);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
  return ended.size;
}

/** One by one: a set-wide call stops at the first session that refuses, and leaves the rest alive. */
async function endSessions(client: Client, databases: readonly string[], ended: Set<number>): Promise<void> {
  const { rows } = await client.query<Standing>(SESSIONS, [databases]);
  for (const { pid } of rows.filter((one) => !one.super)) {
    await client.query('SELECT pg_terminate_backend($1)', [pid]).catch(() => undefined);
    ended.add(pid);
  }
}

async function occupied(login: Login, { live, coming }: Renaming, error: unknown): Promise<RunbookError> {
  const { rows } = await onServer(login, (client) => client.query<Standing>(SESSIONS, [[live, coming]]));
  const who = rows.map(({ pid, role, application }) => `${role}${application === '' ? '' : ` (${application})`}, process ${pid}`);
  return new RunbookError(
    'CloudRefused',
    `somebody stays in ${live} whose session may not be ended (${who.join('; ') || saidBy(error)}), so it keeps its name and readers their data; end that session, or wait until it is gone, then start again`,
    { database: live, sessions: who.length },
  );
}

/**
 * It bears our mark, and nobody was given its name: whoever is in it is ended, one by one, because PostgreSQL's own FORCE stops at the
 * first session that may not be.
 */
export async function dropDatabase(client: Client, name: string): Promise<void> {
  const stopAt = performance.now() + DROPPING_MILLISECONDS;
  for (;;) {
    try {
      await endSessions(client, [name], new Set());
      await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)}`);
      return;
    } catch (error) {
      if (sqlState(error) !== IN_USE || performance.now() > stopAt) throw error;
    }
  }
}
