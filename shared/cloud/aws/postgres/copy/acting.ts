// As whom the master may act. Since 16 being a role's member no longer means that one may act as it: who made it may only let others in.
import type { Client } from 'pg';

/** SQL: whether this session may SET ROLE to that role. */
export const mayActAs = (role: string): string =>
  `pg_has_role(${role}, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)`;

/** In a transaction: as that role until it ends or another is taken, or as the master where there is none. */
export const actAs = async (client: Client, role: string | null): Promise<void> => {
  await client.query(role === null ? 'RESET ROLE' : `SET LOCAL ROLE ${role}`);
};

const OWNER = `SELECT CASE WHEN ${mayActAs('relowner')} THEN relowner::regrole::text END AS owner FROM pg_class WHERE oid = $1::regclass`;

/** Whoever owns a table reads all of it; where one may not be that, the master reads it as he may. */
export async function actAsOwnerOf(client: Client, table: string): Promise<void> {
  await client.query('RESET ROLE');
  const { rows } = await client.query<{ owner: string | null }>(OWNER, [table]);
  if (rows[0]?.owner != null) await client.query(`SET LOCAL ROLE ${rows[0].owner}`);
}
