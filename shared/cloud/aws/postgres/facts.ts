// What a database says of itself. Read by the master in sessions that cannot write.
import { escapeIdentifier } from 'pg';
import type { Database } from '../../../estate.ts';
import { RunbookError } from '../../../errors.ts';
import type { DatabaseFacts, SinceMark } from '../../ports.ts';
import { explain, inSession, isPassing, saidBy, sqlState, type Login, type Session } from './session.ts';
import { readSequences } from './sequences.ts';
import { labelOf, quoted, USERS_TABLES, type TableName } from './tables.ts';

/** Counting is given up one table at a time, and altogether after this; the planner's own estimate stands in. */
const TABLE_MILLISECONDS = 4_000;
const COUNTING_MILLISECONDS = 15_000;

/** All of one database. The function has 60 s; the last statement, the goodbye and the ledger come on top of this. */
const READING_MILLISECONDS = 30_000;
/** A server that is full or slow may have room a moment later. */
const TRIES = 3;
const AGAIN_MILLISECONDS = 2_000;

const TIMED_OUT = '57014';
const LOCKED = '55P03';
const MAY_NOT = '42501';
/** No connection, or a server that starts or stops. One that is full or slow has answered, and is asked again. */
const NOT_THERE = /^(08|57P)/;
/** Too many sessions, no memory, no disk: whoever cannot get in now could not fence it either. */
const FULL = /^53/;

interface Table extends TableName {
  readonly estimate: string;
  readonly key: string | null;
}

/** What is not read by the deadline is told as not read; a database that lets nobody in is a fact with its reason, never an error. */
export async function readFacts(
  login: Login,
  environment: string,
  database: Database,
  since: readonly SinceMark[],
  milliseconds = READING_MILLISECONDS,
): Promise<DatabaseFacts> {
  const stopAt = performance.now() + milliseconds;
  const silent = unread(environment, `${login.host}/${database.name}`);
  let cluster: Partial<DatabaseFacts> = {};
  try {
    // From outside the database, for a fenced one lets nobody in.
    const outside = { readOnly: true };
    cluster = await patiently(stopAt, () => inSession(login, 'postgres', outside, (session) => readCluster(session, database)));
    const fenced = cluster.connect?.every((role) => role === login.username) === true;
    cluster = { ...cluster, fenced };
    if (cluster.connect?.length === 0)
      return { ...silent, ...cluster, trouble: `nobody may connect to ${database.name}: it is fenced` };
    const within = { readOnly: true, statementMilliseconds: TABLE_MILLISECONDS };
    const inside = await patiently(stopAt, () =>
      inSession(login, database.name, within, (session) => readInside(session, since, stopAt)),
    );
    return { ...silent, ...cluster, reachable: true, ...inside };
  } catch (error) {
    const told = explain(error, `reading ${database.name}`, login);
    const trouble = saidBy(error);
    if (told.name === 'CloudTransient') return { ...silent, ...(hasRoom(error) ? cluster : {}), trouble };
    if (sqlState(error) !== MAY_NOT) throw told;
    throw new RunbookError(
      'CloudRefused',
      `${told.message}; GRANT ${database.owner} TO ${login.username}, as on RDS the master needs it`,
      told.facts,
    );
  }
}

const unread = (environment: string, endpoint: string): DatabaseFacts => ({
  environment,
  reachable: false,
  trouble: null,
  identity: null,
  endpoint,
  connect: [],
  fenced: false,
  sequences: [],
  heartbeats: {},
  migration: null,
  tables: [],
  since: [],
});

const hasAnswered = (error: unknown): boolean => sqlState(error) !== undefined && !NOT_THERE.test(sqlState(error) ?? '');
const hasRoom = (error: unknown): boolean => hasAnswered(error) && !FULL.test(sqlState(error) ?? '');

/** One that is not there is not waited for: everybody waits for the failover. */
async function patiently<T>(stopAt: number, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const mayPass = hasAnswered(error) && isPassing(error);
      if (!mayPass || tries >= TRIES || performance.now() + AGAIN_MILLISECONDS > stopAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
  }
}

/** The system identifier travels with a physical copy, and a name may be an alias of another: the server's own address tells them apart. */
const CLUSTER = `
  SELECT s.system_identifier || '@' || host(inet_server_addr()) || ':' || inet_server_port() || '/' || d.datname AS identity,
    ARRAY(
      SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee)::text END
      FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.privilege_type = 'CONNECT' ORDER BY 1
    ) AS connect
  FROM pg_control_system() s, pg_database d WHERE d.datname = $1`;

export async function readCluster(session: Session, { name }: Database): Promise<{ identity: string; connect: string[] }> {
  const [cluster] = await session.query<{ identity: string; connect: string[] }>(CLUSTER, [name]);
  if (cluster) return cluster;
  throw new RunbookError('CloudRefused', `the cluster has no database ${name}; the estate names another than there is`, {
    database: name,
  });
}

const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name, greatest(c.reltuples, 0)::bigint::text AS estimate,
    (
      SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1 AND (a.attidentity <> '' OR a.atthasdef)
        AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    ) AS key
  ${USERS_TABLES}
  ORDER BY 1, 2`;

async function readInside(
  session: Session,
  marks: readonly SinceMark[],
  stopAt: number,
): Promise<Pick<DatabaseFacts, 'trouble' | 'heartbeats' | 'migration' | 'tables' | 'since' | 'sequences'>> {
  const found = await session.query<Table>(TABLES);
  const named = (name: string): Table | undefined => found.find((each) => each.name === name);
  const late: string[] = [];
  const skipped: string[] = [];
  /** One table that is locked or too large hides itself, not the others. */
  const inTime = async <T>(table: string, instead: T, read: () => Promise<T>): Promise<T> => {
    if (performance.now() >= stopAt) {
      skipped.push(table);
      return instead;
    }
    try {
      return await read();
    } catch (error) {
      if (![TIMED_OUT, LOCKED].includes(sqlState(error) ?? '')) throw error;
      late.push(table);
      return instead;
    }
  };
  const heartbeats = await inTime('changeover_heartbeat', {}, () => readHeartbeats(session, named('changeover_heartbeat')));
  const migration = await inTime('schema_migrations', null, () => readMigration(session, named('schema_migrations')));
  const sequences = await inTime('pg_sequences', [], () => readSequences(session));
  const tables: SinceMark[] = [];
  const since: { table: string; rows: number; by: 'key' | 'count' }[] = [];
  const times = { countUntil: performance.now() + COUNTING_MILLISECONDS, stopAt };
  for (const table of found) {
    const mark = marks.find((each) => each.table === labelOf(table));
    const beyond = mark?.key?.column === table.key ? mark.key.max : undefined;
    const estimated: Counted = { rows: Number(table.estimate), key: null, guessed: true };
    const counted = await inTime(labelOf(table), estimated, () => countRows(session, table, beyond, times));
    tables.push({ table: labelOf(table), rows: counted.rows, key: counted.key });
    // A guess may be smaller than what was there before: what was written since is then nobody's to say.
    if (marks.length === 0 || (counted.guessed === true && counted.since === undefined)) continue;
    const written = counted.since ?? Math.max(0, counted.rows - (mark?.rows ?? 0));
    since.push({ table: labelOf(table), rows: written, by: counted.since === undefined ? 'count' : 'key' });
  }
  const trouble =
    troubleOf('no answer in time about', late).concat(troubleOf('no time was left to read', skipped)).join('; ') || null;
  return { trouble, heartbeats, migration, tables, since, sequences };
}

const troubleOf = (says: string, tables: readonly string[]): string[] =>
  tables.length === 0 ? [] : [`${says} ${[...new Set(tables)].join(', ')}`];

async function readHeartbeats(session: Session, table: Table | undefined): Promise<Record<string, string>> {
  if (!table) return {};
  const rows = await session.query<{ environment: string; newest: Date }>(
    `SELECT environment, max(written_at) AS newest FROM ${quoted(table)} GROUP BY environment`,
  );
  return Object.fromEntries(rows.map(({ environment, newest }) => [environment, newest.toISOString()]));
}

/** Every tool has its own table of that name; each knows the newest by one of these columns. */
const MIGRATION_COLUMNS = ['version', 'name', 'id'];

async function readMigration(session: Session, table: Table | undefined): Promise<string | null> {
  if (!table) return null;
  const columns = await session.query<{ name: string }>(
    'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped',
    [quoted(table)],
  );
  const column = MIGRATION_COLUMNS.find((each) => columns.some(({ name }) => name === each));
  if (column === undefined) return null;
  const [newest] = await session.query<{ newest: string | null }>(
    `SELECT max(${escapeIdentifier(column)})::text AS newest FROM ${quoted(table)}`,
  );
  return newest?.newest ?? null;
}

interface Counted {
  readonly rows: number;
  readonly key: { readonly column: string; readonly max: string } | null;
  /** Rows beyond the mark, where the key tells. */
  readonly since?: number;
  /** By the planner, because counting took too long. */
  readonly guessed?: boolean;
}

interface Times {
  readonly countUntil: number;
  /** Nothing more is asked. */
  readonly stopAt: number;
}

/** One look at the whole table; where that takes too long, the key's own index and the planner's estimate. */
async function countRows(session: Session, table: Table, mark: string | undefined, times: Times): Promise<Counted> {
  const key = table.key === null ? null : escapeIdentifier(table.key);
  const of = key === null ? 'NULL' : `max(${key})::text`;
  const beyond = key === null ? 'NULL' : `count(*) FILTER (WHERE ${key} > $1::bigint)::text`;
  const asCounted = (rows: string, max: string | null, since: string | null): Counted => ({
    rows: Number(rows),
    key: table.key === null || max === null ? null : { column: table.key, max },
    ...(mark !== undefined && since !== null && { since: Number(since) }),
  });
  const values = key === null ? [] : [mark ?? null];
  if (performance.now() < Math.min(times.countUntil, times.stopAt)) {
    try {
      const [all] = await session.query<{ rows: string; max: string | null; since: string | null }>(
        `SELECT count(*)::text AS rows, ${of} AS max, ${beyond} AS since FROM ${quoted(table)}`,
        values,
      );
      return asCounted(all?.rows ?? '0', all?.max ?? null, all?.since ?? null);
    } catch (error) {
      if (sqlState(error) !== TIMED_OUT) throw error;
    }
  }
  if (key === null || performance.now() >= times.stopAt) return { ...asCounted(table.estimate, null, null), guessed: true };
  const [newest] = await session.query<{ max: string | null; since: string | null }>(
    `SELECT (SELECT ${of} FROM ${quoted(table)}) AS max, (SELECT count(*)::text FROM ${quoted(table)} WHERE ${key} > $1::bigint) AS since`,
    values,
  );
  return { ...asCounted(table.estimate, newest?.max ?? null, newest?.since ?? null), guessed: true };
}

export async function findNote(
  login: Login,
  database: Database,
  note: string,
): Promise<{ environment: string; writtenAt: string } | undefined> {
  try {
    return await inSession(login, database.name, { readOnly: true }, async (session) => {
      const table = (await session.query<Table>(TABLES)).find(({ name }) => name === 'changeover_heartbeat');
      if (!table) return undefined;
      const [found] = await session.query<{ environment: string; written_at: Date }>(
        `SELECT environment, written_at FROM ${quoted(table)} WHERE note = $1 ORDER BY written_at LIMIT 1`,
        [note],
      );
      return found && { environment: found.environment, writtenAt: found.written_at.toISOString() };
    });
  } catch (error) {
    throw explain(error, `looking for a note in ${database.name}`, login);
  }
}
