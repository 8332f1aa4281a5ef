// CreateDBInstance: an empty PostgreSQL of one's own.
import type { CreateDBInstanceMessage } from '@aws-sdk/client-rds';
import type { Ask } from '../../iam/ask.ts';
import type { Cluster } from '../../world/contract.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { bear } from './birth.ts';
import { describe } from './description.ts';
import { refuseOthers } from './failures.ts';
import type { Rds, Region, Settings } from './instance.ts';
import { requireKey } from './keys.ts';
import { arnOf, askAbout, asksForTags, requestContext, requireIdentifier } from './naming.ts';
import { tagsFrom } from './tags.ts';
import {
  BACKUP_WINDOW,
  engineVersion,
  HARMLESS,
  MAINTENANCE_WINDOW,
  requireBackupWindow,
  requireClass,
  requireDatabase,
  requireEngine,
  requireMaintenanceWindow,
  requireMaster,
  requireOptionGroup,
  requireParameterGroup,
  requirePassword,
  requireRetention,
  requireStorage,
  requireSubnetGroup,
  requireVersion,
  requireZone,
  securityGroupsOr,
} from './wishes.ts';

const IMITATED = [
  ...['DBInstanceIdentifier', 'DBInstanceClass', 'Engine', 'EngineVersion', 'AllocatedStorage', 'MaxAllocatedStorage'],
  ...['MasterUsername', 'MasterUserPassword', 'DBName', 'VpcSecurityGroupIds', 'DBSubnetGroupName', 'DBParameterGroupName'],
  ...['OptionGroupName', 'BackupRetentionPeriod', 'PreferredBackupWindow', 'PreferredMaintenanceWindow', 'MultiAZ'],
  ...['AvailabilityZone', 'StorageType', 'StorageEncrypted', 'KmsKeyId', 'DeletionProtection', 'CopyTagsToSnapshot'],
  ...['AutoMinorVersionUpgrade', 'PubliclyAccessible', 'Tags'],
];

export function createCreation(rds: Rds): OperationsOf<Sdks['rds']> {
  return {
    CreateDBInstance: {
      asks: (input, call) => [
        ...asksForNew('CreateDBInstance', input, call, contextOf(input)),
        ...asksForTags('db', input.DBInstanceIdentifier, input.Tags, call),
      ],
      async run(input, call) {
        refuseOthers('CreateDBInstance', input, IMITATED, HARMLESS);
        const region = rds.in(call.region);
        const identifier = requireIdentifier(input.DBInstanceIdentifier ?? '', 'DBInstanceIdentifier');
        requireEngine(input.Engine);
        const version = requireVersion(input.EngineVersion);
        const username = requireMaster(input.MasterUsername);
        const password = requirePassword(input.MasterUserPassword);
        const settings = await settingsOf(rds, region, input, call);
        const instance = bear(rds, call, {
          identifier,
          engineVersion: version,
          settings,
          tags: tagsFrom(input.Tags),
          takes: 'rds:Creating',
          make: async (names) => {
            const cluster = await rds.host().create({ ...names, master: { username, password } });
            await foundDatabase(cluster, settings);
            return cluster;
          },
        });
        return { DBInstance: { ...describe(instance, region, call), PendingModifiedValues: { MasterUserPassword: '****' } } };
      },
    },
  };
}

async function settingsOf(rds: Rds, region: Region, input: CreateDBInstanceMessage, call: Call): Promise<Settings> {
  const version = requireVersion(input.EngineVersion);
  const storageType = input.StorageType ?? 'gp3';
  const multiAz = input.MultiAZ ?? false;
  const group = requireSubnetGroup(region, input.DBSubnetGroupName);
  return {
    databaseName: requireDatabase(input.DBName),
    masterUsername: requireMaster(input.MasterUsername),
    instanceClass: requireClass(input.DBInstanceClass),
    allocatedStorageGigabytes: requireStorage(input.AllocatedStorage, storageType),
    maxAllocatedStorageGigabytes: input.MaxAllocatedStorage,
    storageType,
    ...(await requireKey(rds, call, input)),
    multiAz,
    publiclyAccessible: input.PubliclyAccessible ?? false,
    deletionProtection: input.DeletionProtection ?? false,
    copyTagsToSnapshot: input.CopyTagsToSnapshot ?? false,
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? true,
    backupRetentionDays: requireRetention(input.BackupRetentionPeriod ?? 1),
    backupWindow: requireBackupWindow(input.PreferredBackupWindow ?? BACKUP_WINDOW),
    maintenanceWindow: requireMaintenanceWindow(input.PreferredMaintenanceWindow ?? MAINTENANCE_WINDOW),
    ...requireZone(region, group, input.AvailabilityZone, multiAz),
    subnetGroup: group.name,
    securityGroups: securityGroupsOr(region, input.VpcSecurityGroupIds),
    parameterGroup: requireParameterGroup(region, call, input.DBParameterGroupName, version).name,
    parameterStatus: 'in-sync',
    optionGroup: requireOptionGroup(input.OptionGroupName, version),
  };
}

/** The database that was asked for belongs to the master, as on RDS. */
async function foundDatabase(cluster: Cluster, { databaseName, masterUsername }: Settings): Promise<void> {
  if (databaseName === undefined) return;
  const session = await cluster.open();
  try {
    await session.query(`CREATE DATABASE ${session.escapeIdentifier(databaseName)}`);
    await session.query(
      `ALTER DATABASE ${session.escapeIdentifier(databaseName)} OWNER TO ${session.escapeIdentifier(masterUsername)}`,
    );
  } finally {
    await session.end();
  }
}

interface Groups {
  readonly DBInstanceIdentifier?: string | undefined;
  readonly DBParameterGroupName?: string | undefined;
  readonly DBSubnetGroupName?: string | undefined;
  readonly OptionGroupName?: string | undefined;
}

/** A new instance uses a parameter group, an option group and a subnet group, the default ones too: each has to be allowed. */
export function asksForNew(action: string, input: Groups, call: Call, context: Ask['context']): Ask[] {
  const major = engineVersion().split('.')[0] ?? '';
  const of = (kind: 'og' | 'pg' | 'subgrp', name: string): Ask => ({
    action: `rds:${action}`,
    resource: arnOf(call.region, call.account, kind, name.toLowerCase()),
    ...(context && { context }),
  });
  return [
    askAbout(action, 'db', input.DBInstanceIdentifier, call, new Map(), context),
    of('pg', input.DBParameterGroupName ?? `default.postgres${major}`),
    of('og', input.OptionGroupName ?? `default:postgres-${major}`),
    of('subgrp', input.DBSubnetGroupName ?? 'default'),
  ];
}

/** What a policy may ask about an instance that is to be made. */
function contextOf(input: CreateDBInstanceMessage): NonNullable<Ask['context']> {
  const told: Record<string, string | number | boolean | undefined> = {
    'rds:DatabaseClass': input.DBInstanceClass,
    'rds:DatabaseEngine': input.Engine,
    'rds:DatabaseName': input.DBName,
    'rds:MultiAz': input.MultiAZ ?? false,
    'rds:StorageEncrypted': input.StorageEncrypted ?? false,
    'rds:StorageSize': input.AllocatedStorage,
    'rds:Vpc': true,
  };
  const words = Object.entries(told).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as const]));
  return { ...requestContext(input.Tags), ...Object.fromEntries(words) };
}
