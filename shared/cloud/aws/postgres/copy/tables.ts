// The tables whose rows are copied, one by one: a partition is a table, what only has partitions is none.
import type { Client } from 'pg';
import { escapeIdentifier } from 'pg';
import { RunbookError } from '../../../../errors.ts';
import { mayActAs } from './acting.ts';
import { labelOf, quoted, type TableName } from '../tables.ts';

export interface Filled extends TableName {
  readonly label: string;
  readonly quoted: string;
  readonly bytes: number;
  /** The role that row security does not hold back, as far as the master may act as it; null for the master itself. */
  readonly reader: string | null;
  /** The columns that hold something of their own: all but the generated. */
  readonly columns: readonly string[];
  /** What it says of autovacuum, where it says anything. */
  readonly vacuum: string | null;
  /** Whether every column has a binary form that all majors share. */
  readonly isBinary: boolean;
  /** What a row's sum is made of, column by column, the generated as well. */
  readonly summed: readonly string[];
  /** The whole tree: what is attached is in it, so the row counts of each part are told apart. */
  readonly key: string | null;
}

/** Of a relation `c` in a schema `n`: neither the system's nor one session's. */
export const OF_THE_TEAM = `c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`;

/**
 * Types whose own hash is the same on every server, and differs when the value does: 1.0 and 1.00 are one number, an enum's label is a
 * number that each server gives anew. The text of a row says all that is to be seen of the others, and asks no cast of the team’s own.
 */
const HASHED = `'{bool,bytea,date,int2,int4,int8,text,time,timestamp,timestamptz,uuid,varchar}'::regtype[]`;

const BINARY = `'{bool,bytea,date,float4,float8,int2,int4,int8,json,jsonb,numeric,text,time,timestamp,timestamptz,uuid,varchar}'::regtype[]`;

const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name, pg_table_size(c.oid)::text AS bytes,
    CASE WHEN ${mayActAs('c.relowner')} THEN c.relowner::regrole::text END AS reader,
    ARRAY(SELECT a.attname::text FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
    ARRAY(SELECT format(CASE WHEN a.atttypid = ANY (${HASHED}) THEN 't.%I' ELSE 'ROW(t.%I)::text' END, a.attname) FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS summed,
    (SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE option_name = 'autovacuum_enabled') AS vacuum,
    NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                AND a.atttypid <> ALL (${BINARY})) AS "isBinary",
    (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
     WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnatts = 1 AND a.atttypid IN ('int4'::regtype, 'int8'::regtype)) AS key
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND ${OF_THE_TEAM}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY pg_table_size(c.oid) DESC, 1, 2`;

type Row = Omit<Filled, 'bytes' | 'label' | 'quoted'> & { readonly bytes: string };

/** The largest first: whoever comes last has little left to do. */
export async function readFilled(client: Client): Promise<Filled[]> {
  const { rows } = await client.query<Row>(TABLES);
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes), label: labelOf(row), quoted: quoted(row) }));
}

/**
 * A migration that rewrites a table, or empties it, leaves nothing in it for an older instant: read as of that, it is empty without an
 * error. The catalogue as of the instant still has the file that the rows were in.
 */
const REWRITTEN = `
  SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND ${OF_THE_TEAM}
    AND c.relfilenode IS DISTINCT FROM pg_relation_filenode(c.oid)
  ORDER BY 1, 2`;

/** Of each table, what its rows are made of. */
const MADE_OF = `
  SELECT n.nspname AS schema, c.relname AS name, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind = 'r' AND ${OF_THE_TEAM}
  GROUP BY 1, 2`;

/** As of the instant and as of now: what came since is in no copy, what changed makes it one of nothing. */
export async function requireUnchanged(then: Client, now: Client): Promise<void> {
  const { rows: rewritten } = await then.query<TableName>(REWRITTEN);
  const made = async (client: Client) =>
    new Map((await client.query<TableName & { columns: string | null }>(MADE_OF)).rows.map((row) => [labelOf(row), row.columns]));
  const [before, after] = [await made(then), await made(now)];
  const altered = [...before].flatMap(([table, columns]) => (after.get(table) === columns ? [] : [table]));
  const changed = [...new Set([...rewritten.map(labelOf), ...altered])];
  if (changed.length === 0) return;
  const says = `${changed.join(', ')} was altered, rewritten or emptied by somebody while it was copied, so its rows cannot be read as they were; the copy is made anew`;
  throw new RunbookError('PlanStale', says, { tables: changed.length });
}

export const columnsOf = ({ columns }: Pick<Filled, 'columns'>): string =>
  columns.length === 0 ? '' : ` (${columns.map(escapeIdentifier).join(', ')})`;
