// What RDS says of the servers that databases run on, and of what storage keeps of them.
import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  type DBSnapshot,
  type DescribeDBSnapshotsCommandInput,
} from '@aws-sdk/client-rds';
import { isOurs, type SnapshotFacts } from '../../runbooks/instances.ts';
import type { Instances } from '../ports.ts';
import { asking } from './errors.ts';
import { findInstance, instanceFacts, orNothing, tagsOf } from './instance-facts.ts';
import { allPages } from './paging.ts';

export function awsInstances(): Instances {
  const rds = new RDSClient({});

  async function snapshots(input: DescribeDBSnapshotsCommandInput): Promise<SnapshotFacts[]> {
    const found = await allPages(async (Marker) => {
      const { DBSnapshots, Marker: next } = await rds.send(new DescribeDBSnapshotsCommand({ ...input, Marker }));
      return { items: DBSnapshots, next };
    });
    return found.map(snapshotFacts).sort((one, other) => (other.takenAt ?? '').localeCompare(one.takenAt ?? ''));
  }

  return {
    async storageBytes(instance) {
      const found = await findInstance(rds, instance);
      return found === null ? null : found.storageGigabytes * 1024 ** 3;
    },
    find: (instance) => findInstance(rds, instance),
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
    manualSnapshots: () => asking('listing snapshots', () => snapshots({ SnapshotType: 'manual' })),
    ourSnapshots: (app) =>
      asking('listing snapshots', async () =>
        (await snapshots({ SnapshotType: 'manual' })).filter(({ tags }) => isOurs(tags, app)),
      ),
    window: (DbiResourceId) =>
      asking('reading how far back an instance can be restored', async () => {
        const found = await orNothing('DBInstanceAutomatedBackupNotFoundFault', () =>
          rds.send(new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId })),
        );
        const { EarliestTime, LatestTime } = found?.DBInstanceAutomatedBackups?.[0]?.RestoreWindow ?? {};
        return EarliestTime && LatestTime ? { earliest: EarliestTime.toISOString(), latest: LatestTime.toISOString() } : null;
      }),
  };
}

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
