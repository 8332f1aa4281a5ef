// What is no table: types, functions, operators, text search, publications, settings.
import { type Kind, madeHere, own } from './kinds.ts';

const NAMED = (name: string): string => `format('%I.%I', n.nspname, ${name})`;
const COLLATION = (oid: string): string =>
  `(SELECT format('%I.%I', m.nspname, o.collname) FROM pg_collation o JOIN pg_namespace m ON m.oid = o.collnamespace WHERE o.oid = nullif(${oid}, 0))`;
const texts = (of: string): string => `(SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(${of}) o)`;

const TYPES = `pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND ${own('pg_type', 't', 'n')}`;
const enums = `
  SELECT ${NAMED('t.typname')} AS item, (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
    AS value FROM ${TYPES} WHERE t.typtype = 'e'`;
const domains = `
  SELECT ${NAMED('t.typname')} AS item, concat_ws(' | ', format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typnotnull THEN 'not null' END,
    'default ' || t.typdefault, 'collation ' || ${COLLATION('t.typcollation')}) AS value FROM ${TYPES} WHERE t.typtype = 'd'
  UNION ALL
  SELECT ${NAMED('t.typname')} || ' ' || quote_ident(k.conname), pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' | not validated' END
    FROM ${TYPES} JOIN pg_constraint k ON k.contypid = t.oid AND k.contype = 'c'`;
const types = `
  SELECT ${NAMED('t.typname')} AS item, concat_ws(' | ', t.typtype, t.typcategory, t.typlen, t.typinput, t.typoutput, t.typstorage,
    (SELECT concat_ws(' ', 'range of', r.rngsubtype::regtype, ${COLLATION('r.rngcollation')}, r.rngcanonical, r.rngsubdiff, r.rngmultitypid::regtype)
       FROM pg_range r WHERE r.rngtypid = t.oid)) AS value
    FROM ${TYPES} WHERE t.typtype IN ('b', 'r', 'm', 'p') AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)`;

const functions = `
  SELECT p.oid::regprocedure::text AS item, CASE p.prokind WHEN 'a' THEN (
    SELECT concat_ws(' | ', 'aggregate', pg_get_function_result(p.oid), pg_get_function_arguments(p.oid), a.aggkind, a.aggnumdirectargs,
      a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.aggfinalextra,
      a.aggmfinalextra, a.aggfinalmodify, a.aggtranstype::regtype, a.aggtransspace, a.agginitval, a.aggminitval, nullif(a.aggsortop, 0)::regoperator,
      p.proparallel) FROM pg_aggregate a WHERE a.aggfnoid = p.oid)
    ELSE pg_get_functiondef(p.oid) END AS value
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND ${own('pg_proc', 'p', 'n')}`;

const operators = `
  SELECT o.oid::regoperator::text AS item, concat_ws(' | ', o.oprcode, nullif(o.oprcom, 0)::regoperator, nullif(o.oprnegate, 0)::regoperator,
    o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash) AS value
    FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace AND ${own('pg_operator', 'o', 'n')}
  UNION ALL
  SELECT 'class ' || ${NAMED('c.opcname')} || ' by ' || m.amname, concat_ws(' | ', c.opcintype::regtype, c.opcdefault, nullif(c.opckeytype, 0)::regtype,
    (SELECT string_agg(concat(o.amopstrategy, ' ', o.amopopr::regoperator), ', ' ORDER BY o.amopstrategy, 1) FROM pg_amop o WHERE o.amopfamily = c.opcfamily),
    (SELECT string_agg(concat(q.amprocnum, ' ', q.amproc::regprocedure), ', ' ORDER BY q.amprocnum, 1) FROM pg_amproc q WHERE q.amprocfamily = c.opcfamily))
    FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod JOIN pg_namespace n ON n.oid = c.opcnamespace AND ${own('pg_opclass', 'c', 'n')}`;

const casts = `
  SELECT format('%s as %s', c.castsource::regtype, c.casttarget::regtype) AS item, concat_ws(' | ', nullif(c.castfunc, 0)::regprocedure, c.castcontext,
    c.castmethod) AS value FROM pg_cast c WHERE ${madeHere('pg_cast', 'c')}`;

// What a locale is called in the catalog changed with 17; of its parts those are compared that every major has.
const collations = (major: number): string => `
  SELECT ${NAMED('c.collname')} AS item, concat_ws(' | ', c.collprovider, c.collisdeterministic, c.collcollate, c.collctype
    ${major >= 17 ? ', c.colllocale' : ''}) AS value
    FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace AND ${own('pg_collation', 'c', 'n')}`;

const textSearch = `
  SELECT 'dictionary ' || ${NAMED('d.dictname')} AS item, concat_ws(' | ', t.tmplname, d.dictinitoption) AS value FROM pg_ts_dict d
    JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace n ON n.oid = d.dictnamespace AND ${own('pg_ts_dict', 'd', 'n')}
  UNION ALL
  SELECT 'configuration ' || ${NAMED('c.cfgname')}, (
    SELECT string_agg(concat(k.alias, ' by ', m.mapdict::regdictionary), ', ' ORDER BY m.maptokentype, m.mapseqno)
      FROM pg_ts_config_map m JOIN LATERAL ts_token_type(c.cfgparser) k ON k.tokid = m.maptokentype WHERE m.mapcfg = c.oid)
    FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace AND ${own('pg_ts_config', 'c', 'n')}`;

const publications = (major: number): string => `
  SELECT quote_ident(p.pubname) AS item, concat_ws(' | ', CASE WHEN p.puballtables THEN 'everything' END,
    concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,
      CASE WHEN p.pubtruncate THEN 'truncate' END, CASE WHEN p.pubviaroot THEN 'as the root' END)
    ${major >= 18 ? `, 'generated ' || p.pubgencols::text` : ''}) AS value FROM pg_publication p
  UNION ALL
  SELECT quote_ident(p.pubname), concat_ws(' ', 'table', r.prrelid::regclass, 'where ' || pg_get_expr(r.prqual, r.prrelid),
    'columns ' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)))
    FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
  UNION ALL
  SELECT quote_ident(p.pubname), 'schema ' || s.pnnspid::regnamespace FROM pg_publication p JOIN pg_publication_namespace s ON s.pnpubid = p.oid`;

const eventTriggers = `
  SELECT quote_ident(evtname) AS item, concat_ws(' | ', evtevent, evtfoid::regprocedure, 'fires ' || evtenabled::text, ${texts('evttags')}) AS value
    FROM pg_event_trigger e WHERE ${madeHere('pg_event_trigger', 'e')}`;

const extensions = `SELECT quote_ident(extname) AS item, extversion || ' in ' || extnamespace::regnamespace AS value FROM pg_extension`;

const foreign = `
  SELECT 'wrapper ' || quote_ident(f.fdwname) AS item, concat_ws(' | ', nullif(f.fdwhandler, 0)::regproc, nullif(f.fdwvalidator, 0)::regproc, ${texts('f.fdwoptions')}) AS value
    FROM pg_foreign_data_wrapper f WHERE ${madeHere('pg_foreign_data_wrapper', 'f')}
  UNION ALL
  SELECT 'server ' || quote_ident(s.srvname), concat_ws(' | ', s.srvtype, s.srvversion, ${texts('s.srvoptions')}) FROM pg_foreign_server s
  UNION ALL
  -- Passwords are among these: that they are the same is all that may be said.
  SELECT 'user of ' || quote_ident(u.srvname), md5(${texts('u.umoptions')}) FROM pg_user_mappings u`;

const database = (major: number): string => `
  SELECT 'database' AS item, concat_ws(' | ', pg_encoding_to_char(d.encoding), d.datlocprovider, d.datcollate, d.datctype,
    ${major >= 17 ? 'd.datlocale,' : ''} 'connections ' || d.datconnlimit, CASE WHEN NOT d.datallowconn THEN 'closed' END,
    CASE WHEN d.datistemplate THEN 'template' END) AS value FROM pg_database d WHERE d.datname = current_database()`;

const settings = `
  SELECT split_part(c, '=', 1) AS item, c AS value, ARRAY[CASE s.setrole WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(s.setrole) END] AS roles
    FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = current_database() CROSS JOIN unnest(s.setconfig) c`;

export const OBJECTS: readonly Kind[] = [
  {
    name: 'schemas',
    sql: () => `SELECT quote_ident(n.nspname) AS item, '' AS value FROM pg_namespace n WHERE ${own('pg_namespace', 'n', 'n')}`,
  },
  { name: 'enums', sql: () => enums },
  { name: 'domains', sql: () => domains },
  { name: 'types', sql: () => types },
  { name: 'functions', sql: () => functions },
  { name: 'operators', sql: () => operators },
  { name: 'casts', sql: () => casts },
  { name: 'collations', sql: collations },
  { name: 'text search', sql: () => textSearch },
  { name: 'publications', sql: publications },
  { name: 'event triggers', sql: () => eventTriggers },
  { name: 'extensions', sql: () => extensions },
  { name: 'foreign', sql: () => foreign },
  { name: 'database', sql: database },
  { name: 'settings', sql: () => settings },
];
