// What stands beside the instances that people use when a story begins: snapshots that somebody took, and instances that were put aside.
import type { Estate } from '../../../shared/estate.ts';
import type { Cloud } from '../../cloud.ts';
import type { Cluster, PostgresHost } from '../contract.ts';
import type { WorldFile } from './world-file.ts';

const DAY_MILLISECONDS = 86_400_000;

/** One of them, whose cluster the world has founded. */
export interface Used {
  readonly cluster: Cluster;
  readonly databaseName: string;
  readonly masterUsername: string;
  readonly master: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

export async function foundAside(
  cloud: Cloud,
  { app, environments }: Estate,
  { snapshots, aside }: Pick<WorldFile, 'snapshots' | 'aside'>,
  host: PostgresHost,
  usedOf: (environment: string) => Used,
): Promise<void> {
  const { own } = cloud.services.rds;
  const instant = (days: number): number => cloud.timeline.now() - days * DAY_MILLISECONDS;
  const ours = (environment: string, what: string): Record<string, string> => ({
    changeover: app,
    'changeover:run': 'restore-of-then',
    'changeover:environment': environment,
    'changeover:what': what,
  });
  for (const { name, of, days, what, status, protected: deletionProtection } of aside) {
    const { cluster, master, ...used } = usedOf(of);
    const endpoint = own.endpointOf(name);
    const copy = await host.copy(cluster, { name, endpoint, master: { username: used.masterUsername, password: master } });
    const since = new Date(instant(days)).toISOString();
    const tags = { ...ours(of, what), ...(what === 'shelf' && { 'changeover:since': since }) };
    await own.found({ identifier: name, cluster: copy, ...used, createdAt: instant(days), tags, deletionProtection });
    if (status === 'stopped') await own.putToRest(name);
  }
  for (const { name, of, days, tagged } of snapshots) {
    const instance = environments[of]?.database.instance ?? of;
    const environment = aside.find((one) => one.name === of)?.of ?? of;
    await own.keep(instance, { identifier: name, at: instant(days), tags: tagged ? ours(environment, 'snapshot') : {} });
  }
}
