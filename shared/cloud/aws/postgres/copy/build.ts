// A database aside: made, given its schema, and, when the rows are there, everything that stands upon them.
import type { Client } from 'pg';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { RunbookError } from '../../../../errors.ts';
import { inClient, saidBy, sqlState, type Login } from '../session.ts';
import { foreignKeyOf, isLenient, isMasters, orderBuilding, tableKey, type Entry } from './entries.ts';
import { COPYING_MILLISECONDS } from './snapshot.ts';
import { OF_THE_TEAM, type Filled } from './tables.ts';

/** What a database is made with, so that it sorts and compares as the source does. */
export interface Locale {
  readonly encoding: string;
  readonly provider: string;
  readonly collate: string;
  readonly ctype: string;
  readonly locale: string | null;
}

const LOCALE = `
  SELECT pg_encoding_to_char(encoding) AS encoding, datlocprovider::text AS provider, datcollate AS collate, datctype AS ctype,
         to_jsonb(d) ->> (CASE WHEN to_jsonb(d) ? 'datlocale' THEN 'datlocale' ELSE 'daticulocale' END) AS locale
  FROM pg_database d WHERE datname = $1`;

export async function readLocale(client: Client, database: string): Promise<Locale> {
  const { rows } = await client.query<Locale>(LOCALE, [database]);
  const [found] = rows;
  if (found) return found;
  throw new RunbookError('CloudRefused', `there is no database ${database} on this server; look at database.name in estate.yml`, {
    database,
  });
}

const PROVIDERS: Readonly<Record<string, string>> = { c: 'libc', i: 'icu', b: 'builtin' };

/** `mark` is what tells it from anybody else's: it is written before anything is put into it. */
export async function makeDatabase(client: Client, name: string, owner: string, like: Locale, mark: string): Promise<void> {
  const localeOf = (setting: string): string => (like.locale === null ? '' : ` ${setting} ${escapeLiteral(like.locale)}`);
  const own = { i: localeOf('ICU_LOCALE'), b: localeOf('BUILTIN_LOCALE') }[like.provider] ?? '';
  await client.query(
    `CREATE DATABASE ${escapeIdentifier(name)} OWNER ${escapeIdentifier(owner)} TEMPLATE template0
     ENCODING ${escapeLiteral(like.encoding)} LOCALE_PROVIDER ${PROVIDERS[like.provider] ?? 'libc'}${own}
     LC_COLLATE ${escapeLiteral(like.collate)} LC_CTYPE ${escapeLiteral(like.ctype)}`,
  );
  await client.query(`COMMENT ON DATABASE ${escapeIdentifier(name)} IS ${escapeLiteral(mark)}`);
}

/** Sessions that fill it: nobody reads it yet, so nobody waits for a commit to reach the disk. */
export const inTarget = <T>(login: Login, database: string, owner: string, work: (client: Client) => Promise<T>): Promise<T> =>
  inClient(login, database, { statementMilliseconds: COPYING_MILLISECONDS, lockMilliseconds: 30_000 }, async (client) => {
    await client.query(
      `SET synchronous_commit = off; SET maintenance_work_mem = '256MB'; SET check_function_bodies = off; SET xmloption = content;
       SET search_path = ''; SET row_security = off; SET ROLE ${escapeIdentifier(owner)}`,
    );
    return work(client);
  });

const SEARCH_PATH = `
  SELECT substr(c, strpos(c, '=') + 1) AS path FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c
  WHERE d.datname = current_database() AND s.setrole = 0 AND c LIKE 'search_path=%'`;

/**
 * Where the source's own functions look for what they name without a schema: rules, generated columns and indexes call them while the
 * rows come. What pg_dump writes names everything whole, and means the same under any path.
 */
export async function readSearchPath(source: Client): Promise<string> {
  const { rows } = await source.query<{ path: string }>(SEARCH_PATH);
  return rows[0]?.path ?? '"$user", public';
}

/** Not let, or said of what was left out before. */
const DENIED = '42501';
const MAY_NOT = [DENIED, '42704'];

/** Answers what was left out, where it may be. What an owner may not make the master may, as a rule. */
export async function makeEntry(client: Client, entry: Entry, owner: string): Promise<string[]> {
  try {
    await client.query(entry.sql).catch(async (error: unknown) => {
      if (!isMasters(entry) || sqlState(error) !== DENIED) throw error;
      await asMaster(client, owner, entry.sql);
    });
    return [];
  } catch (error) {
    const what = `${entry.type.toLowerCase()} ${entry.name}`;
    if (isLenient(entry) && MAY_NOT.includes(sqlState(error) ?? '')) return [`${what} (${saidBy(error)})`];
    if (sqlState(error) === undefined) throw error;
    const says = `${what} could not be made in the copy (${saidBy(error)})`;
    throw new RunbookError('CloudRefused', says, { what }, { cause: error });
  }
}

async function asMaster(client: Client, owner: string, sql: string): Promise<void> {
  await client.query('RESET ROLE');
  try {
    await client.query(sql);
  } finally {
    await client.query(`SET ROLE ${escapeIdentifier(owner)}`).catch(() => undefined);
  }
}

const AT_ONCE = 2;

interface Upon {
  readonly login: Login;
  readonly database: string;
  readonly owner: string;
  readonly path: string;
}

/** Several sessions of the copy's owner that take from one queue. */
const byAll = <Item>(
  { login, database, owner, path }: Upon,
  items: readonly Item[],
  work: (client: Client, item: Item, waiting: number) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<unknown> => {
  const queue = [...items];
  const one = (): Promise<void> =>
    inTarget(login, database, owner, async (client) => {
      await client.query(`SET search_path = ${path}`);
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(client, item, queue.length);
    });
  return Promise.all(Array.from({ length: Math.min(atOnce, queue.length) }, one));
};

/**
 * The processes that help with one index write to disk what each has sorted: while indexes are made side by side, each does without. The
 * last has all there are.
 */
const UNHELPED = 'SET max_parallel_maintenance_workers = 0';
const HELPED = 'RESET max_parallel_maintenance_workers';

/** Indexes several at a time, the largest tables first; then all that must come in its order, foreign keys checked several at a time. */
export async function buildAfter(
  upon: Upon,
  after: readonly Entry[],
  tables: readonly Filled[],
  heed: () => Promise<void>,
): Promise<string[]> {
  const sizes = new Map(tables.map(({ quoted, bytes }) => [tableKey(quoted), bytes]));
  const { parents, free, rest } = orderBuilding(after, (table) => sizes.get(tableKey(table)) ?? 0);
  const left: string[] = [];
  const make = async (client: Client, entry: Entry): Promise<void> => {
    await heed();
    left.push(...(await makeEntry(client, entry, upon.owner)));
  };
  await byAll(upon, parents, make, 1);
  await byAll(upon, free, async (client, entry, waiting) => {
    await client.query(waiting > 0 ? UNHELPED : HELPED);
    await make(client, entry);
  });
  const { first, checks, last } = splitChecks(rest, (table) => sizes.has(tableKey(table)));
  await byAll(upon, first, make, 1);
  await byAll(upon, checks, async (client, ofTable) => {
    for (const check of ofTable) await make(client, check);
  });
  await byAll(upon, tables, letVacuumIn);
  await byAll(upon, last, make, 1);
  return left;
}

/** As the source says of the table, or as the server does of all. */
async function letVacuumIn(client: Client, { quoted, vacuum }: Filled): Promise<void> {
  const how = vacuum === null ? 'RESET (autovacuum_enabled)' : `SET (autovacuum_enabled = ${escapeLiteral(vacuum)})`;
  await client.query(`ALTER TABLE ${quoted} ${how}`);
}

/** What is made of a table’s rows comes before the foreign keys, which are checked against them; event triggers come last of all. */
function splitChecks(rest: readonly Entry[], isOrdinary: (table: string) => boolean) {
  const made = rest.filter(({ type }) => type !== 'MATERIALIZED VIEW DATA');
  const at = made.findLastIndex(({ type }) => type === 'FK CONSTRAINT') + 1;
  const checks = new Map<string, Entry[]>();
  const first = made.slice(0, at).map((entry) => {
    const key = foreignKeyOf(entry);
    if (!key || !isOrdinary(key.table) || !isOrdinary(key.referenced)) return entry;
    checks.set(key.table, [...(checks.get(key.table) ?? []), key.check]);
    return key.unchecked;
  });
  return { first, checks: [...checks.values()], last: made.slice(at) };
}

const RELATIONS = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm', 'p') AND ${OF_THE_TEAM}
  ORDER BY pg_table_size(c.oid) DESC, 1`;

/** The planner is told what there is, by the master, whose every table is. */
export async function analyseAll(upon: Upon): Promise<void> {
  const names = await inTarget(upon.login, upon.database, upon.owner, async (client) => {
    const { rows } = await client.query<{ name: string }>(RELATIONS);
    return rows.map(({ name }) => name);
  });
  await byAll(upon, names, async (client, name) => {
    await client.query('RESET ROLE');
    await client.query(`ANALYZE ${name}`);
  });
}

/** Writes into the file of the trail. */
export type Keep = (sql: string) => Promise<void>;

const UNPOPULATED = '55000';

/** One may be made of another: whoever’s turn has not come yet is tried again after the others. */
export async function fillViews(client: Client, views: readonly string[], keep: Keep): Promise<void> {
  let open = [...views];
  while (open.length > 0) {
    const waiting: string[] = [];
    let last: unknown;
    for (const view of open) {
      try {
        await client.query(`REFRESH MATERIALIZED VIEW ${view}`);
        await keep(`REFRESH MATERIALIZED VIEW ${view};\n`);
      } catch (error) {
        if (sqlState(error) !== UNPOPULATED) throw error;
        waiting.push(view);
        last = error;
      }
    }
    if (waiting.length === open.length) throw last;
    open = waiting;
  }
}

const POPULATED = `SELECT format('%I.%I', schemaname, matviewname) AS name FROM pg_matviews WHERE ispopulated ORDER BY 1`;
export const readPopulated = async (source: Client): Promise<string[]> =>
  (await source.query<{ name: string }>(POPULATED)).rows.map(({ name }) => name);
