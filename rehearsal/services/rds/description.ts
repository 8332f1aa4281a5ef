// An instance as RDS describes it.
import type { DBInstance, PendingModifiedValues } from '@aws-sdk/client-rds';
import type { Call } from '../service.ts';
import { describeSubnetGroup } from './subnet-groups.ts';
import { majorOf, PORT, tagList, type Instance, type Pending, type Region } from './instance.ts';

/** RDS uploads the transaction logs every five minutes: no later instant can be restored. */
const UPLOAD_MILLISECONDS = 5 * 60_000;

function latestRestorable({ createdAt, settings, cluster }: Instance, at: number): Date | undefined {
  const uploaded = at - (at % UPLOAD_MILLISECONDS);
  return cluster && settings.backupRetentionDays > 0 && uploaded > createdAt ? new Date(uploaded) : undefined;
}

export function describe(instance: Instance, region: Region, { at }: Pick<Call, 'at'>): DBInstance {
  const { settings, identifier } = instance;
  const restorable = latestRestorable(instance, at);
  const group = region.subnetGroups.get(settings.subnetGroup);
  return {
    DBInstanceIdentifier: identifier,
    DBInstanceClass: settings.instanceClass,
    Engine: 'postgres',
    DBInstanceStatus: instance.status,
    MasterUsername: settings.masterUsername,
    ...(settings.databaseName !== undefined && { DBName: settings.databaseName }),
    // Nobody has an address before there is something to connect to.
    ...(instance.cluster && {
      Endpoint: { Address: instance.address, Port: PORT, HostedZoneId: region.hostedZoneId },
      InstanceCreateTime: new Date(instance.createdAt),
    }),
    AllocatedStorage: settings.allocatedStorageGigabytes,
    PreferredBackupWindow: settings.backupWindow,
    BackupRetentionPeriod: settings.backupRetentionDays,
    DBSecurityGroups: [],
    VpcSecurityGroups: groupsOf(instance),
    DBParameterGroups: [{ DBParameterGroupName: settings.parameterGroup, ParameterApplyStatus: settings.parameterStatus }],
    AvailabilityZone: settings.availabilityZone,
    ...(group && { DBSubnetGroup: describeSubnetGroup(group, region) }),
    PreferredMaintenanceWindow: settings.maintenanceWindow,
    PendingModifiedValues: describePending(instance.pending),
    ...(restorable && { LatestRestorableTime: restorable }),
    MultiAZ: settings.multiAz,
    EngineVersion: instance.engineVersion,
    AutoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
    ...(instance.replicaOf !== undefined && { ReadReplicaSourceDBInstanceIdentifier: instance.replicaOf }),
    ReadReplicaDBInstanceIdentifiers: [...instance.replicas],
    LicenseModel: 'postgresql-license',
    OptionGroupMemberships: [{ OptionGroupName: settings.optionGroup, Status: 'in-sync' }],
    ...(settings.secondaryZone !== undefined && { SecondaryAvailabilityZone: settings.secondaryZone }),
    PubliclyAccessible: settings.publiclyAccessible,
    StorageType: settings.storageType,
    DbInstancePort: 0,
    StorageEncrypted: settings.storageEncrypted,
    ...(settings.storageEncrypted && { KmsKeyId: settings.kmsKeyId }),
    DbiResourceId: instance.resourceId,
    CACertificateIdentifier: 'rds-ca-rsa2048-g1',
    DomainMemberships: [],
    CopyTagsToSnapshot: settings.copyTagsToSnapshot,
    MonitoringInterval: 0,
    DBInstanceArn: instance.arn,
    IAMDatabaseAuthenticationEnabled: false,
    PerformanceInsightsEnabled: false,
    DeletionProtection: settings.deletionProtection,
    AssociatedRoles: [],
    ...(settings.maxAllocatedStorageGigabytes !== undefined && {
      MaxAllocatedStorage: settings.maxAllocatedStorageGigabytes,
    }),
    TagList: tagList(instance),
    CustomerOwnedIpEnabled: false,
    NetworkType: 'IPV4',
    BackupTarget: 'region',
    CertificateDetails: { CAIdentifier: 'rds-ca-rsa2048-g1' },
    DedicatedLogVolume: false,
    IsStorageConfigUpgradeAvailable: false,
    EngineLifecycleSupport: 'open-source-rds-extended-support',
    ActivityStreamStatus: 'stopped',
    DBInstanceAutomatedBackupsReplications: [],
    ...(instance.stoppedAt !== undefined && {
      AutomaticRestartTime: new Date(instance.stoppedAt + LONGEST_STOP_MILLISECONDS),
    }),
  };
}

/** RDS lets no instance rest for longer. */
export const LONGEST_STOP_MILLISECONDS = 7 * 24 * 60 * 60_000;

/** Groups that come and groups that go are both told while the change is under way. */
function groupsOf({ settings, pending }: Instance) {
  const { securityGroups: wanted = settings.securityGroups } = pending;
  return [
    ...settings.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: wanted.includes(id) ? 'active' : 'removing' })),
    ...wanted.filter((id) => !settings.securityGroups.includes(id)).map((id) => ({ VpcSecurityGroupId: id, Status: 'adding' })),
  ];
}

const MASKED = '****';

const describePending = (pending: Pending): PendingModifiedValues => ({
  ...(pending.instanceClass !== undefined && { DBInstanceClass: pending.instanceClass }),
  ...(pending.allocatedStorageGigabytes !== undefined && { AllocatedStorage: pending.allocatedStorageGigabytes }),
  ...(pending.password !== undefined && { MasterUserPassword: MASKED }),
  ...(pending.backupRetentionDays !== undefined && { BackupRetentionPeriod: pending.backupRetentionDays }),
  ...(pending.multiAz !== undefined && { MultiAZ: pending.multiAz }),
  ...(pending.engineVersion !== undefined && { EngineVersion: pending.engineVersion }),
  ...(pending.identifier !== undefined && { DBInstanceIdentifier: pending.identifier }),
  ...(pending.storageType !== undefined && { StorageType: pending.storageType }),
});

export const defaultOptionGroup = (engineVersion: string): string => `default:postgres-${majorOf(engineVersion)}`;
