// Read replicas: an instance that streams from another, and how it becomes one of its own.
import type { CreateDBInstanceReadReplicaMessage } from '@aws-sdk/client-rds';
import type { Replica } from '../../world/contract.ts';
import { AwsError, notImitated } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { backup, bear, requireFree } from './birth.ts';
import { asksForNew } from './creation.ts';
import { describe } from './description.ts';
import { invalidState, missing, refuseOthers } from './failures.ts';
import { find, known, type Instance, type Rds, type Settings } from './instance.ts';
import { tell } from './journal.ts';
import { proceed } from './lifecycle.ts';
import { askAbout, asksForTags, identifierIn, requestContext, requireIdentifier } from './naming.ts';
import { expose } from './reach.ts';
import { tagsFrom } from './tags.ts';
import {
  HARMLESS,
  requireBackupWindow,
  requireClass,
  requireOptionGroup,
  requireParameterGroup,
  requireRetention,
  requireStorage,
  requireSubnetGroup,
  requireZone,
  securityGroupsOr,
  wrongStorage,
} from './wishes.ts';

const IMITATED = [
  ...['DBInstanceIdentifier', 'SourceDBInstanceIdentifier', 'DBInstanceClass', 'AvailabilityZone', 'MultiAZ', 'Tags'],
  ...['AutoMinorVersionUpgrade', 'OptionGroupName', 'DBParameterGroupName', 'PubliclyAccessible', 'DBSubnetGroupName'],
  ...[
    'VpcSecurityGroupIds',
    'StorageType',
    'CopyTagsToSnapshot',
    'DeletionProtection',
    'AllocatedStorage',
    'MaxAllocatedStorage',
  ],
];
/** As many as RDS lets follow one PostgreSQL. */
const MOST = 15;

export function createReplicas(rds: Rds): OperationsOf<Sdks['rds']> {
  return {
    CreateDBInstanceReadReplica: {
      asks(input, call) {
        const source = known(rds, call, input.SourceDBInstanceIdentifier);
        const action = 'CreateDBInstanceReadReplica';
        const groups = { ...input, DBSubnetGroupName: input.DBSubnetGroupName ?? source?.settings.subnetGroup };
        return [
          ...asksForNew(action, groups, call, requestContext(input.Tags)),
          askAbout(action, 'db', input.SourceDBInstanceIdentifier, call, source?.tags, requestContext(input.Tags)),
          ...asksForTags('db', input.DBInstanceIdentifier, input.Tags, call),
        ];
      },
      run(input, call) {
        refuseOthers('CreateDBInstanceReadReplica', input, IMITATED, HARMLESS);
        const identifier = requireIdentifier(input.DBInstanceIdentifier ?? '', 'DBInstanceIdentifier');
        const source = requireSource(rds, input, call);
        requireFree(rds, call.region, identifier);
        const instance = bear(rds, call, {
          ...{ identifier, engineVersion: source.engineVersion, takes: 'rds:Replicating', replicaOf: source.identifier },
          settings: settingsOf(rds, source, input, call),
          tags: tagsFrom(input.Tags),
          async make(place) {
            if (!source.cluster) throw new Error(`${source.identifier} is gone`);
            return rds.host().replicate(source.cluster, place);
          },
        });
        source.replicas.add(identifier);
        return { DBInstance: describe(instance, rds.in(call.region), call) };
      },
    },
    PromoteReadReplica: {
      asks: ({ DBInstanceIdentifier: name }, call) => [
        askAbout('PromoteReadReplica', 'db', name, call, known(rds, call, name)?.tags),
      ],
      run(input, call) {
        refuseOthers('PromoteReadReplica', input, ['DBInstanceIdentifier', 'BackupRetentionPeriod', 'PreferredBackupWindow']);
        const instance = find(rds, call.region, identifierIn(input.DBInstanceIdentifier ?? '', call));
        const { identifier, status, busy, replicaOf, settings } = instance;
        if (replicaOf === undefined) throw invalidState(`DB Instance ${identifier} is not a read replica.`);
        if (status !== 'available' || busy)
          throw invalidState(`Instance ${identifier} is not currently available; its state is ${status}.`);
        const backupRetentionDays = requireRetention(input.BackupRetentionPeriod ?? 1);
        const backupWindow = requireBackupWindow(input.PreferredBackupWindow ?? settings.backupWindow);
        const promoted = { ...settings, backupRetentionDays, backupWindow };
        // `available` at first is no answer: it says so while nothing has happened yet.
        proceed(rds, instance, [
          { status: 'available', takes: 'rds:PromotionBeginning' },
          { status: 'modifying', takes: 'rds:Promoting', then: () => promote(rds, instance, promoted) },
          { status: 'rebooting', takes: 'rds:PromotionRebooting', first: () => restart(rds, instance) },
          ...(backupRetentionDays === 0 ? [] : [backup(rds, instance)]),
        ]);
        return { DBInstance: describe(instance, rds.in(call.region), call) };
      },
    },
  };
}

/** Backups of the source are what a replica begins with. */
function requireSource(
  rds: Rds,
  { SourceDBInstanceIdentifier: given }: CreateDBInstanceReadReplicaMessage,
  call: Call,
): Instance {
  if (!given) throw missing('SourceDBInstanceIdentifier');
  const [, region = call.region] = /^arn:aws:rds:([^:]+):/.exec(given) ?? [];
  if (region !== call.region) throw notImitated(`replicas of an instance in another Region, as ${region}`);
  const source = find(rds, call.region, identifierIn(given, call));
  const { identifier, status, busy, settings, replicas } = source;
  if (settings.backupRetentionDays === 0)
    throw invalidState(
      'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set the backup retention period to a non-zero value.',
    );
  if (status !== 'available' || busy)
    throw invalidState(`Instance ${identifier} is not currently available; its state is ${status}.`);
  if (replicas.size >= MOST)
    throw new AwsError(
      'InstanceQuotaExceeded',
      `The DB instance ${identifier} has ${MOST} read replicas already, the most it may have.`,
    );
  return source;
}

/** In the source's subnets and with its parameters, in the default security group, and without backups of its own. */
function settingsOf(
  rds: Rds,
  { settings, engineVersion }: Instance,
  input: CreateDBInstanceReadReplicaMessage,
  call: Call,
): Settings {
  const region = rds.in(call.region);
  const multiAz = input.MultiAZ ?? false;
  const group = requireSubnetGroup(region, input.DBSubnetGroupName ?? settings.subnetGroup);
  const storageType = input.StorageType ?? settings.storageType;
  const gigabytes = requireStorage(input.AllocatedStorage ?? settings.allocatedStorageGigabytes, storageType);
  if (gigabytes < settings.allocatedStorageGigabytes) throw wrongStorage(gigabytes, storageType);
  return {
    ...settings,
    instanceClass: input.DBInstanceClass === undefined ? settings.instanceClass : requireClass(input.DBInstanceClass),
    allocatedStorageGigabytes: gigabytes,
    maxAllocatedStorageGigabytes: input.MaxAllocatedStorage ?? settings.maxAllocatedStorageGigabytes,
    storageType,
    multiAz,
    publiclyAccessible: input.PubliclyAccessible ?? false,
    deletionProtection: input.DeletionProtection ?? false,
    copyTagsToSnapshot: input.CopyTagsToSnapshot ?? false,
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? settings.autoMinorVersionUpgrade,
    backupRetentionDays: 0,
    ...requireZone(region, group, input.AvailabilityZone, multiAz),
    subnetGroup: group.name,
    securityGroups: securityGroupsOr(region, input.VpcSecurityGroupIds),
    parameterGroup: requireParameterGroup(region, call, input.DBParameterGroupName ?? settings.parameterGroup, engineVersion)
      .name,
    parameterStatus: 'in-sync',
    optionGroup: requireOptionGroup(input.OptionGroupName, engineVersion),
  };
}

async function promote(rds: Rds, instance: Instance, settings: Settings): Promise<void> {
  await (instance.cluster as Replica).promote();
  const source = rds.in(instance.region).instances.get(instance.replicaOf ?? '');
  source?.replicas.delete(instance.identifier);
  instance.replicaOf = undefined;
  instance.settings = settings;
  tell(rds, instance, 'promoted');
}

async function restart(rds: Rds, instance: Instance): Promise<void> {
  await instance.cluster?.stop('fast');
  await instance.cluster?.start();
  expose(rds, instance);
  tell(rds, instance, 'restarted');
}
