// Somebody else's sessions in the databases of a world: they stand open and hold what they hold, and end with the world at the latest.
import { Client } from 'pg';
import type { Timeline } from '../../time/timeline.ts';
import { connectionOf, type DatabaseAccess } from '../app/database.ts';
import type { Cluster } from '../contract.ts';

export interface Idle {
  readonly as: 'application' | 'superuser';
  /** `transaction`: it has read a table of the application, and its transaction is open. */
  readonly idle: 'transaction' | 'connection';
}

export interface Place {
  readonly cluster: Cluster;
  /** The database, the endpoint and the password of whoever comes through the public door. */
  readonly access: DatabaseAccess;
}

export interface Sessions {
  /** A session that asks nothing more. */
  open(place: Place, how: Idle): Promise<void>;
  /** A migration in one transaction, which is open for so long. One that waits for a lock goes on when it has it. */
  migrate(place: Place, sql: string, seconds: number): Promise<void>;
  end(): Promise<void>;
}

const LOOK_MILLISECONDS = 20;
const ignore = (): void => undefined;

export function createSessions(timeline: Timeline): Sessions {
  const clients = new Set<Client>();
  const pending = new Set<() => void>();

  const keep = (client: Client): Client => {
    // Whoever ends it ends it: nobody here asks it anything.
    client.on('error', ignore);
    clients.add(client);
    return client;
  };
  const leave = async (client: Client): Promise<void> => {
    clients.delete(client);
    await client.end().catch(ignore);
  };
  const hold = (client: Client, seconds: number): void => {
    // The world may have ended while it waited.
    if (!clients.has(client)) return;
    const callOff = timeline.after(seconds * 1000, () => {
      pending.delete(callOff);
      // Its session may have been ended by another: then there is nothing to commit.
      void timeline.busy(() =>
        client
          .query('COMMIT')
          .catch(ignore)
          .then(() => leave(client)),
      );
    });
    pending.add(callOff);
  };

  return {
    async open({ cluster, access }, { as, idle }) {
      const client = keep(as === 'superuser' ? await cluster.open(access.name) : await connect(access));
      if (idle === 'connection') return;
      await client.query('BEGIN');
      await client.query('SELECT count(*) FROM orders');
    },
    async migrate({ cluster, access }, sql, seconds) {
      const client = keep(await connect(access));
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await client.query('BEGIN');
      const work = client.query(sql).then(() => hold(client, seconds));
      work.catch(() => leave(client));
      await doneOrWaiting(cluster, rows[0]?.pid ?? 0, work);
    },
    async end() {
      pending.forEach((callOff) => callOff());
      await Promise.all([...clients].map(leave));
    },
  };
}

async function connect(access: DatabaseAccess): Promise<Client> {
  // Unlike the application's, its statements may take as long as they like.
  const { statement_timeout: _statement, query_timeout: _query, ...rest } = connectionOf(access);
  const client = new Client({ ...rest, application_name: 'psql' });
  client.on('error', ignore);
  await client.connect();
  return client;
}

/** A statement that waits for another's lock must not hold up the time in which that other would let go. */
async function doneOrWaiting(cluster: Cluster, pid: number, work: Promise<void>): Promise<void> {
  const watch = await cluster.open();
  const statement = { done: false };
  const ended = work.finally(() => (statement.done = true));
  ended.catch(ignore);
  const isWaiting = async (): Promise<boolean> => {
    const sql = `SELECT wait_event_type = 'Lock' AS waits FROM pg_stat_activity WHERE pid = $1`;
    return (await watch.query<{ waits: boolean | null }>(sql, [pid])).rows[0]?.waits === true;
  };
  try {
    while (!statement.done && !(await isWaiting()))
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS))]);
    if (statement.done) await ended;
  } finally {
    await watch.end();
  }
}
