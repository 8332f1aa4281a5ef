// An instance as RDS keeps it, and as it describes it.
import type { DBInstance } from '@aws-sdk/client-rds';
import type { Cluster } from '../../world/contract.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { noInstance } from './failures.ts';

export interface Instance {
  readonly identifier: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly region: string;
  readonly address: string;
  readonly createdAt: number;
  readonly engineVersion: string;
  readonly settings: Settings;
  readonly tags: Map<string, string>;
  /** What RDS says, which an outage of its PostgreSQL does not change by itself. */
  status: string;
  cluster: Cluster;
}

export interface Settings {
  readonly databaseName: string;
  readonly masterUsername: string;
  readonly instanceClass: string;
  readonly allocatedStorageGigabytes: number;
  readonly storageType: string;
  readonly multiAz: boolean;
  readonly publiclyAccessible: boolean;
  readonly deletionProtection: boolean;
  readonly backupRetentionDays: number;
  readonly availabilityZone: string;
  readonly subnetGroup: string;
  readonly vpc: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly kmsKeyId: string;
}

export interface Region {
  readonly name: string;
  /** The part of every endpoint that is this account's in this Region, and the zone those names are in. */
  readonly suffix: string;
  readonly hostedZoneId: string;
  readonly instances: Map<string, Instance>;
}

export interface Rds {
  readonly ground: Ground;
  readonly in: (region: string) => Region;
}

export const PORT = 5432;

export function find(rds: Rds, region: string, identifier: string): Instance {
  const found = rds.in(region).instances.get(identifier);
  if (!found) throw noInstance(identifier);
  return found;
}

export const inOrder = (region: Region): Instance[] =>
  [...region.instances.values()].sort((a, b) => (a.identifier < b.identifier ? -1 : 1));

/** RDS uploads the transaction logs every five minutes: no later instant can be restored. */
const UPLOAD_MILLISECONDS = 5 * 60_000;

function latestRestorable({ createdAt, settings }: Instance, at: number): Date | undefined {
  const uploaded = at - (at % UPLOAD_MILLISECONDS);
  return settings.backupRetentionDays > 0 && uploaded > createdAt ? new Date(uploaded) : undefined;
}

export function describe(instance: Instance, { hostedZoneId }: Region, { at }: Call): DBInstance {
  const { settings, region, identifier } = instance;
  const restorable = latestRestorable(instance, at);
  const major = instance.engineVersion.split('.')[0] ?? '';
  return {
    DBInstanceIdentifier: identifier,
    DBInstanceClass: settings.instanceClass,
    Engine: 'postgres',
    DBInstanceStatus: instance.status,
    MasterUsername: settings.masterUsername,
    DBName: settings.databaseName,
    Endpoint: { Address: instance.address, Port: PORT, HostedZoneId: hostedZoneId },
    AllocatedStorage: settings.allocatedStorageGigabytes,
    InstanceCreateTime: new Date(instance.createdAt),
    PreferredBackupWindow: '03:00-03:30',
    BackupRetentionPeriod: settings.backupRetentionDays,
    DBSecurityGroups: [],
    VpcSecurityGroups: settings.securityGroups.map((VpcSecurityGroupId) => ({ VpcSecurityGroupId, Status: 'active' })),
    DBParameterGroups: [{ DBParameterGroupName: `default.postgres${major}`, ParameterApplyStatus: 'in-sync' }],
    AvailabilityZone: settings.availabilityZone,
    DBSubnetGroup: {
      DBSubnetGroupName: settings.subnetGroup,
      DBSubnetGroupDescription: settings.subnetGroup,
      VpcId: settings.vpc,
      SubnetGroupStatus: 'Complete',
      Subnets: settings.subnets.map((SubnetIdentifier, place) => ({
        SubnetIdentifier,
        SubnetAvailabilityZone: { Name: `${region}${zoneLetter(place)}` },
        SubnetOutpost: {},
        SubnetStatus: 'Active',
      })),
    },
    PreferredMaintenanceWindow: 'sun:04:00-sun:04:30',
    PendingModifiedValues: {},
    ...(restorable && { LatestRestorableTime: restorable }),
    MultiAZ: settings.multiAz,
    EngineVersion: instance.engineVersion,
    AutoMinorVersionUpgrade: true,
    ReadReplicaDBInstanceIdentifiers: [],
    LicenseModel: 'postgresql-license',
    OptionGroupMemberships: [{ OptionGroupName: `default:postgres-${major}`, Status: 'in-sync' }],
    ...(settings.multiAz && { SecondaryAvailabilityZone: `${region}${zoneLetter(1)}` }),
    PubliclyAccessible: settings.publiclyAccessible,
    StorageType: settings.storageType,
    DbInstancePort: 0,
    StorageEncrypted: true,
    KmsKeyId: settings.kmsKeyId,
    DbiResourceId: instance.resourceId,
    CACertificateIdentifier: 'rds-ca-rsa2048-g1',
    DomainMemberships: [],
    CopyTagsToSnapshot: true,
    MonitoringInterval: 0,
    DBInstanceArn: instance.arn,
    IAMDatabaseAuthenticationEnabled: false,
    PerformanceInsightsEnabled: false,
    DeletionProtection: settings.deletionProtection,
    AssociatedRoles: [],
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
  };
}

export const tagList = ({ tags }: Instance) => [...tags].map(([Key, Value]) => ({ Key, Value }));
export const zoneLetter = (place: number): string => 'abc'[place % 3] ?? 'a';
