// What the world says to RDS: which instances stand when the story begins, and what befalls them.
import type { Cluster, PostgresHost } from '../../world/contract.ts';
import { defaultOptionGroup } from './description.ts';
import { addressOf, familyOf, zoneLetter, type Instance, type Rds, type Region, type Settings } from './instance.ts';
import { arnOf, requireIdentifier } from './naming.ts';
import { keepPast, type PastSnapshot } from './past.ts';
import { rested } from './power.ts';
import { expose } from './reach.ts';
import { HEX } from './regions.ts';
import { BACKUP_WINDOW, MAINTENANCE_WINDOW } from './wishes.ts';

/** An instance as it stood before the story begins; what is left out is as a small team's usually is. */
export interface Founding extends Partial<Settings> {
  readonly identifier: string;
  readonly cluster: Cluster;
  readonly databaseName: string;
  readonly masterUsername: string;
  readonly subnets?: readonly string[];
  readonly region?: string;
  readonly createdAt?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RdsOwn {
  /** Where the clusters of this cloud stand; they end with it. */
  readonly host: PostgresHost;
  /** The name an instance answers under, known before it stands: its certificate carries it. */
  endpointOf(identifier: string, region?: string): string;
  /** Says that an instance stands, and asks its cluster whether that is true. Answers its ARN. */
  found(founding: Founding): Promise<string>;
  /** What an instance stands on now; undefined while nobody goes by that name. */
  clusterOf(identifier: string, region?: string): Cluster | undefined;
  /** Another cluster under the same name. */
  setCluster(identifier: string, cluster: Cluster, region?: string): Promise<void>;
  /** Its PostgreSQL crashes or stops; RDS goes on saying `available` unless told what else to say. */
  lose(identifier: string, how?: { status?: string; stop?: 'fast' | 'immediate'; region?: string }): Promise<void>;
  /** No snapshot that is begun from now on comes to its end. */
  stallSnapshots(): void;
  /** A snapshot that somebody took of it by hand before the story begins. */
  keep(identifier: string, past: PastSnapshot, region?: string): Promise<void>;
  /** It stands still when the story begins; RDS will start it in seven days. */
  putToRest(identifier: string, region?: string): Promise<void>;
  /** Its PostgreSQL starts again. */
  regain(identifier: string, region?: string): Promise<void>;
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const DAY_MILLISECONDS = 24 * 60 * 60_000;

export function createOwn(rds: Rds): RdsOwn {
  const { ground, in: regionOf } = rds;
  const standing = (identifier: string, region = ground.region): Instance & { cluster: Cluster } => {
    const found = regionOf(region).instances.get(identifier);
    if (!found?.cluster) throw new Error(`no instance ${identifier} stands in ${region}`);
    return found as Instance & { cluster: Cluster };
  };

  return {
    get host() {
      return rds.host();
    },
    endpointOf: (identifier, region = ground.region) =>
      addressOf(regionOf(region), requireIdentifier(identifier, 'DBInstanceIdentifier')),
    async found({ identifier: given, cluster, region: name = ground.region, createdAt, tags = {}, subnets, ...settings }) {
      const identifier = requireIdentifier(given, 'DBInstanceIdentifier');
      const region = regionOf(name);
      if (region.instances.has(identifier)) throw new Error(`an instance ${identifier} stands in ${name} already`);
      const engineVersion = await requireTruth(cluster, settings);
      const instance: Instance = {
        identifier,
        arn: arnOf(name, ground.account, 'db', identifier),
        resourceId: `db-${ground.token(26, UPPER)}`,
        region: name,
        address: addressOf(region, identifier),
        createdAt: createdAt ?? ground.timeline.now() - 90 * DAY_MILLISECONDS,
        engineVersion,
        settings: settingsOf(rds, region, engineVersion, {
          ...settings,
          ...(subnets && foundSubnets(rds, region, identifier, subnets)),
        }),
        pending: {},
        tags: new Map(Object.entries(tags)),
        status: 'available',
        busy: false,
        hidden: false,
        cluster,
        replicas: new Set(),
      };
      // The world's functions reach what the world founded.
      for (const group of instance.settings.securityGroups) region.admitting.add(group);
      region.instances.set(identifier, instance);
      region.events.push(creationOf(instance));
      expose(rds, instance);
      await rds.snapshots?.adopt(instance);
      return instance.arn;
    },
    clusterOf: (identifier, region = ground.region) => regionOf(region).instances.get(identifier)?.cluster,
    async setCluster(identifier, cluster, region) {
      const instance = standing(identifier, region);
      instance.cluster = cluster;
      expose(rds, instance);
      await rds.snapshots?.adopt(instance);
    },
    async lose(identifier, { status, stop = 'immediate', region } = {}) {
      const instance = standing(identifier, region);
      if (status !== undefined) instance.status = status;
      await ground.timeline.busy(() => instance.cluster.stop(stop));
    },
    stallSnapshots() {
      rds.stalled.snapshots = true;
    },
    async keep(identifier, past, region) {
      await keepPast(rds, standing(identifier, region), past);
    },
    async putToRest(identifier, region) {
      const instance = standing(identifier, region);
      await ground.timeline.busy(() => instance.cluster.stop('fast'));
      instance.status = 'stopped';
      rested(rds, instance);
    },
    async regain(identifier, region) {
      const instance = standing(identifier, region);
      await ground.timeline.busy(() => instance.cluster.start());
      instance.status = 'available';
      expose(rds, instance);
    },
  };
}

/** The subnets that the estate names are a group of their own. */
function foundSubnets({ ground }: Rds, region: Region, identifier: string, subnets: readonly string[]): { subnetGroup: string } {
  const name = `${identifier}-subnets`;
  subnets.forEach((subnet, place) => region.subnets.set(subnet, `${region.name}${zoneLetter(place)}`));
  region.subnetGroups.set(name, {
    name,
    arn: arnOf(region.name, ground.account, 'subgrp', name),
    description: `where ${identifier} is`,
    subnets: [...subnets],
    tags: new Map(),
  });
  return { subnetGroup: name };
}

const creationOf = ({ identifier, arn, createdAt }: Instance) => ({
  SourceIdentifier: identifier,
  SourceType: 'db-instance' as const,
  Message: 'DB instance created',
  EventCategories: ['creation'],
  Date: new Date(createdAt),
  SourceArn: arn,
});

/** What RDS will say of it must be so: the database and the master are there. Answers PostgreSQL's version. */
async function requireTruth(cluster: Cluster, said: Pick<Founding, 'databaseName' | 'masterUsername'>): Promise<string> {
  const session = await cluster.open();
  try {
    const { rows } = await session.query<{ version: string; database: boolean; master: boolean }>(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
              EXISTS (SELECT FROM pg_database WHERE datname = $1) AS database,
              EXISTS (SELECT FROM pg_roles WHERE rolname = $2 AND rolcanlogin) AS master`,
      [said.databaseName, said.masterUsername],
    );
    const [truth] = rows;
    if (truth?.database !== true) throw new Error(`the cluster ${cluster.name} has no database ${said.databaseName}`);
    if (!truth.master) throw new Error(`the cluster ${cluster.name} has no master ${said.masterUsername}`);
    return truth.version;
  } finally {
    await session.end();
  }
}

function settingsOf(
  { ground }: Rds,
  region: Region,
  engineVersion: string,
  said: Partial<Settings> & Pick<Founding, 'databaseName' | 'masterUsername'>,
): Settings {
  const multiAz = said.multiAz ?? false;
  return {
    instanceClass: 'db.t4g.micro',
    allocatedStorageGigabytes: 20,
    maxAllocatedStorageGigabytes: undefined,
    storageType: 'gp3',
    storageEncrypted: true,
    kmsKeyId: region.kmsKeyId,
    multiAz,
    publiclyAccessible: false,
    deletionProtection: true,
    copyTagsToSnapshot: true,
    autoMinorVersionUpgrade: true,
    backupRetentionDays: 7,
    backupWindow: BACKUP_WINDOW,
    maintenanceWindow: MAINTENANCE_WINDOW,
    availabilityZone: `${region.name}${zoneLetter(0)}`,
    secondaryZone: multiAz ? `${region.name}${zoneLetter(1)}` : undefined,
    subnetGroup: 'default',
    securityGroups: [`sg-${ground.token(17, HEX)}`],
    parameterGroup: `default.${familyOf(engineVersion)}`,
    parameterStatus: 'in-sync',
    optionGroup: defaultOptionGroup(engineVersion),
    ...said,
  };
}
