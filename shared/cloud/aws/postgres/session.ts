// One session with PostgreSQL: over TLS, with a password that goes from its secret to the connection, every wait bounded.
import type { Duplex } from 'node:stream';
import { Client, DatabaseError } from 'pg';
import { RunbookError } from '../../../errors.ts';
import type { Login } from './login.ts';

export { placed, readLogin, type Login } from './login.ts';

const CONNECT_MILLISECONDS = 5_000;
const STATEMENT_MILLISECONDS = 10_000;
/** A connection that says no goodbye is left behind. */
const GOODBYE_MILLISECONDS = 1_000;

export interface Session {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Why the server ended the session, if it has. */
  ended(): Error | undefined;
}

export interface Manner {
  /** For a session that must not be able to change anything. */
  readonly readOnly?: boolean;
  readonly statementMilliseconds?: number;
  /** Half of a statement's time where nothing is said: sooner, so that a lock is told as a lock. */
  readonly lockMilliseconds?: number;
}

/** Opens, works, and closes whatever happened. */
export const inSession = <T>(
  login: Login,
  database: string,
  manner: Manner,
  work: (session: Session) => Promise<T>,
): Promise<T> => inClient(login, database, manner, (client, ended) => work(sessionOf(client, ended)));

export const sessionOf = (client: Client, ended: Session['ended'] = () => undefined): Session => ({
  query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    (await client.query<Row & Record<string, unknown>>(sql, [...values])).rows,
  ended,
});

/** The same for whoever needs the connection itself: rows as streams, the bare protocol. */
export async function inClient<T>(
  login: Login,
  database: string,
  manner: Manner,
  work: (client: Client, ended: Session['ended']) => Promise<T>,
): Promise<T> {
  const statementMilliseconds = manner.statementMilliseconds ?? STATEMENT_MILLISECONDS;
  const client = new Client({
    host: login.host,
    port: login.port,
    user: login.username,
    password: login.password,
    database,
    ssl: { rejectUnauthorized: true },
    application_name: 'changeover',
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    statement_timeout: statementMilliseconds,
    lock_timeout: manner.lockMilliseconds ?? statementMilliseconds / 2,
    // The server may be gone in the middle of a statement, and then nobody keeps its limit.
    query_timeout: statementMilliseconds + CONNECT_MILLISECONDS,
    ...(manner.readOnly === true && { options: '-c default_transaction_read_only=on' }),
  });
  let ended: Error | undefined;
  // Without a listener the end of a session would be the end of the process.
  client.on('error', (error) => (ended ??= error));
  try {
    await client.connect();
    return await work(client, () => ended);
  } finally {
    await goodbye(client);
  }
}

/** What the client can and its types do not say. */
type Bare = Client & { readonly connection: { readonly stream: Duplex } };

async function goodbye(client: Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GOODBYE_MILLISECONDS)));
  await Promise.race([client.end().catch(() => undefined), late]);
  clearTimeout(timer);
  // In the middle of rows nobody hears a goodbye.
  (client as Bare).connection.stream.destroy();
}

/** PostgreSQL's own code for what it said; undefined where it said nothing. */
export const sqlState = (error: unknown): string | undefined => (error instanceof DatabaseError ? error.code : undefined);

/** What PostgreSQL said, as a line: never the statement, never the row it was about. */
export const saidBy = (error: unknown): string =>
  error instanceof DatabaseError
    ? `${error.code ?? '?????'}: ${error.message}`
    : error instanceof Error
      ? wordsOf(error)
      : String(error);

/** Where a name has several addresses and none answers, Node's error has a code and no message. */
const wordsOf = (error: Error & { readonly code?: unknown }): string =>
  error.message === '' && typeof error.code === 'string' ? error.code : error.message;

/** Lost or refused connections, a server that starts or stops, too many sessions, time that ran out: another try may help. */
const PASSING = /^(08|53|57|55|40)/;
export const isPassing = (error: unknown): boolean => PASSING.test(sqlState(error) ?? '');
const WRONG_LOGIN = ['28P01', '28000'];
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS|ERR_SSL/;

export function explain(error: unknown, doing: string, login: Login): RunbookError {
  if (error instanceof RunbookError) return error;
  const state = sqlState(error);
  const where = { endpoint: login.host, ...(state !== undefined && { sqlState: state }) };
  const refused = (says: string): RunbookError => new RunbookError('CloudRefused', says, where, { cause: plain(error) });
  if (state !== undefined && WRONG_LOGIN.includes(state)) {
    return refused(
      `${login.host} does not let ${login.username} in (${state}); the secret ${login.secret} has another password or name than PostgreSQL`,
    );
  }
  const code = (error as { readonly code?: unknown }).code;
  if (state === undefined && (UNTRUSTED.test(String(code)) || saidBy(error).includes('does not support SSL'))) {
    return refused(
      `${login.host} is not who it should be or speaks no TLS (${saidBy(error)}); set NODE_EXTRA_CA_CERTS to the RDS authority`,
    );
  }
  if (state !== undefined && !isPassing(error)) return refused(`PostgreSQL at ${login.host} refused ${doing} (${saidBy(error)})`);
  const says = `${doing} at ${login.host} did not get through (${saidBy(error)}); it is tried again`;
  return new RunbookError('CloudTransient', says, where, { cause: plain(error) });
}

/** pg's errors carry the row and the statement in fields of their own: what is kept is one line. */
const plain = (error: unknown): Error => new Error(saidBy(error));
