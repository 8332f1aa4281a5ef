// The application's connections: a few kept open over TLS, thrown away when the server ends them, opened again when it lets us.
import { Socket } from 'node:net';
import { Pool, type ClientConfig, type PoolClient, type QueryResultRow } from 'pg';

export interface DatabaseAccess {
  /** The public name its certificate carries. */
  readonly endpoint: string;
  readonly name: string;
  readonly username: string;
  readonly password: string;
  /** The authority that signed the certificate, as PEM. */
  readonly authority: string;
  /** Where the endpoint's port is served on this machine right now; undefined when nothing answers there. */
  place(): { readonly host: string; readonly port: number } | undefined;
}

export interface Connections {
  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** All of `work` or nothing. */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

const MOST_CONNECTIONS = 4;
const CONNECT_MILLISECONDS = 3000;
const STATEMENT_MILLISECONDS = 5000;

/** One connection as the application makes them. */
export const connectionOf = (access: DatabaseAccess): ClientConfig => ({
  host: access.endpoint,
  port: 5432,
  database: access.name,
  user: access.username,
  password: access.password,
  ssl: { ca: access.authority, rejectUnauthorized: true },
  stream: () => socketTo(access),
  connectionTimeoutMillis: CONNECT_MILLISECONDS,
  statement_timeout: STATEMENT_MILLISECONDS,
  query_timeout: STATEMENT_MILLISECONDS,
  application_name: 'orders',
});

export function openConnections(access: DatabaseAccess): Connections {
  const pool = new Pool({ ...connectionOf(access), max: MOST_CONNECTIONS, allowExitOnIdle: true });
  // A connection that is ended while nobody uses it (57P01) leaves the pool by itself.
  pool.on('error', () => undefined);
  return {
    async query<Row extends QueryResultRow>(text: string, values: unknown[] = []) {
      return (await pool.query<Row>(text, values)).rows;
    },
    async transaction(work) {
      const client = await pool.connect();
      let trouble: Error | undefined;
      client.on('error', ignore);
      try {
        await client.query('BEGIN');
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        trouble = error as Error;
        throw error;
      } finally {
        client.off('error', ignore);
        // What failed half way is closed and not used again: its transaction goes with it.
        client.release(trouble);
      }
    },
    end: () => pool.end(),
  };
}

const ignore = (): void => undefined;

/** A socket that finds the public endpoint where this machine serves it, at the moment it connects. */
function socketTo({ endpoint, place }: DatabaseAccess): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket) as (port: number, host: string) => Socket;
  socket.connect = (): Socket => {
    const there = place();
    if (there) return connect(there.port, there.host);
    const message = `connect EHOSTUNREACH ${endpoint}:5432`;
    process.nextTick(() => socket.destroy(Object.assign(new Error(message), { code: 'EHOSTUNREACH' })));
    return socket;
  };
  return socket;
}
