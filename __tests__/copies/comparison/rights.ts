// Whose everything is, who may what, and what is said of it.
import { type Kind, madeHere, own } from './kinds.ts';

const inSchema = (catalog: string, alias: string, schema: string): string =>
  `JOIN pg_namespace n ON n.oid = ${alias}.${schema} AND ${own(catalog, alias, 'n')}`;

/** Whatever has an owner and rights: what it is, whose, what was granted, and the letter of what holds when nothing was. */
const OWNED = `
  SELECT format('%s %s', c.relkind, c.oid::regclass) AS item, c.relowner AS owner, c.relacl AS acl,
    CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS letter FROM pg_class c ${inSchema('pg_class', 'c', 'relnamespace')}
    AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure, p.proowner, p.proacl, 'f' FROM pg_proc p ${inSchema('pg_proc', 'p', 'pronamespace')}
  UNION ALL
  -- A table's type and an array's go with what they are the types of.
  SELECT 'type ' || t.oid::regtype, t.typowner, t.typacl, 'T' FROM pg_type t ${inSchema('pg_type', 't', 'typnamespace')}
    AND t.typtype IN ('b', 'd', 'e', 'r', 'c') AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
    AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
  UNION ALL
  SELECT 'schema ' || quote_ident(n.nspname), n.nspowner, n.nspacl, 'n' FROM pg_namespace n WHERE ${own('pg_namespace', 'n', 'n')}
  UNION ALL
  SELECT 'database', datdba, datacl, 'd' FROM pg_database WHERE datname = current_database()
  UNION ALL
  SELECT 'language ' || lanname, lanowner, lanacl, 'l' FROM pg_language WHERE lanacl IS NOT NULL
  UNION ALL
  SELECT 'large object ' || oid, lomowner, lomacl, 'L' FROM pg_largeobject_metadata
  UNION ALL
  SELECT 'wrapper ' || quote_ident(f.fdwname), f.fdwowner, f.fdwacl, 'F' FROM pg_foreign_data_wrapper f WHERE ${madeHere('pg_foreign_data_wrapper', 'f')}
  UNION ALL
  SELECT 'server ' || quote_ident(srvname), srvowner, srvacl, 'S' FROM pg_foreign_server`;

/** These have an owner and no rights. */
const ONLY_OWNED = `
  SELECT 'operator ' || o.oid::regoperator AS item, o.oprowner AS owner FROM pg_operator o ${inSchema('pg_operator', 'o', 'oprnamespace')}
  UNION ALL SELECT format('operator class %I.%I', n.nspname, o.opcname), o.opcowner FROM pg_opclass o ${inSchema('pg_opclass', 'o', 'opcnamespace')}
  UNION ALL SELECT format('collation %I.%I', n.nspname, o.collname), o.collowner FROM pg_collation o ${inSchema('pg_collation', 'o', 'collnamespace')}
  UNION ALL SELECT 'dictionary ' || o.oid::regdictionary, o.dictowner FROM pg_ts_dict o ${inSchema('pg_ts_dict', 'o', 'dictnamespace')}
  UNION ALL SELECT 'configuration ' || o.oid::regconfig, o.cfgowner FROM pg_ts_config o ${inSchema('pg_ts_config', 'o', 'cfgnamespace')}
  UNION ALL SELECT format('statistics %I.%I', n.nspname, o.stxname), o.stxowner FROM pg_statistic_ext o ${inSchema('pg_statistic_ext', 'o', 'stxnamespace')}
  UNION ALL SELECT 'publication ' || quote_ident(pubname), pubowner FROM pg_publication
  UNION ALL SELECT 'event trigger ' || quote_ident(evtname), evtowner FROM pg_event_trigger
  UNION ALL SELECT 'extension ' || quote_ident(extname), extowner FROM pg_extension WHERE oid >= 16384`;

const owners = `
  SELECT item, '' AS value, ARRAY[pg_get_userbyid(owner)] AS roles
    FROM (SELECT item, owner FROM (${OWNED}) a UNION ALL SELECT item, owner FROM (${ONLY_OWNED}) b) o`;

const ROLE = (oid: string): string => `CASE ${oid} WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(${oid}) END`;
const RIGHT = `g.privilege_type || CASE WHEN g.is_grantable THEN ' and may grant it' ELSE '' END`;
/** MAINTAIN is a right since 17, which every owner there has. */
const known = (major: number): string => (major < 17 ? `WHERE g.privilege_type <> 'MAINTAIN'` : '');

const grants = (major: number): string => `
  SELECT o.item, ${RIGHT} AS value, ARRAY[${ROLE('g.grantee')}, ${ROLE('g.grantor')}] AS roles
    FROM (${OWNED}) o CROSS JOIN aclexplode(coalesce(o.acl, acldefault(o.letter, o.owner))) g ${known(major)}
  UNION ALL
  SELECT format('column %s.%I', c.oid::regclass, a.attname), ${RIGHT}, ARRAY[${ROLE('g.grantee')}, ${ROLE('g.grantor')}]
    FROM pg_class c ${inSchema('pg_class', 'c', 'relnamespace')} JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
   CROSS JOIN aclexplode(a.attacl) g`;

const defaults = (major: number): string => `
  SELECT concat_ws(' ', d.defaclobjtype, 'in ' || n.nspname) AS item, ${RIGHT} AS value,
    ARRAY[pg_get_userbyid(d.defaclrole), ${ROLE('g.grantee')}, ${ROLE('g.grantor')}] AS roles
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace CROSS JOIN aclexplode(d.defaclacl) g ${known(major)}`;

const comments = `
  SELECT i.type || ' ' || i.identity AS item, d.description AS value
    FROM pg_description d CROSS JOIN pg_identify_object(d.classoid, d.objoid, d.objsubid) i
   -- What initdb says of its own is the same everywhere; public alone is also ours.
   WHERE (d.objoid >= 16384 OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = 'public'::regnamespace))
     AND d.classoid <> 'pg_largeobject'::regclass AND i.type IS NOT NULL AND NOT EXISTS (
       SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
  UNION ALL
  SELECT 'database', shobj_description(oid, 'pg_database') FROM pg_database
   WHERE datname = current_database() AND shobj_description(oid, 'pg_database') IS NOT NULL`;

export const RIGHTS: readonly Kind[] = [
  { name: 'owners', sql: () => owners },
  { name: 'grants', sql: grants },
  { name: 'default grants', sql: defaults },
  { name: 'comments', sql: () => comments },
];
