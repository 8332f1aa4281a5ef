// Who may what in a database, as its catalogue has it, and as it is given to another.
import type { Client } from 'pg';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { keyOf, type Grant, type Owned, type Rights, type RightsOf, type Setting } from '../../../../runbooks/rights.ts';
import { saidBy, sqlState } from '../session.ts';

const OURS = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
const notOf = (catalogue: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalogue}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/** Only what somebody changed has a list of its own, which may be empty; the rest is as PostgreSQL makes it. */
const GRANTS = `
  WITH thing (kind, target, "column", acl, owner) AS (
    SELECT 'SCHEMA', quote_ident(n.nspname), NULL, n.nspacl, n.nspowner FROM pg_namespace n WHERE ${OURS}
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, format('%I.%I', n.nspname, c.relname), NULL, c.relacl, c.relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${notOf('pg_class', 'c.oid')}
    UNION ALL
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname), a.attname::text, a.attacl, c.relowner
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OURS} AND a.attnum > 0 AND NOT a.attisdropped AND ${notOf('pg_class', 'c.oid')}
    UNION ALL
    SELECT 'ROUTINE', p.oid::regprocedure::text, NULL, p.proacl, p.proowner
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OURS} AND ${notOf('pg_proc', 'p.oid')}
    UNION ALL
    SELECT 'TYPE', format('%I.%I', n.nspname, t.typname), NULL, t.typacl, t.typowner
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE ${OURS} AND t.typelem = 0 AND ${notOf('pg_type', 't.oid')}
      AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
    UNION ALL SELECT 'LARGE OBJECT', m.oid::text, NULL, m.lomacl, m.lomowner FROM pg_largeobject_metadata m
    UNION ALL SELECT 'DATABASE', '', NULL, d.datacl, d.datdba FROM pg_database d WHERE d.datname = current_database()
    UNION ALL
    SELECT 'DEFAULT ' || CASE a.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
           WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END, coalesce(quote_ident(n.nspname), ''), NULL, a.defaclacl, a.defaclrole
    FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
  )
  SELECT kind, target, "column", coalesce(x.privilege_type, '') AS privilege,
         CASE coalesce(x.grantee, 0) WHEN 0 THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END AS grantee,
         coalesce(x.is_grantable, false) AS grantable, pg_get_userbyid(owner)::text AS owner
  FROM thing LEFT JOIN aclexplode(acl) x ON true WHERE acl IS NOT NULL
  ORDER BY 1, 2, 3, 5, 4`;

const SETTINGS = `
  SELECT CASE s.setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(s.setrole)::text END AS role,
         split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
  FROM pg_db_role_setting s, unnest(s.setconfig) c
  WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1 NULLS FIRST, 2`;

/** What hangs on something else goes with it; superusers' things are the owner's in a copy. */
const OWNERS = `
  SELECT o.kind, o.target, pg_get_userbyid(o.owner)::text AS owner FROM (
    SELECT 'SCHEMA' AS kind, quote_ident(n.nspname) AS target, n.nspowner AS owner FROM pg_namespace n WHERE ${OURS}
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
           format('%I.%I', n.nspname, c.relname), c.relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${notOf('pg_class', 'c.oid')} AND NOT EXISTS (
      SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
        AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 AND c.relkind = 'S')
    UNION ALL
    SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE ${OURS} AND ${notOf('pg_proc', 'p.oid')}
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, format('%I.%I', n.nspname, t.typname), t.typowner
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE ${OURS} AND t.typelem = 0 AND t.typtype IN ('d', 'e', 'r', 'c') AND ${notOf('pg_type', 't.oid')}
      AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
  ) o JOIN pg_roles r ON r.oid = o.owner AND NOT r.rolsuper AND r.rolname !~ '^pg_' ORDER BY 1, 2`;

const CONNECTIONS = 'SELECT datconnlimit AS connections FROM pg_database WHERE datname = current_database()';

const ROLES = `SELECT rolname::text AS role FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1`;

/** Names are written with their schemas: the session must have no search path. */
export async function readRights(client: Client): Promise<RightsOf> {
  const { rows: grants } = await client.query<Grant>(GRANTS);
  const { rows: settings } = await client.query<Setting>(SETTINGS);
  const { rows: roles } = await client.query<{ role: string }>(ROLES);
  const { rows: owners } = await client.query<Owned>(OWNERS);
  const { rows: limits } = await client.query<{ connections: number }>(CONNECTIONS);
  return { grants, settings, owners, roles: roles.map(({ role }) => role), connections: limits[0]?.connections ?? -1 };
}

const roleOf = (role: string): string => (role === 'public' ? 'PUBLIC' : escapeIdentifier(role));

function groupBy<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = nameOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

interface Statement {
  readonly sql: string;
  readonly grants: readonly Grant[];
}

/** Of one thing to one role, everything at once. */
export function statementsFor(grants: readonly Grant[], database: string): Statement[] {
  const given = grants.filter(({ privilege }) => privilege !== '');
  const groups = groupBy(given, ({ kind, target, column, grantee, grantable, owner }) =>
    JSON.stringify([kind, target, column, grantee, grantable, owner]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { kind, target, column, grantee, grantable, owner } = first;
    const privileges = group
      .map(({ privilege }) => `${privilege}${column === null ? '' : ` (${escapeIdentifier(column)})`}`)
      .join(', ');
    const whom = `TO ${roleOf(grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`;
    if (!kind.startsWith('DEFAULT '))
      return [
        {
          sql: `GRANT ${privileges} ON ${kind} ${kind === 'DATABASE' ? escapeIdentifier(database) : target} ${whom}`,
          grants: group,
        },
      ];
    return [
      { sql: `${defaultsOf(owner, target)} GRANT ${privileges} ON ${kind.slice('DEFAULT '.length)} ${whom}`, grants: group },
    ];
  });
}

const defaultsOf = (owner: string, schema: string): string =>
  `ALTER DEFAULT PRIVILEGES FOR ROLE ${roleOf(owner)}${schema === '' ? '' : ` IN SCHEMA ${schema}`}`;

/**
 * Whatever the source has a list for has only what is in it: what PostgreSQL gives everybody and the owner by itself goes first. A list
 * that only the target has adds to that, and takes none of it away.
 */
function clearing(grants: readonly Grant[], database: string, owned: string): string[] {
  const things = new Map(
    grants.filter(({ column }) => column === null).map((grant) => [`${grant.kind}\n${grant.target}\n${grant.owner}`, grant]),
  );
  return [...things.values()].flatMap(({ kind, target, owner }) => {
    // Of what is somebody else's the owner of the copy keeps what he has until it is given away.
    const whom = owner === owned ? `FROM PUBLIC, ${roleOf(owned)}` : 'FROM PUBLIC';
    if (kind === 'DATABASE') return [`REVOKE ALL ON DATABASE ${escapeIdentifier(database)} ${whom}`];
    if (!kind.startsWith('DEFAULT ')) return [`REVOKE ALL ON ${kind} ${target} ${whom}`];
    const what = kind.slice('DEFAULT '.length);
    return target === '' ? [`${defaultsOf(owner, target)} REVOKE ALL ON ${what} FROM PUBLIC, ${roleOf(owner)}`] : [];
  });
}

/** Parameters whose value is a list that is quoted item by item. */
const LISTS = ['search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries'];

export const settingOf = ({ role, name, value }: Setting, database: string): string => {
  const whose =
    role === null
      ? `ALTER DATABASE ${escapeIdentifier(database)}`
      : `ALTER ROLE ${roleOf(role)} IN DATABASE ${escapeIdentifier(database)}`;
  return `${whose} SET ${name.split('.').map(escapeIdentifier).join('.')} TO ${LISTS.includes(name) ? value : escapeLiteral(value)}`;
};

/** Nothing is there, or the master may not: told, never silent. */
const TOLERATED = /^(42501|42P01|42883|42704|3F000|42703|0A000|0LP01)$/;

/** As the owner what is the owner's, as the master the rest. Answers what could not be given, one line each. */
export async function giveRights(
  client: Client,
  database: string,
  { grants, settings, listed, owners, connections, owner }: Rights & { readonly owner: string },
): Promise<string[]> {
  const left: string[] = [];
  const give = async (sql: string): Promise<void> => {
    try {
      await client.query(sql);
    } catch (error) {
      if (!TOLERATED.test(sqlState(error) ?? '')) throw error;
      left.push(`${sql} (${saidBy(error)})`);
    }
  };
  // Schemas last: whoever may not enter one any more changes nothing in it.
  const isSchema = ({ kind }: Grant): boolean => kind === 'SCHEMA';
  for (const turn of [false, true]) {
    const now = (grant: Grant): boolean => isSchema(grant) === turn;
    for (const sql of clearing(listed.filter(now), database, owner)) await give(sql);
    for (const { sql } of statementsFor(grants.filter(now), database)) await give(sql);
  }
  await client.query('RESET ROLE');
  // Last: whoever gives something away may say nothing of it any more.
  for (const one of owners) await give(`ALTER ${one.kind} ${one.target} OWNER TO ${roleOf(one.owner)}`);
  await give(`ALTER DATABASE ${escapeIdentifier(database)} CONNECTION LIMIT ${connections}`);
  for (const setting of settings) await give(settingOf(setting, database));
  return left;
}

const settingKey = ({ role, name, value }: Setting): string => `${role ?? ''}\n${name}\n${value}`;
const saysOf = ({ kind, target, column, privilege, grantee, grantable }: Grant): string =>
  `${privilege} on ${kind.toLowerCase()} ${target}${column === null ? '' : `.${column}`} to ${grantee}${grantable ? ', to hand on' : ''}`;

/** What was to be given against what the copy has; what could not be given was told then. */
export function compareRights(drafted: Rights, copy: RightsOf, database: string, left: readonly string[]): string[] {
  const lost = (sql: string): boolean => left.some((line) => line.startsWith(`${sql} (`));
  const given = statementsFor(drafted.grants, database).flatMap(({ sql, grants }) => (lost(sql) ? [] : grants));
  const isThing = ({ kind }: Grant): boolean => kind !== 'DATABASE' && !kind.startsWith('DEFAULT ');
  const ownerOf = new Map(copy.grants.filter(isThing).map(({ target, owner }) => [target, owner]));
  const changed = drafted.grants.filter((grant) => isThing(grant) && ownerOf.get(grant.target) !== grant.owner);
  const others = new Set(changed.map(({ target }) => target));
  const isOwners = ({ target, owner, grantee }: Grant): boolean => others.has(target) && grantee === owner;
  const keysOf = (grants: readonly Grant[]): Map<string, Grant> =>
    new Map(grants.filter(({ privilege }) => privilege !== '').map((grant) => [`${keyOf(grant)}\n${grant.grantable}`, grant]));
  const [wanted, found] = [
    keysOf(given),
    // What an owner may of his own is not compared where the copy's is another.
    keysOf(copy.grants.filter((grant) => !isOwners(grant))),
  ];
  const settings = drafted.settings.filter((setting) => !lost(settingOf(setting, database)));
  const set = new Set(copy.settings.map(settingKey));
  return [
    ...[...wanted].flatMap(([key, grant]) => (found.has(key) ? [] : [`${saysOf(grant)} is not in the copy`])),
    ...[...found].flatMap(([key, grant]) => (wanted.has(key) ? [] : [`${saysOf(grant)} is only in the copy`])),
    ...settings.flatMap((one) => (set.has(settingKey(one)) ? [] : [`setting ${one.name} is not in the copy as in the source`])),
  ];
}
