// What RDS says of the servers that databases run on, and of what storage keeps of them.
import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  type DBInstance,
  type DBSnapshot,
  type DescribeDBSnapshotsCommandInput,
  type Tag,
} from '@aws-sdk/client-rds';
import { isOurs, type InstanceFacts, type SnapshotFacts } from '../../runbooks/instances.ts';
import type { Instances } from '../ports.ts';
import { asking, nameOf } from './errors.ts';
import { allPages } from './paging.ts';

export function awsInstances(): Instances {
  const rds = new RDSClient({});

  const find = (DBInstanceIdentifier: string): Promise<DBInstance | undefined> =>
    asking(`describing ${DBInstanceIdentifier}`, () =>
      orNothing('DBInstanceNotFoundFault', async () => {
        const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
        return DBInstances[0];
      }),
    );

  async function snapshots(input: DescribeDBSnapshotsCommandInput): Promise<SnapshotFacts[]> {
    const found = await allPages(async (Marker) => {
      const { DBSnapshots, Marker: next } = await rds.send(new DescribeDBSnapshotsCommand({ ...input, Marker }));
      return { items: DBSnapshots, next };
    });
    return found.map(snapshotFacts).sort((one, other) => (other.takenAt ?? '').localeCompare(one.takenAt ?? ''));
  }

  return {
    async storageBytes(instance) {
      const gigabytes = (await find(instance))?.AllocatedStorage;
      return gigabytes === undefined ? null : gigabytes * 1024 ** 3;
    },
    async find(instance) {
      const found = await find(instance);
      return found === undefined ? null : instanceFacts(found);
    },
    ours: (app) =>
      asking('listing instances', async () => {
        const found = await allPages(async (Marker) => {
          const { DBInstances, Marker: next } = await rds.send(new DescribeDBInstancesCommand({ Marker }));
          return { items: DBInstances, next };
        });
        return found.map(instanceFacts).filter(({ tags }) => isOurs(tags, app));
      }),
    snapshot: (DBSnapshotIdentifier) =>
      asking(`describing the snapshot ${DBSnapshotIdentifier}`, async () => {
        const found = await orNothing('DBSnapshotNotFoundFault', () => snapshots({ DBSnapshotIdentifier }));
        return found?.[0] ?? null;
      }),
    snapshots: (of) =>
      asking('listing snapshots', () =>
        snapshots(
          'resourceId' in of
            ? { Filters: [{ Name: 'dbi-resource-id', Values: [of.resourceId] }] }
            : { DBInstanceIdentifier: of.instance },
        ),
      ),
    ourSnapshots: (app) =>
      asking('listing snapshots', async () =>
        (await snapshots({ SnapshotType: 'manual' })).filter(({ tags }) => isOurs(tags, app)),
      ),
    window: (DbiResourceId) =>
      asking('reading how far back an instance can be restored', async () => {
        const { DBInstanceAutomatedBackups = [] } = await rds.send(
          new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId }),
        );
        const { EarliestTime, LatestTime } = DBInstanceAutomatedBackups[0]?.RestoreWindow ?? {};
        return EarliestTime && LatestTime ? { earliest: EarliestTime.toISOString(), latest: LatestTime.toISOString() } : null;
      }),
  };
}

/** Undefined where RDS knows no such thing. */
async function orNothing<T>(fault: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (nameOf(error) === fault) return undefined;
    throw error;
  }
}

const tagsOf = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

const instanceFacts = (found: DBInstance): InstanceFacts => ({
  id: found.DBInstanceIdentifier ?? '',
  arn: found.DBInstanceArn ?? '',
  resourceId: found.DbiResourceId ?? '',
  status: found.DBInstanceStatus ?? 'unknown',
  host: found.Endpoint?.Address ?? null,
  port: found.Endpoint?.Port ?? 5432,
  createdAt: found.InstanceCreateTime?.toISOString() ?? null,
  engineVersion: found.EngineVersion ?? '',
  storageGigabytes: found.AllocatedStorage ?? 0,
  restorableUntil: found.LatestRestorableTime?.toISOString() ?? null,
  replicas: found.ReadReplicaDBInstanceIdentifiers ?? [],
  pending: Object.keys(found.PendingModifiedValues ?? {}),
  tags: tagsOf(found.TagList),
  settings: {
    instanceClass: found.DBInstanceClass ?? '',
    storageType: found.StorageType ?? '',
    multiAz: found.MultiAZ ?? false,
    publiclyAccessible: found.PubliclyAccessible ?? false,
    securityGroups: (found.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
    subnetGroup: found.DBSubnetGroup?.DBSubnetGroupName ?? '',
    parameterGroup: found.DBParameterGroups?.[0]?.DBParameterGroupName ?? '',
    optionGroup: found.OptionGroupMemberships?.[0]?.OptionGroupName ?? '',
    deletionProtection: found.DeletionProtection ?? false,
    backupRetentionDays: found.BackupRetentionPeriod ?? 0,
    backupWindow: found.PreferredBackupWindow ?? '',
    maintenanceWindow: found.PreferredMaintenanceWindow ?? '',
    copyTagsToSnapshot: found.CopyTagsToSnapshot ?? false,
    encrypted: found.StorageEncrypted ?? false,
    kmsKey: found.KmsKeyId ?? null,
    iamAuthentication: found.IAMDatabaseAuthenticationEnabled ?? false,
    autoMinorVersionUpgrade: found.AutoMinorVersionUpgrade ?? false,
    certificateAuthority: found.CACertificateIdentifier ?? null,
  },
});

const snapshotFacts = (found: DBSnapshot): SnapshotFacts => ({
  id: found.DBSnapshotIdentifier ?? '',
  arn: found.DBSnapshotArn ?? '',
  kind: found.SnapshotType === 'manual' || found.SnapshotType === 'automated' ? found.SnapshotType : 'other',
  status: found.Status ?? 'unknown',
  percent: found.PercentProgress ?? 0,
  instance: found.DBInstanceIdentifier ?? '',
  resourceId: found.DbiResourceId ?? '',
  takenAt: found.SnapshotCreateTime?.toISOString() ?? null,
  engineVersion: found.EngineVersion ?? '',
  gigabytes: found.AllocatedStorage ?? 0,
  encrypted: found.Encrypted ?? false,
  tags: tagsOf(found.TagList),
});
