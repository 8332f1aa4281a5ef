import type { Cluster } from '../../rehearsal/world/contract.ts';

/** In a session of its own; answers the last statement's rows. */
export async function asRootOf(
  cluster: Cluster,
  database: string,
  statements: readonly string[],
): Promise<Record<string, unknown>[]> {
  const root = await cluster.open(database);
  try {
    let rows: Record<string, unknown>[] = [];
    for (const sql of statements) rows = (await root.query<Record<string, unknown>>(sql)).rows;
    return rows;
  } finally {
    await root.end();
  }
}
