// Whether a copy is one: schema by items, rows by counts and sums as of the snapshot, sequences, large objects, rights. Reads only.
import type { Client } from 'pg';
import { escapeIdentifier } from 'pg';
import { PLAIN_TEXT } from '../tables.ts';
import { actAs, actAsOwnerOf } from './acting.ts';
import { acrossMajors, readItems, type Item } from './fingerprint.ts';
import type { Filled } from './tables.ts';
import type { TableProof } from '../../../../runbooks/proof.ts';

/** A table beyond this is summed by windows of its key; its rows are counted all the same. */
const SAMPLED_FROM_BYTES = 4 * 1024 ** 3;
const WINDOWS = 64;
/** Of each window's room so much is read: a sixteenth. */
const SHARE = 16;

interface Sum {
  readonly rows: string;
  readonly sum: string | null;
}

async function sumOf(client: Client, table: Filled, windows: readonly string[]): Promise<Sum> {
  const where = windows.length === 0 ? '' : ` FILTER (WHERE ${windows.join(' OR ')})`;
  const sum = `sum(hash_record_extended(ROW(${table.summed.join(', ')}), 0))`;
  const sql = `SELECT count(*)::text AS rows, (${sum}${where})::text AS sum FROM ONLY ${table.quoted} t`;
  const { rows } = await client.query<Sum>(sql);
  return rows[0] ?? { rows: '0', sum: null };
}

/** The same windows on both sides, whatever lies in them. */
async function windowsOf(client: Client, table: Filled): Promise<string[]> {
  if (table.bytes < SAMPLED_FROM_BYTES || table.key === null) return [];
  const key = escapeIdentifier(table.key);
  const { rows } = await client.query<{ low: string | null; high: string | null }>(
    `SELECT min(${key})::text AS low, max(${key})::text AS high FROM ONLY ${table.quoted}`,
  );
  const [{ low, high } = { low: null, high: null }] = rows;
  if (low === null || high === null) return [];
  const step = (BigInt(high) - BigInt(low)) / BigInt(WINDOWS) + 1n;
  return Array.from({ length: WINDOWS }, (_, n) => {
    const from = BigInt(low) + BigInt(n) * step;
    return `t.${key} BETWEEN ${from} AND ${from + step / BigInt(SHARE)}`;
  });
}

export async function proveTable(source: Client, target: Client, table: Filled): Promise<TableProof> {
  await actAs(source, table.reader);
  await actAsOwnerOf(target, table.quoted);
  const windows = await windowsOf(source, table);
  const [here, there] = await Promise.all([sumOf(source, table, windows), sumOf(target, table, windows)]);
  const key = table.key === null ? null : { column: table.key, max: await highest(target, table, table.key) };
  return {
    table: table.label,
    rows: { source: Number(here.rows), copy: Number(there.rows) },
    same: here.rows === there.rows && here.sum === there.sum,
    how: windows.length === 0 ? 'whole' : 'sampled',
    bytes: table.bytes,
    key,
  };
}

async function highest(client: Client, { quoted }: Filled, key: string): Promise<string> {
  const { rows } = await client.query<{ max: string | null }>(
    `SELECT max(${escapeIdentifier(key)})::text AS max FROM ONLY ${quoted}`,
  );
  return rows[0]?.max ?? '0';
}

export const plainly = async (client: Client): Promise<void> => {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query(PLAIN_TEXT);
};

const MAJOR = `SELECT current_setting('server_version_num')::int / 10000 AS major`;
const majorOf = async (client: Client): Promise<number> => (await client.query<{ major: number }>(MAJOR)).rows[0]?.major ?? 0;

const said = ({ kind, name }: Item): string => `${kind} ${name}`;

/** By item, as a person looks for it. */
export async function compareItems(source: Client, target: Client): Promise<string[]> {
  const read = await Promise.all([readItems(source), readItems(target)]);
  const [older, newer] = await Promise.all([majorOf(source), majorOf(target)]);
  const [here, there] = older === newer ? read : [acrossMajors(read[0]), acrossMajors(read[1])];
  const known = new Map(there.map((item) => [said(item), item.is]));
  const own = new Map(here.map((item) => [said(item), item.is]));
  return [
    ...here.flatMap((item) => {
      const found = known.get(said(item));
      if (found === undefined) return [`${said(item)} is not in the copy`];
      return found === item.is ? [] : [`${said(item)}: ${short(item.is)} in the source, ${short(found)} in the copy`];
    }),
    ...there.flatMap((item) => (own.has(said(item)) ? [] : [`${said(item)} is only in the copy`])),
  ];
}

const short = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
