// What is in the tables, the sequences and the large objects.
import type { Client } from 'pg';
import { NAME, relations } from './kinds.ts';

export interface Difference {
  readonly kind: string;
  readonly item: string;
  /** What only the one side has of it; both empty never. */
  readonly left: readonly string[];
  readonly right: readonly string[];
}
export interface Sides {
  readonly left: Client;
  readonly right: Client;
}
/** Item by item, each with what there is of it. */
export type Items = Map<string, string[]>;

/** More rows than these are not fetched to show which of them differ. */
const MOST_SHOWN_FROM = 500_000;
const MOST_SHOWN = 5;

export async function itemsOf(client: Client, sql: string): Promise<Items> {
  const { rows } = await client.query<{ item: string; value: string }>(sql);
  const items: Items = new Map();
  for (const { item, value } of rows) items.set(item, [...(items.get(item) ?? []), value]);
  return items;
}

/** What only one of two bags has. */
export function without(bag: readonly string[], other: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const value of other) left.set(value, (left.get(value) ?? 0) + 1);
  return bag.filter((value) => {
    const count = left.get(value) ?? 0;
    left.set(value, count - 1);
    return count <= 0;
  });
}

export function differencesOf(kind: string, left: Items, right: Items): Difference[] {
  return [...new Set([...left.keys(), ...right.keys()])].sort().flatMap((item) => {
    const [ours, theirs] = [left.get(item) ?? [], right.get(item) ?? []];
    const difference = { kind, item, left: without(ours, theirs), right: without(theirs, ours) };
    return difference.left.length + difference.right.length > 0 ? [difference] : [];
  });
}

/** An alias that no column has: within a row, a column's name goes before the row's. */
const ROW = '"the whole row"';
const DIGEST = `md5(${ROW}::text)`;

const TABLES = `SELECT ${NAME} AS item, c.relkind AS kind FROM ${relations(`'r', 'm'`)} AND (c.relkind = 'r' OR c.relispopulated) ORDER BY 1`;

/** Of every table that holds rows itself, in the order of their digests, so that twins count and places do not. */
export async function compareRows({ left, right }: Sides, leaveOut: ReadonlySet<string>): Promise<Difference[]> {
  const [ours, theirs] = await Promise.all([left, right].map((client) => client.query<{ item: string; kind: string }>(TABLES)));
  const there = new Set(theirs?.rows.map(({ item }) => item));
  const differences: Difference[] = [];
  for (const { item, kind } of ours?.rows ?? []) {
    const name = kind === 'm' ? 'rows of materialized views' : 'rows';
    // A table that is not there at all is told as such.
    if (!there.has(item) || leaveOut.has(name)) continue;
    const difference = await compareTable({ left, right }, item);
    if (difference) differences.push({ kind: name, item, ...difference });
  }
  return differences;
}

type Found = Pick<Difference, 'left' | 'right'>;

async function compareTable(sides: Sides, table: string): Promise<Found | undefined> {
  const [left, right] = await Promise.all([contentOf(sides.left, table), contentOf(sides.right, table)]);
  if (left.rows === right.rows && left.digest === right.digest) return undefined;
  const counts = { left: `${left.rows} rows`, right: `${right.rows} rows` };
  if (Math.max(Number(left.rows), Number(right.rows)) > MOST_SHOWN_FROM) return { left: [counts.left], right: [counts.right] };
  const [ours, theirs] = await Promise.all([rowsOf(sides.left, table), rowsOf(sides.right, table)]);
  const shown = (some: Items, others: Items): string[] =>
    [...some].flatMap(([digest, texts]) => texts.slice(others.get(digest)?.length ?? 0)).slice(0, MOST_SHOWN);
  return { left: [counts.left, ...shown(ours, theirs)], right: [counts.right, ...shown(theirs, ours)] };
}

async function contentOf(client: Client, table: string): Promise<{ rows: string; digest: string | null }> {
  const { rows } = await client.query<{ rows: string; digest: string | null }>(
    `SELECT count(*)::text AS rows, md5(string_agg(digest, '' ORDER BY digest)) AS digest
       FROM (SELECT ${DIGEST} COLLATE "C" AS digest FROM ONLY ${table} ${ROW}) d`,
  );
  return rows[0] ?? { rows: '0', digest: null };
}

const rowsOf = (client: Client, table: string): Promise<Items> =>
  itemsOf(client, `SELECT ${DIGEST} AS item, left(${ROW}::text, 300) AS value FROM ONLY ${table} ${ROW}`);

const SEQUENCES = `SELECT ${NAME} AS item FROM ${relations(`'S'`)}`;

export async function compareSequences({ left, right }: Sides): Promise<Difference[]> {
  const statesOf = async (client: Client): Promise<Items> => {
    const { rows } = await client.query<{ item: string }>(SEQUENCES);
    const states: Items = new Map();
    for (const { item } of rows) {
      const sql = `SELECT concat(last_value, CASE WHEN is_called THEN ', given' ELSE ', not given yet' END) AS value FROM ${item}`;
      states.set(item, [(await client.query<{ value: string }>(sql)).rows[0]?.value ?? '']);
    }
    return states;
  };
  return differencesOf('sequence values', ...(await Promise.all([statesOf(left), statesOf(right)])));
}

const LARGE_OBJECTS = `
  SELECT oid::text AS item, concat_ws(' | ', length(lo_get(oid)) || ' bytes', md5(lo_get(oid)), obj_description(oid, 'pg_largeobject')) AS value
    FROM pg_largeobject_metadata`;

export async function compareLargeObjects({ left, right }: Sides): Promise<Difference[]> {
  return differencesOf('large objects', ...(await Promise.all([itemsOf(left, LARGE_OBJECTS), itemsOf(right, LARGE_OBJECTS)])));
}
