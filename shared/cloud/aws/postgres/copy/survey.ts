// What a side of a copy says of itself. Reads only; a database that lets nobody in is a fact.
import type { Client } from 'pg';
import type { Database } from '../../../../estate.ts';
import type { SideSurvey } from '../../../../runbooks/copying.ts';
import { readCluster } from '../facts.ts';
import { inClient, saidBy, sessionOf, type Login } from '../session.ts';
import { labelOf, USERS_TABLES, type TableName } from '../tables.ts';
import { OF_THE_TEAM } from './tables.ts';
import { mayActAs } from './acting.ts';
import { readLocale } from './build.ts';
import { readItems } from './fingerprint.ts';
import { newestHeartbeat, newestMigration } from './heartbeat.ts';
import { readStanding } from './swap.ts';

const SERVER = `
  SELECT current_setting('server_version_num')::int / 10000 AS major, pg_database_size(current_database())::text AS bytes,
    (SELECT sum(pg_database_size(oid)) FROM pg_database)::text AS used, pg_snapshot_xmin(pg_current_snapshot())::text AS instant`;
const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name, greatest(c.reltuples, 0)::float8 AS rows, pg_total_relation_size(c.oid)::text AS bytes
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND ${OF_THE_TEAM} ORDER BY 1, 2`;
/** Row security hides rows from whoever is neither the owner nor let past it, and from the owner too where it is forced. */
const FORCED = `
  SELECT c.oid::regclass::text AS name FROM pg_class c
  WHERE c.relrowsecurity AND c.relkind IN ('r', 'p') AND NOT (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user)
    AND NOT (${mayActAs('c.relowner')}
      AND (NOT c.relforcerowsecurity OR (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE oid = c.relowner))) ORDER BY 1`;
const MAY = `
  SELECT (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user) AS creates,
         ${mayActAs('$1')} AS owns`;

/** What the server itself has counted of each table, whoever wrote it, with all that inherits from it. */
const WRITES = `
  WITH RECURSIVE tree (root, part) AS (
    SELECT c.oid, c.oid ${USERS_TABLES}
    UNION ALL SELECT tree.root, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.part
  )
  SELECT n.nspname AS schema, c.relname AS name,
    sum(pg_stat_get_tuples_inserted(part) + pg_stat_get_tuples_updated(part) + pg_stat_get_tuples_deleted(part))::text AS writes
  FROM tree JOIN pg_class c ON c.oid = tree.root JOIN pg_namespace n ON n.oid = c.relnamespace GROUP BY 1, 2`;

const SURVEY_MILLISECONDS = 30_000;
/** A table that nobody has analyzed says nothing of its rows. */
const UNANALYZED = 0;

export async function surveySide(
  login: Login,
  environment: string,
  database: Database,
  heartbeatOf: string,
): Promise<SideSurvey> {
  try {
    return await inClient(login, database.name, { readOnly: true, statementMilliseconds: SURVEY_MILLISECONDS }, (client) =>
      readSide(client, environment, database, heartbeatOf, login.host),
    );
  } catch (error) {
    return { ...nobody(environment), trouble: saidBy(error) };
  }
}

const nobody = (environment: string): SideSurvey => ({
  environment,
  reachable: false,
  trouble: null,
  identity: null,
  major: 0,
  bytes: 0,
  usedBytes: 0,
  tables: [],
  locale: null,
  migration: null,
  heartbeat: null,
  lacks: [],
  forced: [],
  endpoint: null,
  master: null,
  connect: [],
  instant: null,
  writes: {},
  standing: [],
  things: [],
});

async function readSide(
  client: Client,
  environment: string,
  database: Database,
  heartbeatOf: string,
  host: string,
): Promise<SideSurvey> {
  const one = async <Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row | undefined> =>
    (await client.query<Row & Record<string, unknown>>(sql, [...values])).rows[0];
  await client.query("SET search_path = ''; SET timezone = 'UTC'");
  const server = await one<{ major: number; bytes: string; used: string; instant: string }>(SERVER);
  const { identity, connect } = await readCluster(sessionOf(client), database);
  const may = await one<{ creates: boolean; owns: boolean }>(MAY, [database.owner]);
  const { rows: tables } = await client.query<TableName & { rows: number; bytes: string }>(TABLES);
  const { rows: writes } = await client.query<TableName & { writes: string }>(WRITES);
  const { rows: forced } = await client.query<{ name: string }>(FORCED);
  const { encoding, provider, collate, ctype, locale } = await readLocale(client, database.name);
  const who = client.user ?? 'the master';
  return {
    environment,
    reachable: true,
    trouble: null,
    identity,
    major: server?.major ?? 0,
    bytes: Number(server?.bytes ?? 0),
    usedBytes: Number(server?.used ?? 0),
    tables: await countUnanalyzed(client, tables),
    locale: [encoding, provider, collate, ctype, locale].filter((part) => part !== null).join(' '),
    migration: await newestMigration(client),
    heartbeat: await newestHeartbeat(client, heartbeatOf),
    lacks: [
      ...(may?.creates === true ? [] : [`${who} of ${environment} may make no database: ALTER ROLE ${who} CREATEDB`]),
      ...(may?.owns === true
        ? []
        : [`${who} of ${environment} is no member of ${database.owner}: GRANT ${database.owner} TO ${who}`]),
    ],
    forced: forced.map(({ name }) => name),
    endpoint: `${host}/${database.name}`,
    master: client.user ?? null,
    connect,
    instant: server?.instant ?? null,
    writes: Object.fromEntries(writes.map((table) => [labelOf(table), Number(table.writes)])),
    standing: await readStanding(client),
    things: (await readItems(client)).flatMap(({ kind, name }) => (WORTH_TELLING.has(kind) ? [`${kind} ${name}`] : [])),
  };
}
const WORTH_TELLING: ReadonlySet<string> = new Set([
  'schema',
  'extension',
  'relation',
  'routine',
  'sequence',
  'enum',
  'domain',
  'index',
  'trigger',
]);

/** The planner's own estimate is enough to see that a table was emptied; where there is none the small ones are counted. */
async function countUnanalyzed(
  client: Client,
  tables: readonly (TableName & { readonly rows: number; readonly bytes: string })[],
): Promise<SideSurvey['tables']> {
  const counted: SideSurvey['tables'] = [];
  for (const table of tables) {
    let rows = table.rows;
    if (rows === UNANALYZED && Number(table.bytes) < SMALL_BYTES) {
      const sql = `SELECT count(*)::float8 AS rows FROM ONLY ${client.escapeIdentifier(table.schema)}.${client.escapeIdentifier(table.name)}`;
      rows = (await client.query<{ rows: number }>(sql)).rows[0]?.rows ?? 0;
    } else if (rows === UNANALYZED) rows = Number(table.bytes) / ROW_BYTES;
    counted.push({ table: labelOf(table), rows, bytes: Number(table.bytes) });
  }
  return counted;
}
const SMALL_BYTES = 64 * 1024 ** 2;
const ROW_BYTES = 100;
