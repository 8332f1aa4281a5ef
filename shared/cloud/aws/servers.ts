// Servers made, dressed, renamed, put aside and removed on RDS. What is begun already is not begun again.
import {
  AddTagsToResourceCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  ModifyDBInstanceCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  type Tag,
} from '@aws-sdk/client-rds';
import type { InstanceSettings } from '../../runbooks/instances.ts';
import type { NewServer, Servers, Tags } from '../ports.ts';
import { asking, nameOf } from './errors.ts';
import { readLogin } from './postgres/login.ts';
import { awsSecrets } from './secrets.ts';

export function awsServers(): Servers {
  const rds = new RDSClient({});
  const readSecret = awsSecrets();

  return {
    takeSnapshot: (DBInstanceIdentifier, DBSnapshotIdentifier, tags) =>
      asking(`taking the snapshot ${DBSnapshotIdentifier} of ${DBInstanceIdentifier}`, () =>
        unlessDone('DBSnapshotAlreadyExistsFault', () =>
          rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier, Tags: tagList(tags) })),
        ),
      ),
    restore: (from, as) =>
      asking(`restoring ${as.instance}`, () =>
        unlessDone('DBInstanceAlreadyExistsFault', () =>
          from.kind === 'snapshot'
            ? rds.send(
                new RestoreDBInstanceFromDBSnapshotCommand({
                  ...asMade(as),
                  DBInstanceIdentifier: as.instance,
                  DBSnapshotIdentifier: from.snapshot,
                }),
              )
            : rds.send(
                new RestoreDBInstanceToPointInTimeCommand({
                  ...asMade(as),
                  TargetDBInstanceIdentifier: as.instance,
                  SourceDbiResourceId: from.resourceId,
                  RestoreTime: new Date(from.at),
                }),
              ),
        ),
      ),
    adjust: (DBInstanceIdentifier, settings, secret) =>
      asking(`modifying ${DBInstanceIdentifier}`, async () => {
        const master = secret === null ? {} : { MasterUserPassword: (await readLogin(readSecret, secret)).password };
        await rds.send(
          new ModifyDBInstanceCommand({ DBInstanceIdentifier, ApplyImmediately: true, ...asModified(settings), ...master }),
        );
      }),
    stop: (DBInstanceIdentifier, lastSnapshot) =>
      asking(`stopping ${DBInstanceIdentifier}`, async () => {
        await rds.send(
          new StopDBInstanceCommand({
            DBInstanceIdentifier,
            ...(lastSnapshot !== null && { DBSnapshotIdentifier: lastSnapshot }),
          }),
        );
      }),
    start: (DBInstanceIdentifier) =>
      asking(`starting ${DBInstanceIdentifier}`, async () => {
        await rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier }));
      }),
    remove: (DBInstanceIdentifier) =>
      asking(`removing ${DBInstanceIdentifier}`, () =>
        unlessDone('DBInstanceNotFoundFault', () =>
          rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true, DeleteAutomatedBackups: true })),
        ),
      ),
    removeSnapshot: (DBSnapshotIdentifier) =>
      asking(`removing the snapshot ${DBSnapshotIdentifier}`, () =>
        unlessDone('DBSnapshotNotFoundFault', () => rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier }))),
      ),
    tag: (ResourceName, tags) =>
      asking(`tagging ${ResourceName}`, async () => {
        await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: tagList(tags) }));
      }),
  };
}

/** An earlier try of ours may have done it; whose it is, the caller looks. */
async function unlessDone(fault: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (nameOf(error) !== fault) throw error;
  }
}

const tagList = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** What a restore can be told; the rest is given when it stands. */
const asMade = ({ settings, tags }: NewServer) => ({
  DBInstanceClass: settings.instanceClass,
  StorageType: settings.storageType,
  MultiAZ: settings.multiAz,
  PubliclyAccessible: settings.publiclyAccessible,
  VpcSecurityGroupIds: settings.securityGroups,
  DBSubnetGroupName: settings.subnetGroup,
  DBParameterGroupName: settings.parameterGroup,
  OptionGroupName: settings.optionGroup,
  DeletionProtection: settings.deletionProtection,
  CopyTagsToSnapshot: settings.copyTagsToSnapshot,
  EnableIAMDatabaseAuthentication: settings.iamAuthentication,
  AutoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
  Tags: tagList(tags),
});

function asModified(settings: Partial<InstanceSettings>): Omit<ModifyDBInstanceCommandInput, 'DBInstanceIdentifier'> {
  const { instanceClass, storageType, multiAz, publiclyAccessible, securityGroups, parameterGroup, optionGroup } = settings;
  const { deletionProtection, backupRetentionDays, backupWindow, maintenanceWindow, copyTagsToSnapshot } = settings;
  const { iamAuthentication, autoMinorVersionUpgrade, certificateAuthority } = settings;
  return {
    ...(instanceClass !== undefined && { DBInstanceClass: instanceClass }),
    ...(storageType !== undefined && { StorageType: storageType }),
    ...(multiAz !== undefined && { MultiAZ: multiAz }),
    ...(publiclyAccessible !== undefined && { PubliclyAccessible: publiclyAccessible }),
    ...(securityGroups !== undefined && { VpcSecurityGroupIds: securityGroups }),
    ...(parameterGroup !== undefined && { DBParameterGroupName: parameterGroup }),
    ...(optionGroup !== undefined && { OptionGroupName: optionGroup }),
    ...(deletionProtection !== undefined && { DeletionProtection: deletionProtection }),
    ...(backupRetentionDays !== undefined && { BackupRetentionPeriod: backupRetentionDays }),
    ...(backupWindow !== undefined && { PreferredBackupWindow: backupWindow }),
    ...(maintenanceWindow !== undefined && { PreferredMaintenanceWindow: maintenanceWindow }),
    ...(copyTagsToSnapshot !== undefined && { CopyTagsToSnapshot: copyTagsToSnapshot }),
    ...(iamAuthentication !== undefined && { EnableIAMDatabaseAuthentication: iamAuthentication }),
    ...(autoMinorVersionUpgrade !== undefined && { AutoMinorVersionUpgrade: autoMinorVersionUpgrade }),
    ...(certificateAuthority != null && { CACertificateIdentifier: certificateAuthority }),
  };
}
