// Whether two databases are the same, by a way of its own: nothing here knows how a copy is made.
import { Client, type ClientConfig } from 'pg';
import {
  compareLargeObjects,
  compareRows,
  compareSequences,
  type Difference,
  differencesOf,
  type Items,
  type Sides,
} from './contents.ts';
import type { Kind } from './kinds.ts';
import { OBJECTS } from './objects.ts';
import { RELATIONS } from './relations.ts';
import { RIGHTS } from './rights.ts';

export type { Difference } from './contents.ts';

export interface ComparisonOptions {
  /** What a role of the left side is called on the right one. */
  readonly roles?: Readonly<Record<string, string>>;
  /** Kinds, by name: see KINDS. */
  readonly leaveOut?: readonly string[];
}

const CATALOG: readonly Kind[] = [...RELATIONS, ...OBJECTS, ...RIGHTS];
const CONTENTS = ['rows', 'rows of materialized views', 'sequence values', 'large objects'];
export const KINDS: readonly string[] = [...CONTENTS, ...CATALOG.map(({ name }) => name)];

/** As texts are written, whoever asks and whatever the database says of it. */
const PINNED = `
  SET search_path = pg_catalog; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1;
  SET bytea_output = 'hex'; SET xmlbinary = 'base64'; SET xmloption = 'content'; SET lc_monetary = 'C'; SET lc_numeric = 'C';
  SET client_encoding = 'UTF8'; SET quote_all_identifiers = off; SET standard_conforming_strings = on; SET statement_timeout = 0;
  SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET row_security = off; SET jit = off;
  BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`;

/** Empty when they are the same. Who connects must see everything: rows that row security hides are an error here, not a difference. */
export async function compareDatabases(
  left: ClientConfig,
  right: ClientConfig,
  { roles = {}, leaveOut = [] }: ComparisonOptions = {},
): Promise<Difference[]> {
  const unknown = leaveOut.filter((name) => !KINDS.includes(name));
  if (unknown.length > 0)
    throw new Error(`no kinds that could be left out: ${unknown.join(', ')}; there are ${KINDS.join(', ')}`);
  const clients: Client[] = [];
  try {
    const sides = { left: await enter(left, clients), right: await enter(right, clients) };
    return await compareSides(sides, new Map(Object.entries(roles)), new Set(leaveOut));
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function enter(config: ClientConfig, clients: Client[]): Promise<Client> {
  const client = new Client(config);
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  await client.query(PINNED);
  return client;
}

async function compareSides(
  sides: Sides,
  roles: ReadonlyMap<string, string>,
  leaveOut: ReadonlySet<string>,
): Promise<Difference[]> {
  const majors = await Promise.all([majorOf(sides.left), majorOf(sides.right)]);
  const differences: Difference[] = [];
  for (const kind of CATALOG.filter(({ name }) => !leaveOut.has(name))) {
    const sql = kind.sql(Math.min(...majors), Math.max(...majors));
    const [left, right] = await Promise.all([read(sides.left, kind, sql, roles), read(sides.right, kind, sql, new Map())]);
    differences.push(...differencesOf(kind.name, left, right));
  }
  differences.push(...(await compareRows(sides, leaveOut)));
  if (!leaveOut.has('sequence values')) differences.push(...(await compareSequences(sides)));
  if (!leaveOut.has('large objects')) differences.push(...(await compareLargeObjects(sides)));
  return differences;
}

async function majorOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ major: number }>(`SELECT current_setting('server_version_num')::int / 10000 AS major`);
  return rows[0]?.major ?? 0;
}

interface Row {
  readonly item: string;
  readonly value: string;
  readonly roles?: readonly string[];
}

async function read(client: Client, { name }: Kind, sql: string, names: ReadonlyMap<string, string>): Promise<Items> {
  const { rows } = await client.query<{ row: Row }>(`SELECT to_jsonb(k) AS row FROM (${sql}) k`).catch((error: unknown) => {
    throw new Error(`${name} could not be read: ${(error as Error).message}`, { cause: error });
  });
  const items: Items = new Map();
  for (const { row } of rows) {
    const roles = (row.roles ?? []).map((role) => names.get(role) ?? role);
    const value = [row.value, ...roles].join(' · ');
    items.set(row.item, [...(items.get(row.item) ?? []), value]);
  }
  return items;
}
