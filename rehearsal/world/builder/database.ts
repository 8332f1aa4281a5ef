// An environment's database as it stood: its roles, its tables, the people and orders in it.
import type { Client } from 'pg';
import { MIGRATIONS, migrate, seed, type Migration, type Seed } from '../app/schema.ts';
import type { Cluster } from '../contract.ts';

export interface Roles {
  readonly master: string;
  readonly owner: string;
  readonly application: string;
}
export interface Passwords {
  readonly owner: string;
  readonly application: string;
}

/** A role or a database as SQL writes it. */
export const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
/** Passwords come from the cloud's chance, letters and digits only; quoted all the same. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function asAdmin<T>(cluster: Cluster, database: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await cluster.open(database);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface Founding {
  readonly name: string;
  readonly roles: Roles;
  readonly passwords: Passwords;
  readonly rows: Seed;
  readonly at: Date;
  /** One of PostgreSQL's own or of ICU's; the server's when not said. */
  readonly locale?: string | undefined;
}

/** Locales that PostgreSQL needs no library for. */
export const OWN_LOCALES = ['C', 'C.UTF-8', 'PG_UNICODE_FAST'] as const;

function collation(locale: string | undefined): string {
  if (locale === undefined) return '';
  const provider = OWN_LOCALES.some((own) => own === locale) ? 'builtin' : 'icu';
  return `TEMPLATE template0 LOCALE_PROVIDER ${provider} ${provider}_LOCALE ${literal(locale)}`;
}

/** The owner is the master's to act as, as a master that made it on RDS would have arranged; nobody else is anybody's. */
export async function foundDatabase(cluster: Cluster, { name, roles, passwords, rows, at, locale }: Founding): Promise<void> {
  await asAdmin(cluster, 'postgres', async (client) => {
    for (const role of [roles.owner, roles.application]) await client.query(`CREATE ROLE ${quoted(role)} LOGIN`);
    await client.query(`GRANT ${quoted(roles.owner)} TO ${quoted(roles.master)} WITH INHERIT TRUE, SET TRUE`);
    await client.query(`CREATE DATABASE ${quoted(name)} OWNER ${quoted(roles.owner)} ${collation(locale)}`);
  });
  await setPasswords(cluster, roles, passwords);
  await asAdmin(cluster, name, async (client) => {
    await client.query(`SET ROLE ${quoted(roles.owner)}`);
    await migrate(client, MIGRATIONS, roles.application, at);
    await seed(client, rows, at);
  });
}

/** A physical copy has the roles of what it was copied from: its own passwords are another matter. */
export const setPasswords = (cluster: Cluster, roles: Roles, passwords: Passwords): Promise<void> =>
  asAdmin(cluster, 'postgres', async (client) => {
    for (const role of ['owner', 'application'] as const)
      await client.query(`ALTER ROLE ${quoted(roles[role])} PASSWORD ${literal(passwords[role])}`);
  });

export const applyMigration = (cluster: Cluster, database: string, roles: Roles, migration: Migration, at: Date): Promise<void> =>
  asAdmin(cluster, database, async (client) => {
    await client.query(`SET ROLE ${quoted(roles.owner)}`);
    await migrate(client, [migration], roles.application, at);
  });

export const writeAsOwner = (cluster: Cluster, database: string, roles: Roles, sql: string): Promise<void> =>
  asAdmin(cluster, database, async (client) => {
    await client.query(`SET ROLE ${quoted(roles.owner)}`);
    await client.query(sql);
  });

/** The superuser's first, so that the owner may grant to the roles that he made. */
export async function runSql(
  cluster: Cluster,
  database: string,
  roles: Roles,
  { superuser, owner }: { readonly superuser?: string | undefined; readonly owner?: string | undefined },
): Promise<void> {
  if (superuser !== undefined) await asAdmin(cluster, database, (client) => client.query(superuser));
  if (owner !== undefined) await writeAsOwner(cluster, database, roles, owner);
}

export const cutSessions = (cluster: Cluster): Promise<void> =>
  asAdmin(cluster, 'postgres', async (client) => {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid WHERE NOT rolsuper`,
    );
  });

/** Before a copy: whatever is written from this transaction on is not in it. */
export const instantOf = (cluster: Cluster, database: string): Promise<string> =>
  asAdmin(cluster, database, async (client) => {
    const { rows } = await client.query<{ xid: string }>('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid');
    return rows[0]?.xid ?? '0';
  });

export interface TableMark {
  readonly table: string;
  readonly rows: number;
  readonly key: { readonly column: string; readonly max: string } | null;
}

/** What a copy notes of each table: how many rows, and the highest value of a key that only grows. */
export const marksOf = (cluster: Cluster, database: string): Promise<TableMark[]> =>
  asAdmin(cluster, database, async (client) => {
    const { rows: tables } = await client.query<{ name: string; schema: string; key: string | null }>(`
      SELECT c.relname AS name, n.nspname AS schema,
             (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
              WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnatts = 1
                AND a.atttypid IN ('int4'::regtype, 'int8'::regtype)) AS key
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      ORDER BY 2, 1`);
    const marks: TableMark[] = [];
    for (const { name, schema, key } of tables) {
      const max = key === null ? 'NULL' : `max(${quoted(key)})`;
      const { rows } = await client.query<{ rows: string; max: string | null }>(
        `SELECT count(*) AS rows, ${max}::text AS max FROM ${quoted(schema)}.${quoted(name)}`,
      );
      const [found] = rows;
      marks.push({
        table: schema === 'public' ? name : `${schema}.${name}`,
        rows: Number(found?.rows ?? 0),
        key: key === null ? null : { column: key, max: found?.max ?? '0' },
      });
    }
    return marks;
  });
