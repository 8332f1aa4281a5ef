// Which instances and snapshots stand after a run, what was asked of RDS until they did, and what is in the databases that people use.
import type { Cloud } from '../../rehearsal/cloud.ts';
import { isRead } from '../../rehearsal/faults/faults.ts';
import { lookAtInstances } from '../../rehearsal/run/afterwards-instances.ts';
import type { Standing, World } from '../../rehearsal/world/builder/builder.ts';
import { markOf } from '../../shared/runbooks/instances.ts';
import type { Call } from './landed.ts';

/** What a run makes bears its mark, which is another each time: here all of them have the same. */
const MARK = 'of-the-run';

export async function lookAtServers(cloud: Cloud, world: World, calls: readonly Call[], run: string) {
  const { DBSnapshots = [] } = await cloud.call('rds', 'DescribeDBSnapshots', { SnapshotType: 'manual', MaxRecords: 100 });
  const found = {
    instances: await lookAtInstances(cloud, world),
    snapshots: DBSnapshots.map(({ DBSnapshotIdentifier: id = '', Status = '' }) => `${id} ${Status}`).sort(),
    changes: changesIn(calls),
    rows: await Promise.all([...world.environments.values()].map((standing) => rowsOf(world, standing))),
  };
  return JSON.parse(JSON.stringify(found).replaceAll(markOf(run), MARK)) as typeof found;
}

/** In whatever order. RDS tells nobody a password: what an instance is dressed in is given again where nobody wrote that it was. */
const changesIn = (calls: readonly Call[]): string[] =>
  calls
    .filter(({ operation }) => operation.startsWith('rds:') && !isRead(operation))
    .filter(({ state, operation }) => !(state === 'Dress' && operation === 'rds:ModifyDBInstance'))
    .map(({ state, operation }) => `${state} ${operation}`)
    .sort();

/** Not those of the client, who writes all the while: `accounted` and `kept` ask after these. */
const ROWS = `
  WITH kept AS (SELECT * FROM orders WHERE NOT starts_with(number, 'client-')),
    told AS (SELECT concat_ws(' ', number, customer_id, state) AS row FROM kept
      UNION ALL SELECT concat_ws(' ', number, sku, quantity) FROM kept JOIN order_lines ON order_id = kept.id)
  SELECT count(*)::integer AS rows, md5(string_agg(row, ',' ORDER BY row)) AS digest FROM told`;

/** In the database that it leads to now; nothing where that does not run. */
async function rowsOf(world: World, { id, environment }: Standing): Promise<string> {
  const cluster = await world.clusterOf(id);
  if (!cluster?.running) return `${id} does not run`;
  const session = await cluster.open(environment.database.name);
  try {
    const { rows } = await session.query<{ rows: number; digest: string | null }>(ROWS);
    return `${id} ${rows[0]?.rows ?? 0} ${rows[0]?.digest ?? ''}`;
  } finally {
    await session.end();
  }
}
