// A database's schema as a list of items, each a line that is the same on every server when the thing is the same.
import type { Client } from 'pg';

export interface Item {
  readonly kind: string;
  readonly name: string;
  readonly is: string;
}

const notOf = (catalogue: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalogue}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/** Columns are numbered without those that were dropped; names are written whole, because the session has no search path. */
const ITEMS = `
  WITH ns AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
  rel AS (
    SELECT c.*, format('%I.%I', ns.nspname, c.relname) AS fq FROM pg_class c JOIN ns ON ns.oid = c.relnamespace
    WHERE c.relpersistence <> 't' AND ${notOf('pg_class', 'c.oid')}
  ),
  typ AS (SELECT t.*, format('%I.%I', ns.nspname, t.typname) AS fq FROM pg_type t JOIN ns ON ns.oid = t.typnamespace WHERE ${notOf('pg_type', 't.oid')})
  SELECT 'schema' AS kind, nspname::text AS name, '' AS is FROM ns
  UNION ALL SELECT 'extension', extname::text, 'in ' || extnamespace::regnamespace FROM pg_extension
  UNION ALL SELECT 'enum', fq, (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = typ.oid)
    FROM typ WHERE typtype = 'e'
  UNION ALL SELECT 'domain', fq, concat_ws(' ', format_type(typbasetype, typtypmod), CASE WHEN typnotnull THEN 'not null' END, 'default ' || typdefault,
      (SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint WHERE contypid = typ.oid AND contype = 'c'))
    FROM typ WHERE typtype = 'd'
  UNION ALL SELECT 'range', typ.fq, concat_ws(' ', rngsubtype::regtype, rngcollation::regcollation, rngcanonical, rngsubdiff)
    FROM pg_range r JOIN typ ON typ.oid = r.rngtypid
  UNION ALL SELECT 'collation', format('%I.%I', ns.nspname, collname), concat_ws(' ', collprovider, collcollate, collisdeterministic)
    FROM pg_collation JOIN ns ON ns.oid = collnamespace
  UNION ALL SELECT 'relation', fq, concat_ws(' ', relkind, relpersistence, CASE WHEN relrowsecurity THEN 'row security' END,
      CASE WHEN relforcerowsecurity THEN 'forced' END, 'identity ' || relreplident::text, array_to_string(reloptions, ','),
      'by ' || pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid),
      (SELECT 'inherits ' || string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = rel.oid))
    FROM rel WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
  UNION ALL SELECT 'column', rel.fq || '.' || quote_ident(a.attname), concat_ws(' ',
      a.attnum - (SELECT count(*) FROM pg_attribute x WHERE x.attrelid = a.attrelid AND x.attnum BETWEEN 1 AND a.attnum AND x.attisdropped),
      format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, 'identity ' || nullif(a.attidentity::text, ''),
      'generated ' || nullif(a.attgenerated::text, ''), NULLIF(a.attcollation, 0)::regcollation, 'storage ' || a.attstorage::text,
      'compression ' || nullif(a.attcompression::text, ''), 'default ' || pg_get_expr(d.adbin, d.adrelid), array_to_string(a.attoptions, ','))
    FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE rel.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
  UNION ALL SELECT 'constraint', rel.fq || ' ' || quote_ident(k.conname), concat_ws(' ', pg_get_constraintdef(k.oid), CASE WHEN k.convalidated THEN 'validated' END)
    FROM pg_constraint k JOIN rel ON rel.oid = k.conrelid WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
      -- What a key of or to partitions is made of is numbered by each server in its own way.
      AND NOT (k.contype = 'f' AND k.conparentid <> 0)
  UNION ALL SELECT 'index', i.indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN i.indisvalid THEN 'valid' END,
      CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN i.indisreplident THEN 'replica identity' END)
    FROM pg_index i JOIN rel ON rel.oid = i.indrelid WHERE rel.relkind IN ('r', 'p', 'm')
  UNION ALL SELECT 'view', fq, pg_get_viewdef(oid) FROM rel WHERE relkind IN ('v', 'm')
  UNION ALL SELECT 'populated', fq, relispopulated::text FROM rel WHERE relkind = 'm'
  UNION ALL SELECT 'routine', p.oid::regprocedure::text, CASE WHEN prokind = 'a'
      THEN (SELECT concat_ws(' ', 'aggregate', aggtransfn, aggfinalfn, aggtranstype::regtype, agginitval) FROM pg_aggregate WHERE aggfnoid = p.oid)
      ELSE pg_get_functiondef(p.oid) END
    FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace WHERE ${notOf('pg_proc', 'p.oid')}
  UNION ALL SELECT 'operator', o.oid::regoperator::text, concat_ws(' ', oprcode, oprresult::regtype, oprcom::regoper) FROM pg_operator o JOIN ns ON ns.oid = o.oprnamespace
    WHERE ${notOf('pg_operator', 'o.oid')}
  UNION ALL SELECT 'trigger', rel.fq || ' ' || quote_ident(tgname), pg_get_triggerdef(t.oid) || ' ' || tgenabled::text FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid
    WHERE NOT tgisinternal
  UNION ALL SELECT 'rule', rel.fq || ' ' || quote_ident(rulename), pg_get_ruledef(r.oid) || ' ' || ev_enabled::text FROM pg_rewrite r JOIN rel ON rel.oid = r.ev_class
    WHERE rulename <> '_RETURN'
  UNION ALL SELECT 'policy', rel.fq || ' ' || quote_ident(polname), concat_ws(' ', polcmd, polpermissive, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy p JOIN rel ON rel.oid = p.polrelid
  UNION ALL SELECT 'sequence', rel.fq, concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
      (SELECT 'owned by ' || d.refobjid::regclass || '.' || d.refobjsubid FROM pg_depend d
       WHERE d.classid = 'pg_class'::regclass AND d.objid = rel.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 LIMIT 1))
    FROM pg_sequence s JOIN rel ON rel.oid = s.seqrelid
  UNION ALL SELECT 'statistics', format('%I.%I', ns.nspname, stxname), pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN ns ON ns.oid = stxnamespace
  UNION ALL SELECT 'event trigger', evtname::text, concat_ws(' ', evtevent, evtenabled, evtfoid::regprocedure) FROM pg_event_trigger
  UNION ALL SELECT 'publication', pubname::text, concat_ws(' ', puballtables, pubinsert, pubupdate, pubdelete, pubtruncate,
      (SELECT string_agg(prrelid::regclass::text, ', ' ORDER BY prrelid::regclass::text) FROM pg_publication_rel WHERE prpubid = p.oid)) FROM pg_publication p
  UNION ALL SELECT 'comment', pg_describe_object(classoid, objoid, objsubid), description FROM pg_description d
    WHERE classoid IN ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass)
      AND (classoid, objoid) IN (SELECT 'pg_class'::regclass::oid, oid FROM rel UNION SELECT 'pg_type'::regclass::oid, oid FROM typ
        UNION SELECT 'pg_proc'::regclass::oid, p.oid FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace
        UNION SELECT 'pg_constraint'::regclass::oid, k.oid FROM pg_constraint k JOIN rel ON rel.oid = k.conrelid
        UNION SELECT 'pg_trigger'::regclass::oid, t.oid FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid
        UNION SELECT 'pg_policy'::regclass::oid, p.oid FROM pg_policy p JOIN rel ON rel.oid = p.polrelid)
  UNION ALL SELECT 'large object', count(*)::text, '' FROM pg_largeobject_metadata
  UNION ALL SELECT 'database', 'locale', concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider) FROM pg_database WHERE datname = current_database()
  ORDER BY 1, 2, 3`;

/** A word that one major reserves and another does not is quoted by the one alone. */
const withoutQuotes = (text: string): string => text.replaceAll(/"([a-z_][a-z0-9_]*)"/g, '$1');
/** 15 writes the name of the only table before each column of a view, those after it do not. */
const withoutTables = (text: string): string => text.replaceAll(/(\w+|"([^"]|"")+")\./g, '');

/** As items of another major can be held against them. */
export const acrossMajors = (items: readonly Item[]): Item[] =>
  items.map(({ kind, name, is }) => ({
    kind,
    name: withoutQuotes(name),
    is: withoutQuotes(kind === 'view' || kind === 'rule' ? withoutTables(is) : is),
  }));

export const readItems = async (client: Client): Promise<Item[]> => (await client.query<Item>(ITEMS)).rows;
