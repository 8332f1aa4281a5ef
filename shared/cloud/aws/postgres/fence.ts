// The fence around a database: nobody may connect, nobody is connected, and both are shown by writes that fail.
import { escapeIdentifier } from 'pg';
import { RunbookError } from '../../../errors.ts';
import type { Database } from '../../../estate.ts';
import type { FenceProof } from '../../ports.ts';
import { readCluster } from './facts.ts';
import { explain, inSession, saidBy, sqlState, type Login, type Session } from './session.ts';

/** A session ends at its next look at its mailbox; one that does not in this time is stuck. */
const ENDING_MILLISECONDS = 10_000;
const LOOK_AGAIN_MILLISECONDS = 50;

const MAY_NOT = '42501';
const NO_SUCH_TABLE = '42P01';
const WRONG_LOGIN = /^28/;

/** The REVOKE must be the owner's: for anybody else PostgreSQL warns, revokes nothing, and says that all is well. */
export async function fenceDatabase(master: Login, application: Login, database: Database): Promise<FenceProof> {
  const before = await openBefore(application, database, (write) => fenceAround(master, database, write));
  const after = await trySession(application, database);
  return { ...before, newSession: after };
}

type Proof = Omit<FenceProof, 'newSession'>;
/** What a write says in the session that was open before; null when it went through. */
type Write = () => Promise<string | null>;

/** Runs the fence while a session of the application's stands open. Where none can be opened, what PostgreSQL said is the proof. */
async function openBefore(application: Login, database: Database, fence: (write: Write) => Promise<Proof>): Promise<Proof> {
  try {
    return await inSession(application, database.name, {}, (session) => fenceBehind(session, application, fence));
  } catch (error) {
    const state = sqlState(error);
    // A wrong password would be refused after the fence as well, and prove nothing.
    if (state === undefined || WRONG_LOGIN.test(state))
      throw explain(error, `connecting as ${application.username}`, application);
    return fence(() => Promise.resolve(saidBy(error)));
  }
}

/** Whoever could not write before the fence shows nothing by not writing after it. */
async function fenceBehind(session: Session, application: Login, fence: (write: Write) => Promise<Proof>): Promise<Proof> {
  try {
    await write(session);
  } catch (error) {
    throw explain(error, `a write as ${application.username} before the fence`, application);
  }
  return fence(async () => {
    try {
      await write(session);
      return null;
    } catch (error) {
      // The first word is the server's own; whatever is said later only reports that nobody listens.
      return saidBy(session.ended() ?? error);
    }
  });
}

/**
 * As the application writes: a heartbeat, which is never committed. Without that table it is a transaction's number, which only a
 * session that may write is given.
 */
async function write(session: Session): Promise<void> {
  try {
    await session.query('BEGIN');
    await session.query(`INSERT INTO changeover_heartbeat (environment, written_at, note) VALUES ('changeover', now(), 'fence')`);
  } catch (error) {
    if (sqlState(error) !== NO_SUCH_TABLE) throw error;
    await session.query('ROLLBACK');
    await session.query('BEGIN');
    await session.query('SELECT txid_current()');
  }
  await session.query('ROLLBACK');
}

async function fenceAround(master: Login, database: Database, write: Write): Promise<Proof> {
  try {
    // From another database: one's own session would be in the way.
    const counted = await inSession(master, 'postgres', {}, async (session) => {
      await revokeAll(session, master, database);
      return endSessions(session, database);
    });
    return { ...counted, openSession: await write() };
  } catch (error) {
    throw explain(error, `fencing ${database.name}`, master);
  }
}

async function revokeAll(session: Session, master: Login, database: Database): Promise<void> {
  const { connect } = await readCluster(session, database);
  const everybody = [...new Set(['public', database.owner, database.application, ...connect])];
  await session.query(
    `REVOKE CONNECT ON DATABASE ${escapeIdentifier(database.name)} FROM ${everybody.map(roleOf).join(', ')} CASCADE`,
  );
  // Whoever compares the two sides afterwards must get in. Where the application is the master itself, nobody does.
  const keeper = [database.owner, database.application].includes(master.username) ? [] : [master.username];
  if (keeper.length > 0) await grant(session, database, keeper);
  await requireConnect(session, master, database, keeper);
}

const grant = (session: Session, { name }: Database, roles: readonly string[]) =>
  session.query(`GRANT CONNECT ON DATABASE ${escapeIdentifier(name)} TO ${roles.map(roleOf).join(', ')}`);

export async function unfenceDatabase(master: Login, database: Database, connect: readonly string[]): Promise<void> {
  if (connect.length === 0) return;
  try {
    await inSession(master, 'postgres', {}, async (session) => {
      await grant(session, database, connect);
      if (!connect.includes(master.username))
        await session.query(
          `REVOKE CONNECT ON DATABASE ${escapeIdentifier(database.name)} FROM ${roleOf(master.username)} CASCADE`,
        );
      await requireConnect(session, master, database, connect);
    });
  } catch (error) {
    throw explain(error, `giving CONNECT on ${database.name} back`, master);
  }
}

const roleOf = (role: string): string => (role === 'public' ? 'PUBLIC' : escapeIdentifier(role));

async function requireConnect(session: Session, master: Login, database: Database, wanted: readonly string[]): Promise<void> {
  const { connect } = await readCluster(session, database);
  if ([...connect].sort().join() === [...wanted].sort().join()) return;
  const named = (roles: readonly string[]): string => (roles.length === 0 ? 'nobody' : roles.join(', '));
  throw new RunbookError(
    'CloudRefused',
    `CONNECT on ${database.name} is with ${named(connect)} and should be with ${named(wanted)}; ${master.username} must be a member of ${database.owner}: GRANT ${database.owner} TO ${master.username}`,
    { database: database.name, found: named(connect), wanted: named(wanted) },
  );
}

interface Ended {
  readonly ended: number;
  readonly spared: number;
}

/** Superusers are RDS's own; background workers without a role are the server's. */
const SESSIONS = `
  SELECT a.pid, r.rolsuper AS super FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
  WHERE a.datname = $1 AND a.pid <> pg_backend_pid()`;

/** One by one: a set-wide call stops at the first session that refuses, and leaves the rest alive. */
async function endSessions(session: Session, { name }: Database): Promise<Ended> {
  const ended = new Set<number>();
  const stopAt = performance.now() + ENDING_MILLISECONDS;
  for (;;) {
    const standing = await session.query<{ pid: number; super: boolean }>(SESSIONS, [name]);
    const ours = standing.filter((each) => !each.super);
    if (ours.length === 0) return { ended: ended.size, spared: standing.length };
    if (performance.now() > stopAt) {
      throw new RunbookError('CloudTransient', `${ours.length} sessions of ${name} do not end; they are asked again`, {
        sessions: ours.length,
      });
    }
    for (const { pid } of ours) {
      await session.query('SELECT pg_terminate_backend($1)', [pid]);
      ended.add(pid);
    }
    await session.query('SELECT pg_sleep($1)', [LOOK_AGAIN_MILLISECONDS / 1000]);
  }
}

/** A session opened after the fence: what PostgreSQL said, or null when it let the application in. */
async function trySession(application: Login, database: Database): Promise<string | null> {
  try {
    return await inSession(application, database.name, {}, async (session) => {
      await write(session);
      return null;
    });
  } catch (error) {
    // Only this is the fence. A lost connection proves nothing, and a wrong password nothing either.
    if (sqlState(error) === MAY_NOT) return saidBy(error);
    throw explain(error, `a write as ${application.username} after the fence`, application);
  }
}
