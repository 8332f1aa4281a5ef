// A new instance, whatever it is made of: its name taken at once, its PostgreSQL made while RDS says `creating`.
import type { Cluster } from '../../world/contract.ts';
import type { Call } from '../service.ts';
import { instanceExists } from './failures.ts';
import { addressOf, type Instance, type Rds, type Settings } from './instance.ts';
import { tell, type Told } from './journal.ts';
import { proceed, type Phase } from './lifecycle.ts';
import { arnOf } from './naming.ts';
import { attune } from './power.ts';
import { expose } from './reach.ts';

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export interface Birth {
  readonly identifier: string;
  readonly engineVersion: string;
  readonly settings: Settings;
  readonly tags: Map<string, string>;
  /** The name of the duration in latencies.yml. */
  readonly takes: string;
  /** Makes its PostgreSQL: empty, restored, or following another. */
  readonly make: (names: { readonly name: string; readonly endpoint: string }) => Promise<Cluster>;
  readonly tells?: { readonly what: Told; readonly about?: string };
  readonly replicaOf?: string;
  /** What comes between `creating` and `available`; its first backup, unless said otherwise. */
  readonly phases?: (instance: Instance) => readonly Phase[];
}

/** A name is taken by whoever stands, by whoever is still going, and by whoever is just getting another. */
export function requireFree(rds: Rds, region: string, identifier: string): void {
  const { instances, reserved } = rds.in(region);
  if (instances.has(identifier) || reserved.has(identifier)) throw instanceExists();
}

export function bear(rds: Rds, call: Pick<Call, 'region' | 'account'>, birth: Birth): Instance {
  const region = rds.in(call.region);
  const { identifier, settings, tags, engineVersion, replicaOf } = birth;
  requireFree(rds, call.region, identifier);
  const instance: Instance = {
    identifier,
    arn: arnOf(call.region, call.account, 'db', identifier),
    address: addressOf(region, identifier),
    resourceId: `db-${rds.ground.token(26, UPPER)}`,
    region: call.region,
    createdAt: rds.ground.timeline.now(),
    engineVersion,
    settings,
    pending: {},
    tags,
    status: 'creating',
    busy: true,
    hidden: false,
    cluster: undefined,
    replicas: new Set(),
    ...(replicaOf !== undefined && { replicaOf }),
  };
  region.instances.set(identifier, instance);
  const creating: Phase = {
    status: 'creating',
    takes: birth.takes,
    then: async () => {
      instance.cluster = await birth.make({ name: identifier, endpoint: instance.address });
      await attune(rds, instance);
      instance.createdAt = rds.ground.timeline.now();
      expose(rds, instance);
      tell(rds, instance, birth.tells?.what ?? 'created', birth.tells?.about);
    },
  };
  proceed(rds, instance, [creating, ...(birth.phases?.(instance) ?? firstBackup(rds, instance))]);
  return instance;
}

/** An instance with automated backups has its first one before anybody gets it. */
export const firstBackup = (rds: Rds, instance: Instance): Phase[] =>
  instance.settings.backupRetentionDays === 0 ? [] : [backup(rds, instance)];

export const backup = (rds: Rds, instance: Instance): Phase => ({
  status: 'backing-up',
  takes: 'rds:BackingUp',
  first: () => tell(rds, instance, 'backingUp'),
  then: async () => {
    await rds.snapshots?.backUp(instance);
    tell(rds, instance, 'backedUp');
  },
});
