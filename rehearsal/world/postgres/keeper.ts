// rdsadmin at home: a superuser's own session in every database, which nobody else may end. It steps aside for a rename or a
// drop, as RDS's short sessions do, and comes back under the new name.
import type { Client } from 'pg';
import { ADMIN } from './settings.ts';

export interface Keeper {
  stop(): Promise<void>;
}

/** What the client can and its types do not say. */
type Referenced = Client & { ref(): void; unref(): void };

interface Row {
  readonly oid: string;
  readonly name: string;
  readonly wanted: boolean;
  /** Whether it lets anybody in; whoever is inside stays. */
  readonly admits: boolean;
}

// Whoever renames, drops or copies a database holds a lock on it and waits five seconds for the others to leave.
const LOOK = `
  SELECT d.oid::text AS oid, d.datname AS name, d.datallowconn AS admits, EXISTS (
    SELECT FROM pg_locks l
     WHERE l.locktype = 'object' AND l.classid = 'pg_database'::regclass AND l.objid = d.oid
       AND l.mode IN ('ShareLock', 'AccessExclusiveLock')
  ) AS wanted
    FROM pg_database d
   WHERE NOT d.datistemplate AND d.datname <> '${ADMIN}'`;
const LOOK_MILLISECONDS = 200;

export async function keepSessions(open: (database: string) => Promise<Client>): Promise<Keeper> {
  const home = await open(ADMIN);
  const sessions = new Map<string, Promise<Client | undefined>>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  home.once('end', () => (stopped = true));

  function enter(oid: string, name: string): void {
    const forget = (): void => {
      if (sessions.get(oid) === entering) sessions.delete(oid);
    };
    const entering = open(name).then(
      (session) => {
        letGo(session);
        session.once('end', forget);
        return session;
      },
      () => {
        // Renamed or gone meanwhile: the next look says.
        forget();
        return undefined;
      },
    );
    sessions.set(oid, entering);
  }
  const leave = async (oid: string): Promise<void> => {
    const session = sessions.get(oid);
    sessions.delete(oid);
    await (await session)?.end().catch(() => undefined);
  };

  async function look(): Promise<void> {
    const { rows } = await home.query<Row>(LOOK);
    for (const { oid, name, wanted, admits } of rows) {
      if (wanted) void leave(oid);
      else if (admits && !sessions.has(oid)) enter(oid, name);
    }
  }
  const lookAgain = (): void => {
    timer = setTimeout(() => {
      // A server that stops answers no more; whoever stopped it knows.
      look()
        .catch(() => undefined)
        .finally(() => {
          if (!stopped) lookAgain();
        });
    }, LOOK_MILLISECONDS);
    timer.unref();
  };

  await look();
  await Promise.all(sessions.values());
  letGo(home);
  lookAgain();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      // One that still waits for a database's lock would keep us waiting too: the server's end is its own.
      for (const oid of sessions.keys()) void leave(oid);
      stay(home);
      await home.end().catch(() => undefined);
    },
  };
}

/** A session nobody asks anything must not keep the rehearsal's own process alive. */
const letGo = (session: Client): void => (session as Referenced).unref();
const stay = (session: Client): void => (session as Referenced).ref();
