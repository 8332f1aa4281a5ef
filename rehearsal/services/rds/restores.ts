// New instances from what was kept: from a snapshot, or from an automated backup as it was at an instant.
import type { RestoreDBInstanceFromDBSnapshotMessage, RestoreDBInstanceToPointInTimeMessage } from '@aws-sdk/client-rds';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { findBackup } from './automated.ts';
import { bear, requireFree } from './birth.ts';
import { asksForNew } from './creation.ts';
import { describe } from './description.ts';
import { invalidCombination, invalidState, invalidValue, missing, refuseOthers } from './failures.ts';
import { find, known, type Instance, type Rds, type Settings } from './instance.ts';
import { clusterAt, clusterFrom, later } from './keeping.ts';
import { arnOf, askAbout, asksForTags, identifierIn, requestContext, requireIdentifier } from './naming.ts';
import { requireReady } from './snapshots.ts';
import { tagsFrom } from './tags.ts';
import { type Backup, findSnapshot, type Source, storageOf, vaultAt, windowOf } from './vault.ts';
import {
  HARMLESS,
  requireBackupWindow,
  requireClass,
  requireEngine,
  requireOptionGroup,
  requireParameterGroup,
  requireRetention,
  requireStorage,
  requireSubnetGroup,
  requireZone,
  securityGroupsOr,
  wrongStorage,
} from './wishes.ts';

const COMMON = [
  ...['DBInstanceClass', 'AvailabilityZone', 'DBSubnetGroupName', 'MultiAZ', 'PubliclyAccessible', 'AutoMinorVersionUpgrade'],
  ...['Engine', 'OptionGroupName', 'Tags', 'StorageType', 'VpcSecurityGroupIds', 'CopyTagsToSnapshot', 'DBParameterGroupName'],
  ...['DeletionProtection', 'AllocatedStorage', 'BackupRetentionPeriod', 'PreferredBackupWindow'],
];
const FROM_SNAPSHOT = [...COMMON, 'DBInstanceIdentifier', 'DBSnapshotIdentifier'];
const FROM_BACKUP = [
  ...[...COMMON, 'TargetDBInstanceIdentifier', 'SourceDBInstanceIdentifier', 'SourceDbiResourceId', 'RestoreTime'],
  ...['UseLatestRestorableTime', 'SourceDBInstanceAutomatedBackupsArn', 'MaxAllocatedStorage'],
];

type Wishes = Pick<
  RestoreDBInstanceFromDBSnapshotMessage & RestoreDBInstanceToPointInTimeMessage,
  | ('DBInstanceClass' | 'AvailabilityZone' | 'DBSubnetGroupName' | 'MultiAZ' | 'PubliclyAccessible' | 'AutoMinorVersionUpgrade')
  | ('Engine' | 'OptionGroupName' | 'StorageType' | 'VpcSecurityGroupIds' | 'CopyTagsToSnapshot' | 'DBParameterGroupName')
  | ('DeletionProtection' | 'AllocatedStorage' | 'BackupRetentionPeriod' | 'PreferredBackupWindow' | 'MaxAllocatedStorage')
>;

export function createRestores(rds: Rds): OperationsOf<Sdks['rds']> {
  return {
    RestoreDBInstanceFromDBSnapshot: {
      asks(input, call) {
        const name = input.DBSnapshotIdentifier;
        const own = (name ?? '').toLowerCase().replace(arnOf(call.region, call.account, 'snapshot', ''), '');
        const tags = rds.vault(call.region).snapshots.get(own)?.tags;
        return [
          ...asksForNew('RestoreDBInstanceFromDBSnapshot', input, call, requestContext(input.Tags)),
          askAbout('RestoreDBInstanceFromDBSnapshot', 'snapshot', name, call, tags, requestContext(input.Tags)),
          ...asksForTags('db', input.DBInstanceIdentifier, input.Tags, call),
        ];
      },
      run(input, call) {
        refuseOthers('RestoreDBInstanceFromDBSnapshot', input, FROM_SNAPSHOT, HARMLESS);
        const identifier = requireIdentifier(input.DBInstanceIdentifier ?? '', 'DBInstanceIdentifier');
        if (!input.DBSnapshotIdentifier) throw missing('DBSnapshotIdentifier');
        const snapshot = findSnapshot(rds, call.region, call.account, input.DBSnapshotIdentifier, call.at);
        requireFree(rds, call.region, identifier);
        requireReady(snapshot, call.at, 'restore from');
        const instance = bear(rds, call, {
          ...{ identifier, engineVersion: snapshot.of.engineVersion, takes: 'rds:Restoring' },
          settings: settingsOf(rds, snapshot.of, input, call),
          tags: tagsFrom(input.Tags),
          make: later(storageOf(snapshot), (place) => clusterFrom(rds, snapshot, place)),
          tells: { what: 'restoredFromSnapshot', about: snapshot.identifier },
        });
        return { DBInstance: describe(instance, rds.in(call.region), call) };
      },
    },
    RestoreDBInstanceToPointInTime: {
      asks(input, call) {
        const { SourceDBInstanceIdentifier: source, SourceDBInstanceAutomatedBackupsArn: backup } = input;
        const { TargetDBInstanceIdentifier: target, SourceDbiResourceId: resource } = input;
        const action = 'RestoreDBInstanceToPointInTime';
        const meant = rds.vault(call.region).backups.get(resource ?? '');
        const from = source ?? meant?.of.identifier;
        return [
          ...asksForNew(action, { ...input, DBInstanceIdentifier: target }, call, requestContext(input.Tags)),
          ...(from === undefined
            ? []
            : [askAbout(action, 'db', from, call, known(rds, call, from)?.tags, requestContext(input.Tags))]),
          ...(backup === undefined ? [] : [askAbout(action, 'auto-backup', backup, call)]),
          ...asksForTags('db', target, input.Tags, call),
        ];
      },
      run(input, call) {
        refuseOthers('RestoreDBInstanceToPointInTime', input, FROM_BACKUP, HARMLESS);
        const identifier = requireIdentifier(input.TargetDBInstanceIdentifier ?? '', 'TargetDBInstanceIdentifier');
        const backup = backupMeant(rds, input, call);
        const to = instantMeant(backup, input, call);
        requireFree(rds, call.region, identifier);
        const { of } = backup;
        const instance = bear(rds, call, {
          ...{ identifier, engineVersion: of.engineVersion, takes: 'rds:Replaying' },
          settings: settingsOf(rds, of, input, call),
          tags: tagsFrom(input.Tags),
          make: later(backup.storage, (place) => clusterAt(rds, backup, to, place)),
          tells: { what: 'restoredToTime', about: of.identifier },
        });
        return { DBInstance: describe(instance, rds.in(call.region), call) };
      },
    },
  };
}

/** One of three names: the instance's, its resource id, or the backup's own, by which also what is gone is found. */
function backupMeant(rds: Rds, input: RestoreDBInstanceToPointInTimeMessage, call: Call): Backup {
  const { SourceDBInstanceIdentifier: source, SourceDbiResourceId: resource, SourceDBInstanceAutomatedBackupsArn: arn } = input;
  if ([source, resource, arn].filter((given) => given !== undefined).length !== 1)
    throw invalidCombination(
      'Exactly one of SourceDBInstanceIdentifier, SourceDbiResourceId and SourceDBInstanceAutomatedBackupsArn must be specified.',
    );
  if (source === undefined) return findBackup(rds, call, { DbiResourceId: resource, DBInstanceAutomatedBackupsArn: arn });
  const instance = find(rds, call.region, identifierIn(source, call));
  const found = vaultAt(rds, call.region, call.at).backups.get(instance.resourceId);
  if (!found) throw notEnabled(instance);
  return found;
}

function notEnabled({ identifier, settings, status }: Instance): Error {
  if (settings.backupRetentionDays === 0)
    return new AwsError(
      'PointInTimeRestoreNotEnabled',
      `Point in time restore is not enabled for the DB instance ${identifier}.`,
    );
  return invalidState(`Instance ${identifier} is not currently available; its state is ${status}.`);
}

/** RDS takes no fractions of a second. */
function instantMeant(backup: Backup, input: RestoreDBInstanceToPointInTimeMessage, { at }: Call): number {
  const { RestoreTime: time, UseLatestRestorableTime: latest = false } = input;
  if (latest === (time !== undefined))
    throw invalidCombination('Either RestoreTime or UseLatestRestorableTime must be specified, and not both.');
  const window = windowOf(backup, at);
  const { identifier, settings } = backup.of;
  if (!window) throw invalidValue(`The specified instance ${identifier} has no restorable time yet.`);
  if (time === undefined) return window.latest;
  const to = Math.floor(time.getTime() / 1000) * 1000;
  if (to > window.latest)
    throw invalidValue(`The specified instance cannot be restored to a time later than ${said(window.latest)}.`);
  if (to < Math.floor(window.earliest / 1000) * 1000)
    throw invalidValue(
      `The specified instance cannot be restored to a time earlier than ${said(window.earliest)} because its backup retention period is set to ${settings.backupRetentionDays} days.`,
    );
  return to;
}

const said = (instant: number): string => `${new Date(instant).toISOString().slice(0, 19)}Z`;

/** As a new instance in the default groups, of which only the storage and how it is backed up are its source's. */
function settingsOf(rds: Rds, { settings, engineVersion }: Source, wishes: Wishes, call: Call): Settings {
  if (wishes.Engine !== undefined) requireEngine(wishes.Engine);
  const region = rds.in(call.region);
  const multiAz = wishes.MultiAZ ?? false;
  const group = requireSubnetGroup(region, wishes.DBSubnetGroupName);
  const storageType = wishes.StorageType ?? settings.storageType;
  const gigabytes = requireStorage(wishes.AllocatedStorage ?? settings.allocatedStorageGigabytes, storageType);
  if (gigabytes < settings.allocatedStorageGigabytes) throw wrongStorage(gigabytes, storageType);
  return {
    ...settings,
    instanceClass: wishes.DBInstanceClass === undefined ? settings.instanceClass : requireClass(wishes.DBInstanceClass),
    allocatedStorageGigabytes: gigabytes,
    maxAllocatedStorageGigabytes: wishes.MaxAllocatedStorage ?? settings.maxAllocatedStorageGigabytes,
    storageType,
    multiAz,
    publiclyAccessible: wishes.PubliclyAccessible ?? false,
    deletionProtection: wishes.DeletionProtection ?? false,
    copyTagsToSnapshot: wishes.CopyTagsToSnapshot ?? false,
    autoMinorVersionUpgrade: wishes.AutoMinorVersionUpgrade ?? true,
    backupRetentionDays: requireRetention(wishes.BackupRetentionPeriod ?? settings.backupRetentionDays),
    backupWindow: requireBackupWindow(wishes.PreferredBackupWindow ?? settings.backupWindow),
    ...requireZone(region, group, wishes.AvailabilityZone, multiAz),
    subnetGroup: group.name,
    securityGroups: securityGroupsOr(region, wishes.VpcSecurityGroupIds),
    parameterGroup: requireParameterGroup(region, call, wishes.DBParameterGroupName, engineVersion).name,
    parameterStatus: 'in-sync',
    optionGroup: requireOptionGroup(wishes.OptionGroupName, engineVersion),
  };
}
