// One instance as RDS describes it, in our words.
import { DescribeDBInstancesCommand, type DBInstance, type RDSClient, type Tag } from '@aws-sdk/client-rds';
import type { InstanceFacts } from '../../runbooks/instances.ts';
import { asking, nameOf } from './errors.ts';

/** Null where there is none of that name. */
export const findInstance = (rds: RDSClient, DBInstanceIdentifier: string): Promise<InstanceFacts | null> =>
  asking(`describing ${DBInstanceIdentifier}`, async () => {
    const found = await orNothing('DBInstanceNotFoundFault', () =>
      rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier })),
    );
    const [instance] = found?.DBInstances ?? [];
    return instance ? instanceFacts(instance) : null;
  });

/** Undefined where RDS knows no such thing. */
export async function orNothing<T>(fault: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (nameOf(error) === fault) return undefined;
    throw error;
  }
}

export const tagsOf = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

export const instanceFacts = (found: DBInstance): InstanceFacts => ({
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
