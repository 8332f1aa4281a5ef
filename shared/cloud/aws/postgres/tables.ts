// The users' own tables, as the catalogue of a database has them.
import { escapeIdentifier } from 'pg';
import type { Session } from './session.ts';

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** As people write it: the schema only where it is not the ordinary one. */
export const labelOf = ({ schema, name }: TableName): string => (schema === 'public' ? name : `${schema}.${name}`);
export const quoted = ({ schema, name }: TableName): string => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;

/** No system, no partitions beside their parents, nothing temporary, nothing that an extension brought. */
export const USERS_TABLES = `
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

/** A table with all that is needed to compare and to write its rows. */
export interface Shape extends TableName {
  readonly columns: readonly string[];
  /** `name type`, in the order of a record. */
  readonly types: readonly string[];
  /** Columns that an INSERT gives: all but generated ones. */
  readonly given: readonly string[];
  /** Columns that an UPDATE may set: no identity that is always generated. */
  readonly settable: readonly string[];
  /** Of the primary key, in its order; empty where there is none. */
  readonly key: readonly string[];
  /** Every other unique index whose rows can be looked up by columns. */
  readonly unique: readonly { readonly index: string; readonly columns: readonly string[] }[];
}

const COLUMNS = (what: string, where = ''): string => `
  ARRAY(SELECT ${what} FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ${where} ORDER BY a.attnum)`;
const KEY_COLUMNS = `
  ARRAY(
    SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, at)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum WHERE k.at <= i.indnkeyatts ORDER BY k.at
  )`;
const SHAPES = `
  SELECT n.nspname AS schema, c.relname AS name,
    ${COLUMNS('a.attname::text')} AS columns,
    ${COLUMNS("a.attname || ' ' || format_type(a.atttypid, a.atttypmod)")} AS types,
    ${COLUMNS('a.attname::text', "AND a.attgenerated = ''")} AS given,
    ${COLUMNS('a.attname::text', "AND a.attgenerated = '' AND a.attidentity <> 'a'")} AS settable,
    coalesce((SELECT ${KEY_COLUMNS} FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary), '{}') AS key,
    coalesce((
      SELECT jsonb_agg(jsonb_build_object('index', x.relname, 'columns', ${KEY_COLUMNS}) ORDER BY x.relname)
      FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
      WHERE i.indrelid = c.oid AND i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL
    ), '[]') AS unique
  ${USERS_TABLES}
  ORDER BY 1, 2`;

/** Changeover's own tables are nobody's data. */
const isOurs = ({ name }: TableName): boolean => name.startsWith('changeover_');

export const readShapes = async (session: Session): Promise<Shape[]> =>
  (await session.query<Shape>(SHAPES)).filter((shape) => !isOurs(shape));

/** So that one row is one text on every server; what row security would hide is an error instead. */
export const PLAIN_TEXT = `
  SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1;
  SET LOCAL bytea_output = 'hex'; SET LOCAL search_path = 'pg_catalog'; SET LOCAL row_security = off`;

/** A record of some columns of `alias`, as SQL writes it. */
export const recordOf = (alias: string, columns: readonly string[]): string =>
  `ROW(${columns.map((column) => `${alias}.${escapeIdentifier(column)}`).join(', ')})`;
