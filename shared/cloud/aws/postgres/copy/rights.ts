// Who may what in a database, as its catalogue has it, and as it is given to another.
import type { Client } from 'pg';
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Grant, Rights, RightsOf, Setting } from '../../../../runbooks/rights.ts';
import { saidBy, sqlState } from '../session.ts';

const OURS = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
const notOf = (catalogue: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalogue}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/** Only what somebody changed has a list of its own; the rest is as PostgreSQL makes it. */
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
    WHERE ${OURS} AND t.typelem = 0 AND t.typrelid = 0 AND ${notOf('pg_type', 't.oid')}
    UNION ALL SELECT 'LARGE OBJECT', m.oid::text, NULL, m.lomacl, m.lomowner FROM pg_largeobject_metadata m
    UNION ALL SELECT 'DATABASE', '', NULL, d.datacl, d.datdba FROM pg_database d WHERE d.datname = current_database()
    UNION ALL
    SELECT 'DEFAULT ' || CASE a.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
           WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END, coalesce(quote_ident(n.nspname), ''), NULL, a.defaclacl, a.defaclrole
    FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
  )
  SELECT kind, target, "column", x.privilege_type AS privilege,
         CASE x.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END AS grantee,
         x.is_grantable AS grantable, pg_get_userbyid(owner)::text AS owner
  FROM thing, aclexplode(acl) x
  ORDER BY 1, 2, 3, 5, 4`;

const SETTINGS = `
  SELECT CASE s.setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(s.setrole)::text END AS role,
         split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
  FROM pg_db_role_setting s, unnest(s.setconfig) c
  WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1 NULLS FIRST, 2`;

const ROLES = `SELECT rolname::text AS role FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1`;

/** Names are written with their schemas: the session must have no search path. */
export async function readRights(client: Client): Promise<RightsOf> {
  const { rows: grants } = await client.query<Grant>(GRANTS);
  const { rows: settings } = await client.query<Setting>(SETTINGS);
  const { rows: roles } = await client.query<{ role: string }>(ROLES);
  return { grants, settings, roles: roles.map(({ role }) => role) };
}

const roleOf = (role: string): string => (role === 'public' ? 'PUBLIC' : escapeIdentifier(role));

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Of one thing to one role, everything at once. */
function statementsFor(grants: readonly Grant[], database: string): string[] {
  const groups = groupBy(grants, ({ kind, target, column, grantee, grantable, owner }) =>
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
      return [`GRANT ${privileges} ON ${kind} ${kind === 'DATABASE' ? escapeIdentifier(database) : target} ${whom}`];
    return [`${defaultsOf(owner, target)} GRANT ${privileges} ON ${kind.slice('DEFAULT '.length)} ${whom}`];
  });
}

const defaultsOf = (owner: string, schema: string): string =>
  `ALTER DEFAULT PRIVILEGES FOR ROLE ${roleOf(owner)}${schema === '' ? '' : ` IN SCHEMA ${schema}`}`;

/** A list that only the target has adds to what PostgreSQL gives everybody by itself, and takes none of it away. */
function clearing(grants: readonly Grant[], database: string): string[] {
  const things = new Map(
    grants.filter(({ column }) => column === null).map((grant) => [`${grant.kind}\n${grant.target}\n${grant.owner}`, grant]),
  );
  return [...things.values()].flatMap(({ kind, target, owner }) => {
    if (kind === 'DATABASE') return [`REVOKE ALL ON DATABASE ${escapeIdentifier(database)} FROM PUBLIC`];
    if (!kind.startsWith('DEFAULT ')) return [`REVOKE ALL ON ${kind} ${target} FROM PUBLIC`];
    return target === '' ? [`${defaultsOf(owner, target)} REVOKE ALL ON ${kind.slice('DEFAULT '.length)} FROM PUBLIC`] : [];
  });
}

/** Parameters whose value is a list that is quoted item by item. */
const LISTS = ['search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries'];

const settingOf = ({ role, name, value }: Setting, database: string): string => {
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
  { grants, settings, listed }: Pick<Rights, 'grants' | 'settings' | 'listed'>,
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
  for (const sql of clearing(listed, database)) await give(sql);
  for (const sql of statementsFor(grants, database)) await give(sql);
  await client.query('RESET ROLE');
  for (const setting of settings) await give(settingOf(setting, database));
  return left;
}
