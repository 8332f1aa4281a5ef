// How new what is in a database is, by what its applications wrote into it.
import type { Client } from 'pg';

const exists = async (client: Client, table: string): Promise<boolean> =>
  (await client.query<{ name: string | null }>('SELECT to_regclass($1)::text AS name', [`public.${table}`])).rows[0]?.name !=
  null;

/** As the tools write it that apply migrations; none of them is no fault. */
export async function newestMigration(client: Client): Promise<string | null> {
  if (!(await exists(client, 'schema_migrations'))) return null;
  const { rows } = await client.query<{ version: string | null }>(
    'SELECT max(version)::text AS version FROM public.schema_migrations',
  );
  return rows[0]?.version ?? null;
}

export async function newestHeartbeat(client: Client, environment: string): Promise<string | null> {
  if (!(await exists(client, 'changeover_heartbeat'))) return null;
  const sql = 'SELECT max(written_at) AS at FROM public.changeover_heartbeat WHERE environment = $1';
  return (await client.query<{ at: Date | null }>(sql, [environment])).rows[0]?.at?.toISOString() ?? null;
}
