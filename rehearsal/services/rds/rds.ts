// RDS, small enough for a laptop: instances that live on the timeline, each a real PostgreSQL.
import type { Authority, PostgresHost } from '../../world/contract.ts';
import { createPostgresHost } from '../../world/postgres/host.ts';
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { createAutomatedBackups } from './automated.ts';
import { createCreation } from './creation.ts';
import { createDeletion } from './deletion.ts';
import type { Rds } from './instance.ts';
import { createDescriptions } from './instances.ts';
import { createKeeping } from './keeping.ts';
import { createModification } from './modification.ts';
import { createOwn, type RdsOwn } from './own.ts';
import { createParameterGroups } from './parameter-groups.ts';
import { createPower } from './power.ts';
import { newRegion } from './regions.ts';
import { createReplicas } from './replicas.ts';
import { createRestores } from './restores.ts';
import { createSharing } from './sharing.ts';
import { createSnapshots } from './snapshots.ts';
import { createSubnetGroups } from './subnet-groups.ts';
import { createTags } from './tags.ts';
import type { Vault } from './vault.ts';

export type { Founding, RdsOwn } from './own.ts';

export interface RdsOptions {
  /** Issues the instances' certificates. */
  readonly authority: Authority;
}

export function createRds(ground: Ground, { authority }: RdsOptions): Service<'rds'> & { readonly own: RdsOwn } {
  const regions = perRegion((name) => newRegion(ground, name));
  const vaults = perRegion((): Vault => ({ snapshots: new Map(), backups: new Map() }));
  const underWay = new Set<Promise<void>>();
  let host: PostgresHost | undefined;
  let ended = false;
  const rds: Rds = {
    ground,
    in: regions,
    vault: vaults,
    stalled: { snapshots: false },
    host: () =>
      (host ??= createPostgresHost({
        folder: ground.folder('pg'),
        authority,
        now: ground.timeline.now,
        wallAt: ground.timeline.wallAt,
      })),
    labour(work) {
      // What was still to come does not come in a cloud that ends.
      if (ended) return Promise.resolve();
      const mine = ground.timeline.busy(work);
      underWay.add(mine);
      return mine.finally(() => underWay.delete(mine));
    },
  };
  rds.snapshots = createKeeping(rds);
  return {
    id: 'rds',
    operations: {
      ...createCreation(rds),
      ...createDeletion(rds),
      ...createDescriptions(rds),
      ...createAutomatedBackups(rds),
      ...createReplicas(rds),
      ...createRestores(rds),
      ...createSharing(rds),
      ...createSnapshots(rds),
      ...createModification(rds),
      ...createParameterGroups(rds),
      ...createPower(rds),
      ...createSubnetGroups(rds),
      ...createTags(rds),
    },
    inventory: () =>
      Object.fromEntries([
        ...regions.all().flatMap(([, region]) => standingIn(region)),
        ...vaults.all().flatMap(([, vault]) => keptIn(vault)),
      ]),
    own: createOwn(rds),
    async stop() {
      ended = true;
      await Promise.allSettled(underWay);
      await host?.stop();
    },
  };
}

function standingIn({ instances, subnetGroups, parameterGroups }: ReturnType<Rds['in']>): [string, unknown][] {
  return [
    ...[...instances.values()].map(({ arn, status, cluster, tags }): [string, unknown] => [
      arn,
      { status, running: cluster?.running ?? false, tags: Object.fromEntries(tags) },
    ]),
    // Every Region has a subnet group from the beginning, which was made by nobody.
    ...[...subnetGroups.values(), ...parameterGroups.values()]
      .filter(({ name }) => name !== 'default')
      .map(({ arn, tags }): [string, unknown] => [arn, { tags: Object.fromEntries(tags) }]),
  ];
}

/** What is kept by hand, or of an instance that is gone: automated backups of what stands come and go with it. */
function keptIn({ snapshots, backups }: Vault): [string, unknown][] {
  const manual = [...snapshots.values()].filter(({ type }) => type === 'manual');
  const retained = [...backups.values()].filter(({ endedAt }) => endedAt !== undefined);
  return [
    ...manual.map(({ arn, tags }): [string, unknown] => [arn, { tags: Object.fromEntries(tags) }]),
    ...retained.map(({ arn }): [string, unknown] => [arn, { status: 'retained' }]),
  ];
}
