// ModifyDBInstance: what is so at once, what RDS does as soon as it can, and what waits for the maintenance window.
import type { ModifyDBInstanceMessage } from '@aws-sdk/client-rds';
import type { Ask } from '../../iam/ask.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { changes } from './changes.ts';
import { requireFree } from './birth.ts';
import { describe } from './description.ts';
import { invalidState, refuseOthers, requireAvailable } from './failures.ts';
import { find, known, type Instance, type Pending, type Rds, type Settings } from './instance.ts';
import { tell } from './journal.ts';
import { proceed } from './lifecycle.ts';
import { arnOf, askAbout, identifierIn, requireIdentifier } from './naming.ts';
import { rename } from './renaming.ts';
import {
  HARMLESS,
  requireBackupWindow,
  requireClass,
  requireMaintenanceWindow,
  requireOptionGroup,
  requireParameterGroup,
  requirePassword,
  requireRetention,
  requireSecurityGroups,
  requireStorage,
  requireVersion,
  wrongStorage,
} from './wishes.ts';
import { nextWindow } from './windows.ts';

const IMITATED = [
  ...['DBInstanceIdentifier', 'NewDBInstanceIdentifier', 'ApplyImmediately', 'DBInstanceClass', 'AllocatedStorage'],
  ...['MaxAllocatedStorage', 'StorageType', 'MasterUserPassword', 'VpcSecurityGroupIds', 'DBParameterGroupName'],
  ...['OptionGroupName', 'BackupRetentionPeriod', 'PreferredBackupWindow', 'PreferredMaintenanceWindow', 'MultiAZ'],
  ...['DeletionProtection', 'CopyTagsToSnapshot', 'AutoMinorVersionUpgrade', 'PubliclyAccessible', 'EngineVersion'],
];

export function createModification(rds: Rds): OperationsOf<Sdks['rds']> {
  return {
    ModifyDBInstance: {
      asks: (input, call) => asksFor(rds, input, call),
      run(input, call) {
        refuseOthers('ModifyDBInstance', input, IMITATED, HARMLESS);
        const region = rds.in(call.region);
        const instance = find(rds, call.region, identifierIn(input.DBInstanceIdentifier ?? '', call));
        if (instance.pending.identifier !== undefined && input.NewDBInstanceIdentifier !== undefined)
          throw invalidState(`Instance ${instance.identifier} is already being renamed.`);
        requireAvailable(instance);
        const wanted = wantedOf(rds, instance, input, call);
        const atOnce = settingsAtOnce(rds, instance, input, call);
        instance.settings = { ...instance.settings, ...atOnce };
        if (atOnce.parameterGroup !== undefined) tell(rds, instance, 'usesParameters', atOnce.parameterGroup);
        instance.pending = { ...instance.pending, ...wanted };
        // Whoever asks sees the old name still, and what is to come.
        const answer = describe(instance, region, call);
        if (input.ApplyImmediately === true) apply(rds, instance, instance.pending);
        else defer(rds, instance, prompt(instance));
        return { DBInstance: answer };
      },
    },
  };
}

/** What RDS does without waiting for a window, whatever was said. */
function prompt({ pending, settings }: Instance): Pending {
  const { password, securityGroups, backupRetentionDays: days } = pending;
  const soon = days !== undefined && days > 0 && settings.backupRetentionDays > 0;
  return {
    ...(password !== undefined && { password }),
    ...(securityGroups !== undefined && { securityGroups }),
    ...(soon && { backupRetentionDays: days }),
  };
}

/** Begins with all of it; names go last, so that the rest is done under the new one. */
function apply(rds: Rds, instance: Instance, pending: Pending): void {
  const work = changes(rds, instance, pending);
  const renaming = pending.identifier === undefined ? [] : rename(rds, instance, pending.identifier);
  if (work.length + renaming.length === 0) return;
  // For a moment RDS goes on saying `available`: whoever believes it has not waited.
  const heeding = renaming.length > 0 ? [] : [{ status: 'available', takes: 'rds:Heeding' }];
  proceed(rds, instance, [...heeding, ...renaming, ...work]);
}

function defer(rds: Rds, instance: Instance, soon: Pending): void {
  apply(rds, instance, soon);
  const rest = Object.keys(instance.pending).filter((key) => !Object.hasOwn(soon, key));
  if (rest.length > 0) awaitWindow(rds, instance);
}

function awaitWindow(rds: Rds, instance: Instance): void {
  const { timeline } = rds.ground;
  timeline.at(nextWindow(instance.settings.maintenanceWindow, timeline.now()), () => {
    const stands = rds.in(instance.region).instances.get(instance.identifier) === instance;
    if (!stands || Object.keys(instance.pending).length === 0) return;
    if (instance.status !== 'available' || instance.busy) return awaitWindow(rds, instance);
    const { identifier: wanted } = instance.pending;
    const taken = wanted !== undefined && rds.in(instance.region).instances.has(wanted);
    // Somebody else got the name meanwhile.
    if (taken) {
      const { identifier: _gone, ...rest } = instance.pending;
      instance.pending = rest;
    }
    apply(rds, instance, instance.pending);
  });
}

/** What is asked for and not so already. */
function wantedOf(
  rds: Rds,
  { settings, region: name, engineVersion }: Instance,
  input: ModifyDBInstanceMessage,
  call: Call,
): Pending {
  const region = rds.in(name);
  const storageType = input.StorageType ?? settings.storageType;
  const newIdentifier =
    input.NewDBInstanceIdentifier === undefined
      ? undefined
      : requireIdentifier(input.NewDBInstanceIdentifier, 'NewDBInstanceIdentifier');
  if (newIdentifier !== undefined) requireFree(rds, call.region, newIdentifier);
  if (input.EngineVersion !== undefined) requireVersion(input.EngineVersion);
  requireOptionGroup(input.OptionGroupName, engineVersion);
  const asked: Pending = {
    ...(input.DBInstanceClass !== undefined && { instanceClass: requireClass(input.DBInstanceClass) }),
    ...(input.AllocatedStorage !== undefined && {
      allocatedStorageGigabytes: requireGrowth(settings, input.AllocatedStorage, storageType),
    }),
    ...(input.StorageType !== undefined && { storageType }),
    ...(input.MultiAZ !== undefined && { multiAz: input.MultiAZ }),
    ...(input.BackupRetentionPeriod !== undefined && { backupRetentionDays: requireRetention(input.BackupRetentionPeriod) }),
    ...(input.VpcSecurityGroupIds !== undefined && {
      securityGroups: requireSecurityGroups(region, input.VpcSecurityGroupIds),
    }),
  };
  if (input.StorageType !== undefined) requireStorage(settings.allocatedStorageGigabytes, storageType);
  const differs = Object.entries(asked).filter(
    ([key, value]) => JSON.stringify(settings[key as keyof Settings]) !== JSON.stringify(value),
  );
  return {
    ...(Object.fromEntries(differs) as Pending),
    ...(input.MasterUserPassword !== undefined && { password: requirePassword(input.MasterUserPassword) }),
    ...(newIdentifier !== undefined && { identifier: newIdentifier }),
  };
}

const LEAST_GROWTH = 1.1;
/** Storage never shrinks, and grows by a tenth at least. */
function requireGrowth({ allocatedStorageGigabytes: now }: Settings, wanted: number, type: string): number {
  if (wanted < now) throw wrongStorage(wanted, type);
  return wanted === now ? now : requireStorage(Math.max(wanted, Math.ceil(now * LEAST_GROWTH)), type);
}

/** What costs RDS nothing is so when it answers. */
function settingsAtOnce(rds: Rds, instance: Instance, input: ModifyDBInstanceMessage, call: Call): Partial<Settings> {
  const { settings, engineVersion } = instance;
  const group =
    input.DBParameterGroupName === undefined
      ? undefined
      : requireParameterGroup(rds.in(instance.region), call, input.DBParameterGroupName, engineVersion).name;
  return {
    ...(input.DeletionProtection !== undefined && { deletionProtection: input.DeletionProtection }),
    ...(input.CopyTagsToSnapshot !== undefined && { copyTagsToSnapshot: input.CopyTagsToSnapshot }),
    ...(input.AutoMinorVersionUpgrade !== undefined && { autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade }),
    ...(input.PubliclyAccessible !== undefined && { publiclyAccessible: input.PubliclyAccessible }),
    ...(input.MaxAllocatedStorage !== undefined && { maxAllocatedStorageGigabytes: input.MaxAllocatedStorage }),
    ...(input.PreferredBackupWindow !== undefined && { backupWindow: requireBackupWindow(input.PreferredBackupWindow) }),
    ...(input.PreferredMaintenanceWindow !== undefined && {
      maintenanceWindow: requireMaintenanceWindow(input.PreferredMaintenanceWindow),
    }),
    // The name changes at once; what it means comes with the next restart.
    ...(group !== undefined && group !== settings.parameterGroup && { parameterGroup: group, parameterStatus: 'pending-reboot' }),
  };
}

/** The instance, and whichever groups are named. */
function asksFor(rds: Rds, input: ModifyDBInstanceMessage, call: Call): Ask[] {
  const { DBInstanceIdentifier: name, DBParameterGroupName: parameters, OptionGroupName: options } = input;
  const of = (kind: 'og' | 'pg', group: string): Ask => ({
    action: 'rds:ModifyDBInstance',
    resource: arnOf(call.region, call.account, kind, group.toLowerCase()),
  });
  return [
    askAbout('ModifyDBInstance', 'db', name, call, known(rds, call, name)?.tags),
    ...(parameters === undefined ? [] : [of('pg', parameters)]),
    ...(options === undefined ? [] : [of('og', options)]),
  ];
}
