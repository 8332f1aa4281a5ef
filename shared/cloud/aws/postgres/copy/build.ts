// A database aside: made, given its schema, and, when the rows are there, everything that stands upon them.
import type { Client } from 'pg';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { RunbookError } from '../../../../errors.ts';
import { inClient, saidBy, sqlState, type Login } from '../session.ts';
import { isLenient, isMasters, orderBuilding, tableOf, type Entry } from './entries.ts';
import { COPYING_MILLISECONDS } from './snapshot.ts';
import type { Filled } from './tables.ts';

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

/** Indexes several at a time, the largest tables first; then all that must come in its order. */
export async function buildAfter(
  { login, database, owner, path }: { login: Login; database: string; owner: string; path: string },
  after: readonly Entry[],
  tables: readonly Filled[],
  heed: () => Promise<void>,
): Promise<string[]> {
  const { parents, free, rest } = orderBuilding(after);
  const sizes = new Map(tables.map(({ schema, name, bytes }) => [`${schema}.${name}`, bytes]));
  const sizeOf = (entry: Entry): number => sizes.get(tableOf(entry).replaceAll('"', '')) ?? 0;
  const left: string[] = [];
  /** Several may take from one queue. */
  const makeAll = (queue: Entry[]): Promise<void> =>
    inTarget(login, database, owner, async (client) => {
      await client.query(`SET search_path = ${path}`);
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        await heed();
        left.push(...(await makeEntry(client, entry, owner)));
      }
    });
  await makeAll([...parents]);
  const queue = [...free].sort((one, other) => sizeOf(other) - sizeOf(one));
  await Promise.all(Array.from({ length: AT_ONCE }, () => makeAll(queue)));
  // What is made of a table’s rows comes before the foreign keys, which are checked against them.
  await makeAll(rest.filter(({ type }) => type !== 'MATERIALIZED VIEW DATA'));
  return left;
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
