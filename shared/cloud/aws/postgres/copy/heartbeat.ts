// How new what is in a database is, by what its applications wrote into it.
import type { Client } from 'pg';
import { escapeIdentifier } from 'pg';

/** In whatever schema it is, the ordinary one first, with the first of these columns that it has. */
const TABLE = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name,
    (SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY ($2)
     ORDER BY array_position($2, a.attname::text) LIMIT 1) AS "column"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname = $1 AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ORDER BY n.nspname <> 'public', n.nspname LIMIT 1`;

async function find(
  client: Client,
  table: string,
  columns: readonly string[],
): Promise<{ name: string; column: string } | undefined> {
  const { rows } = await client.query<{ name: string; column: string | null }>(TABLE, [table, columns]);
  const [found] = rows;
  return found?.column == null ? undefined : { name: found.name, column: found.column };
}

/** As the tools write it that apply migrations; none of them is no fault. */
export async function newestMigration(client: Client): Promise<string | null> {
  const found = await find(client, 'schema_migrations', ['version', 'name', 'id']);
  if (!found) return null;
  const sql = `SELECT max(${escapeIdentifier(found.column)}::text) AS newest FROM ${found.name}`;
  return (await client.query<{ newest: string | null }>(sql)).rows[0]?.newest ?? null;
}

export async function newestHeartbeat(client: Client, environment: string): Promise<string | null> {
  const found = await find(client, 'changeover_heartbeat', ['written_at']);
  if (!found) return null;
  const sql = `SELECT max(written_at) AS at FROM ${found.name} WHERE environment = $1`;
  return (await client.query<{ at: Date | null }>(sql, [environment])).rows[0]?.at?.toISOString() ?? null;
}
