// Tables and what hangs on them.
import { type Kind, NAME, own, relations } from './kinds.ts';

const options = (of: string): string => `(SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(${of}) o)`;
const TABLES = `'r', 'p', 'f'`;

const tables = `
  SELECT ${NAME} AS item, concat_ws(' | ', c.relkind, c.relpersistence, 'identity ' || c.relreplident::text,
    'like ' || nullif(c.reloftype, 0)::regtype, ${options('c.reloptions')},
    'toast ' || (SELECT ${options('t.reloptions')} FROM pg_class t WHERE t.oid = c.reltoastrelid), 'parts ' || pg_get_partkeydef(c.oid),
    'bound ' || pg_get_expr(c.relpartbound, c.oid),
    'of ' || (SELECT string_agg(i.inhparent::regclass || CASE WHEN i.inhdetachpending THEN ' leaving' ELSE '' END, ', ' ORDER BY i.inhseqno)
                FROM pg_inherits i WHERE i.inhrelid = c.oid),
    'elsewhere ' || (SELECT s.srvname || ' ' || coalesce(${options('f.ftoptions')}, '')
                       FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid)) AS value
    FROM ${relations(TABLES)}`;

const columns = `
  SELECT format('%s.%s', ${NAME}, CASE WHEN c.relkind IN ('i', 'I') THEN a.attnum::text ELSE a.attname END) AS item,
    concat_ws(' | ',
      -- What was dropped in between is counted by nobody.
      (SELECT count(*) FROM pg_attribute b WHERE b.attrelid = a.attrelid AND b.attnum BETWEEN 1 AND a.attnum AND NOT b.attisdropped),
      format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, 'identity ' || nullif(a.attidentity::text, ''),
      'generated ' || nullif(a.attgenerated::text, ''), 'default ' || pg_get_expr(d.adbin, d.adrelid),
      'collation ' || (SELECT format('%I.%I', l.nspname, o.collname) FROM pg_collation o JOIN pg_namespace l ON l.oid = o.collnamespace
                        WHERE o.oid = nullif(a.attcollation, 0)),
      'storage ' || a.attstorage::text, 'compression ' || nullif(a.attcompression::text, ''), 'statistics ' || nullif(a.attstattarget, -1),
      ${options('a.attoptions')}, 'elsewhere ' || ${options('a.attfdwoptions')},
      CASE WHEN NOT a.attislocal THEN 'inherited only' END, 'inherited ' || nullif(a.attinhcount, 0)) AS value
    FROM ${relations(`${TABLES}, 'v', 'm', 'c', 'i', 'I'`)}
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE c.relkind NOT IN ('i', 'I') OR coalesce(a.attstattarget, -1) <> -1`;

const constraints = (major: number): string => `
  SELECT ${NAME} || CASE WHEN u.parts THEN ' part of a key on ' || k.confrelid::regclass ELSE ' ' || quote_ident(k.conname) END AS item,
    concat_ws(' | ', pg_get_constraintdef(k.oid), k.contype, CASE WHEN NOT k.convalidated THEN 'not validated' END,
      'by ' || nullif(k.conindid, 0)::regclass, CASE WHEN k.connoinherit THEN 'not inherited' END,
      CASE WHEN NOT k.conislocal THEN 'inherited only' END, 'inherited ' || nullif(k.coninhcount, 0),
      CASE WHEN NOT u.parts THEN 'under ' || (SELECT p.conname FROM pg_constraint p WHERE p.oid = k.conparentid) END) AS value
    FROM ${relations(TABLES)} JOIN pg_constraint k ON k.conrelid = c.oid
   -- What a key from or to partitions is made of is numbered by the server, in the order in which the partitions came.
   CROSS JOIN LATERAL (SELECT k.contype = 'f' AND k.conparentid <> 0 AS parts) u
   -- A column's NOT NULL is a constraint of its own since 18; before, it is the column's alone.
   ${major < 18 ? `WHERE k.contype <> 'n'` : ''}`;

const indexes = `
  SELECT ${NAME} AS item, concat_ws(' | ', pg_get_indexdef(c.oid), CASE WHEN NOT i.indisvalid THEN 'not valid' END,
    CASE WHEN NOT i.indisready THEN 'not ready' END, CASE WHEN i.indisclustered THEN 'clustered' END,
    CASE WHEN i.indisreplident THEN 'identity' END, CASE WHEN i.indisprimary THEN 'primary' END, CASE WHEN NOT i.indimmediate THEN 'deferrable' END,
    'of ' || (SELECT h.inhparent::regclass FROM pg_inherits h WHERE h.inhrelid = c.oid)) AS value
    FROM ${relations(`'i', 'I'`)} JOIN pg_index i ON i.indexrelid = c.oid
    JOIN pg_class t ON t.oid = i.indrelid AND t.relkind <> 't'`;

/** 15 writes the name of the only table before each column, those after it do not: between them the names are taken away. */
const definition = (older: number, newer: number): string =>
  older < 16 && newer >= 16
    ? String.raw`regexp_replace(pg_get_viewdef(c.oid), '(\w+|"([^"]|"")+")\.', '', 'g')`
    : 'pg_get_viewdef(c.oid)';
const views = (kind: string, older: number, newer: number): string => `
  SELECT ${NAME} AS item, concat_ws(' | ', ${options('c.reloptions')}, CASE WHEN NOT c.relispopulated THEN 'not populated' END,
    ${definition(older, newer)}) AS value FROM ${relations(`'${kind}'`)}`;

const sequences = `
  SELECT ${NAME} AS item, concat_ws(' | ', format_type(s.seqtypid, NULL), 'start ' || s.seqstart, 'by ' || s.seqincrement, 'min ' || s.seqmin,
    'max ' || s.seqmax, 'cache ' || s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END, c.relpersistence,
    (SELECT format('owned by %s.%I (%s)', d.refobjid::regclass, a.attname, d.deptype)
       FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))) AS value
    FROM ${relations(`'S'`)} JOIN pg_sequence s ON s.seqrelid = c.oid`;

const triggers = `
  SELECT ${NAME} || ' ' || quote_ident(t.tgname) AS item, concat_ws(' | ', pg_get_triggerdef(t.oid), 'fires ' || t.tgenabled::text,
    'of ' || (SELECT p.tgrelid::regclass FROM pg_trigger p WHERE p.oid = t.tgparentid)) AS value
    FROM ${relations(`${TABLES}, 'v'`)} JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
  UNION ALL
  -- Those that keep foreign keys can be switched off as well.
  SELECT ${NAME} || ' ' || quote_ident(k.conname), 'fires ' || t.tgenabled::text
    FROM ${relations(TABLES)} JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgisinternal AND t.tgenabled <> 'O'
    JOIN pg_constraint k ON k.oid = t.tgconstraint`;

const rules = `
  SELECT ${NAME} || ' ' || quote_ident(r.rulename) AS item, pg_get_ruledef(r.oid) || ' | fires ' || r.ev_enabled::text AS value
    FROM ${relations(`${TABLES}, 'v'`)} JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'`;

const policies = `
  SELECT ${NAME} || ' ' || quote_ident(p.polname) AS item, concat_ws(' | ', p.polcmd, CASE WHEN NOT p.polpermissive THEN 'restrictive' END,
    'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid)) AS value,
    ARRAY[CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END] AS roles
    FROM ${relations(TABLES)} JOIN pg_policy p ON p.polrelid = c.oid CROSS JOIN unnest(p.polroles) r`;

const rowSecurity = `
  SELECT ${NAME} AS item, concat_ws(' ', CASE WHEN c.relrowsecurity THEN 'enabled' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END) AS value
    FROM ${relations(TABLES)} WHERE c.relrowsecurity OR c.relforcerowsecurity`;

const statistics = `
  SELECT format('%I.%I', n.nspname, s.stxname) AS item,
    concat_ws(' | ', pg_get_statisticsobjdef(s.oid), 'statistics ' || nullif(s.stxstattarget, -1)) AS value
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace AND ${own('pg_statistic_ext', 's', 'n')}`;

export const RELATIONS: readonly Kind[] = [
  { name: 'tables', sql: () => tables },
  { name: 'columns', sql: () => columns },
  { name: 'constraints', sql: constraints },
  { name: 'indexes', sql: () => indexes },
  { name: 'views', sql: (older, newer) => views('v', older, newer) },
  { name: 'materialized views', sql: (older, newer) => views('m', older, newer) },
  { name: 'sequences', sql: () => sequences },
  { name: 'triggers', sql: () => triggers },
  { name: 'rules', sql: () => rules },
  { name: 'policies', sql: () => policies },
  { name: 'row security', sql: () => rowSecurity },
  { name: 'statistics', sql: () => statistics },
];
