// Automated backups as RDS lists them: those of standing instances, and those that were retained when their instances went.
import type { DBInstanceAutomatedBackup } from '@aws-sdk/client-rds';
import type { Ask } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { defaultOptionGroup } from './description.ts';
import { invalidCombination, invalidValue, refuseOthers } from './failures.ts';
import { requireFilters, type Answers } from './filters.ts';
import { PORT, type Rds, tagList } from './instance.ts';
import { askAbout, identifierIn } from './naming.ts';
import { pageOf } from './page.ts';
import { type Backup, discard, vaultAt, windowOf } from './vault.ts';

interface Named {
  readonly DbiResourceId?: string | undefined;
  readonly DBInstanceAutomatedBackupsArn?: string | undefined;
}

const FILTERS: Answers<Backup> = {
  'db-instance-id': ({ of }, value) => of.identifier === value.toLowerCase() || of.arn === value,
  'dbi-resource-id': ({ of }, value) => of.resourceId === value,
  status: (backup, value) => statusOf(backup) === value,
};
const ASKED = ['DbiResourceId', 'DBInstanceIdentifier', 'Filters', 'MaxRecords', 'Marker', 'DBInstanceAutomatedBackupsArn'];
const statusOf = ({ endedAt }: Backup): string => (endedAt === undefined ? 'active' : 'retained');

export function findBackup(rds: Rds, call: Call, { DbiResourceId: resource, DBInstanceAutomatedBackupsArn: arn }: Named): Backup {
  const { backups } = vaultAt(rds, call.region, call.at);
  const found = [...backups.values()].find((one) => (resource === undefined ? one.arn === arn : one.of.resourceId === resource));
  if (!found)
    throw new AwsError('DBInstanceAutomatedBackupNotFound', `The automated backup of ${resource ?? arn ?? ''} was not found.`);
  return found;
}

export function createAutomatedBackups(rds: Rds): OperationsOf<Sdks['rds']> {
  const ask = (action: string, { DbiResourceId: resource, DBInstanceAutomatedBackupsArn: arn }: Named, call: Call): Ask => {
    const backup = rds.vault(call.region).backups.get(resource ?? '');
    const all = [...rds.vault(call.region).backups.values()];
    const tags = (backup ?? all.find((one) => one.arn === arn))?.of.tags;
    return askAbout(action, 'auto-backup', arn ?? backup?.id ?? '*', call, tags);
  };
  return {
    DescribeDBInstanceAutomatedBackups: {
      asks: (input, call) => [ask('DescribeDBInstanceAutomatedBackups', input, call)],
      run(input, call) {
        refuseOthers('DescribeDBInstanceAutomatedBackups', input, ASKED);
        const {
          DBInstanceIdentifier: instance,
          DbiResourceId: resource,
          DBInstanceAutomatedBackupsArn: arn,
          Filters: filters,
        } = input;
        const of = instance === undefined ? undefined : identifierIn(instance, call);
        if (resource !== undefined || arn !== undefined) findBackup(rds, call, input);
        const found = [...vaultAt(rds, call.region, call.at).backups.values()]
          .filter((one) => of === undefined || one.of.identifier === of)
          .filter((one) => resource === undefined || one.of.resourceId === resource)
          .filter((one) => arn === undefined || one.arn === arn)
          .filter(requireFilters(filters, FILTERS))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        const question = [call.region, 'automated backups', instance, resource, arn, filters];
        const { items, next } = pageOf(found, input, question, ({ id }) => id);
        return {
          DBInstanceAutomatedBackups: items.map((one) => describeBackup(rds, one, call.at)),
          ...(next !== undefined && { Marker: next }),
        };
      },
    },
    DeleteDBInstanceAutomatedBackup: {
      asks: (input, call) => [ask('DeleteDBInstanceAutomatedBackup', input, call)],
      run(input, call) {
        refuseOthers('DeleteDBInstanceAutomatedBackup', input, ['DbiResourceId', 'DBInstanceAutomatedBackupsArn']);
        const { DbiResourceId: resource, DBInstanceAutomatedBackupsArn: arn } = input;
        if (resource === undefined && arn === undefined)
          throw invalidValue('Either DbiResourceId or DBInstanceAutomatedBackupsArn must be specified.');
        if (resource !== undefined && arn !== undefined)
          throw invalidCombination('DbiResourceId and DBInstanceAutomatedBackupsArn cannot both be specified.');
        const backup = findBackup(rds, call, input);
        if (backup.endedAt === undefined)
          throw new AwsError(
            'InvalidDBInstanceAutomatedBackupState',
            `The automated backup of ${backup.of.identifier} is active: only a retained one can be deleted.`,
          );
        discard(rds, rds.vault(call.region), backup);
        return { DBInstanceAutomatedBackup: { ...describeBackup(rds, backup, call.at), Status: 'deleting' } };
      },
    },
  };
}

function describeBackup(rds: Rds, backup: Backup, at: number): DBInstanceAutomatedBackup {
  const { of } = backup;
  const { settings } = of;
  const window = windowOf(backup, at);
  return {
    DBInstanceArn: of.arn,
    DbiResourceId: of.resourceId,
    Region: of.region,
    DBInstanceIdentifier: of.identifier,
    ...(window && { RestoreWindow: { EarliestTime: new Date(window.earliest), LatestTime: new Date(window.latest) } }),
    AllocatedStorage: settings.allocatedStorageGigabytes,
    Status: statusOf(backup),
    Port: PORT,
    AvailabilityZone: settings.availabilityZone,
    VpcId: rds.in(of.region).vpc,
    InstanceCreateTime: new Date(of.createdAt),
    MasterUsername: settings.masterUsername,
    Engine: 'postgres',
    EngineVersion: of.engineVersion,
    LicenseModel: 'postgresql-license',
    OptionGroupName: defaultOptionGroup(of.engineVersion),
    Encrypted: settings.storageEncrypted,
    StorageType: settings.storageType,
    ...(settings.storageEncrypted && { KmsKeyId: settings.kmsKeyId }),
    IAMDatabaseAuthenticationEnabled: false,
    BackupRetentionPeriod: settings.backupRetentionDays,
    PreferredBackupWindow: settings.backupWindow,
    DBInstanceAutomatedBackupsArn: backup.arn,
    DBInstanceAutomatedBackupsReplications: [],
    BackupTarget: 'region',
    MultiTenant: false,
    TagList: tagList(of),
    DedicatedLogVolume: false,
  };
}
