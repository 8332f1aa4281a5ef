// Snapshots by hand: taken, described, copied, deleted. Automated ones are only described and copied.
import type { CreateDBSnapshotMessage, DBSnapshot } from '@aws-sdk/client-rds';
import type { Ask } from '../../iam/ask.ts';
import { AwsError, notImitated } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { defaultOptionGroup } from './description.ts';
import { invalidState, invalidValue, missing, noSnapshot, refuseOthers } from './failures.ts';
import { requireFilters, type Answers } from './filters.ts';
import { find, known, PORT, type Instance, type Rds, tagList } from './instance.ts';
import { tellOfSnapshot } from './journal.ts';
import { dataForCopy, keep, takeSnapshot } from './keeping.ts';
import { usableKey } from './keys.ts';
import { proceed } from './lifecycle.ts';
import { arnOf, askAbout, asksForTags, identifierIn, requestContext, requireIdentifier } from './naming.ts';
import { pageOf } from './page.ts';
import { tagsFrom } from './tags.ts';
import {
  findSnapshot,
  isReady,
  letGo,
  LONGEST_NAME,
  requireRoom,
  snapshotIn,
  type Snapshot,
  storageOf,
  vaultAt,
} from './vault.ts';

const FILTERS: Answers<Snapshot> = {
  'db-instance-id': ({ of, region, arn }, value) =>
    of.identifier === value.toLowerCase() || arnOf(region, arn.split(':')[4] ?? '', 'db', of.identifier) === value,
  'db-snapshot-id': ({ identifier, arn }, value) => identifier === value.toLowerCase() || arn === value,
  'dbi-resource-id': ({ of }, value) => of.resourceId === value,
  engine: (_snapshot, value) => value === 'postgres',
  'snapshot-type': ({ type }, value) => type === value,
};
const TYPES = ['automated', 'awsbackup', 'manual', 'public', 'shared'];
const ASKED = [
  'DBInstanceIdentifier',
  'DBSnapshotIdentifier',
  'SnapshotType',
  'Filters',
  'MaxRecords',
  'Marker',
  'DbiResourceId',
];
const COPIED = ['SourceDBSnapshotIdentifier', 'TargetDBSnapshotIdentifier', 'KmsKeyId', 'Tags', 'CopyTags', 'OptionGroupName'];

export function createSnapshots(rds: Rds): OperationsOf<Sdks['rds']> {
  const tagsOf = (call: Call, name = ''): ReadonlyMap<string, string> | undefined =>
    rds.vault(call.region).snapshots.get(name.replace(arnOf(call.region, call.account, 'snapshot', ''), '').toLowerCase())?.tags;
  const about = (action: string, name: string | undefined, call: Call, more: Ask['context'] = {}): Ask =>
    askAbout(action, 'snapshot', name, call, tagsOf(call, name), more);
  const standing = (call: Call, name: string | undefined): Snapshot => {
    if (name === undefined || name === '') throw missing('DBSnapshotIdentifier');
    return findSnapshot(rds, call.region, call.account, name, call.at);
  };

  return {
    CreateDBSnapshot: {
      asks: (input, call) => [
        askAbout('CreateDBSnapshot', 'db', input.DBInstanceIdentifier, call, known(rds, call, input.DBInstanceIdentifier)?.tags),
        askAbout('CreateDBSnapshot', 'snapshot', input.DBSnapshotIdentifier, call, new Map(), requestContext(input.Tags)),
        ...asksForTags('snapshot', input.DBSnapshotIdentifier, input.Tags, call),
      ],
      run: (input, call) => create(rds, input, call),
    },
    DescribeDBSnapshots: {
      asks: (input, call) => [
        about('DescribeDBSnapshots', input.DBSnapshotIdentifier, call),
        ...(input.DBInstanceIdentifier === undefined
          ? []
          : [
              askAbout(
                'DescribeDBSnapshots',
                'db',
                input.DBInstanceIdentifier,
                call,
                known(rds, call, input.DBInstanceIdentifier)?.tags,
              ),
            ]),
      ],
      run(input, call) {
        refuseOthers('DescribeDBSnapshots', input, ASKED, { IncludeShared: false, IncludePublic: false });
        const { DBInstanceIdentifier: instance, DBSnapshotIdentifier: given, SnapshotType: type, Filters: filters } = input;
        const { DbiResourceId: resource } = input;
        if (type !== undefined && !TYPES.includes(type)) throw invalidValue(`Invalid snapshot type: ${type}`);
        const passes = requireFilters(filters, FILTERS);
        const of = instance === undefined ? undefined : identifierIn(instance, call);
        const name = given === undefined ? undefined : snapshotIn(call.region, call.account, given);
        const found = [...vaultAt(rds, call.region, call.at).snapshots.values()]
          .filter((one) => name === undefined || one.identifier === name)
          .filter((one) => of === undefined || one.of.identifier === of)
          .filter((one) => resource === undefined || one.of.resourceId === resource)
          .filter((one) => type === undefined || one.type === type)
          .filter(passes)
          .sort((a, b) => (a.identifier < b.identifier ? -1 : 1));
        if (name !== undefined && found.length === 0) throw noSnapshot(name);
        const question = [call.region, 'snapshots', instance, given, type, resource, filters];
        const { items, next } = pageOf(found, input, question, ({ identifier }) => identifier);
        return {
          DBSnapshots: items.map((one) => describeSnapshot(rds, one, call.at)),
          ...(next !== undefined && { Marker: next }),
        };
      },
    },
    CopyDBSnapshot: {
      asks: (input, call) => [
        about('CopyDBSnapshot', input.SourceDBSnapshotIdentifier, call),
        about('CopyDBSnapshot', input.TargetDBSnapshotIdentifier, call, requestContext(input.Tags)),
        ...asksForTags('snapshot', input.TargetDBSnapshotIdentifier, input.Tags, call),
      ],
      async run(input, call) {
        refuseOthers('CopyDBSnapshot', input, COPIED);
        const { SourceDBSnapshotIdentifier: from = '', TargetDBSnapshotIdentifier: to = '', KmsKeyId: key } = input;
        const [, region = call.region] = /^arn:aws:rds:([^:]+):/.exec(from) ?? [];
        if (region !== call.region) throw notImitated(`CopyDBSnapshot from another Region, as ${region}`);
        const original = standing(call, from);
        requireReady(original, call.at, 'copy');
        const identifier = requireIdentifier(to, 'TargetDBSnapshotIdentifier', LONGEST_NAME);
        requireRoom(rds, rds.in(call.region), identifier);
        const tags = new Map([...(input.CopyTags === true ? original.tags : []), ...tagsFrom(input.Tags)]);
        const kmsKeyId = key === undefined ? original.of.settings.kmsKeyId : await usableKey(rds, call, key);
        const storageEncrypted = original.of.settings.storageEncrypted || key !== undefined;
        const data = await dataForCopy(rds, original);
        const copy = keep(rds, call, {
          ...{
            identifier,
            type: 'manual',
            dataAt: original.dataAt,
            begunAt: rds.ground.timeline.now(),
            copiedFrom: original.arn,
          },
          of: { ...original.of, settings: { ...original.of.settings, kmsKeyId, storageEncrypted } },
          ...{ tags, data },
        });
        return { DBSnapshot: describeSnapshot(rds, copy, call.at) };
      },
    },
    DeleteDBSnapshot: {
      asks: (input, call) => [about('DeleteDBSnapshot', input.DBSnapshotIdentifier, call)],
      async run(input, call) {
        const snapshot = standing(call, input.DBSnapshotIdentifier);
        if (snapshot.type !== 'manual') throw wrongState('Only manual snapshots may be deleted.');
        requireReady(snapshot, call.at, 'delete');
        rds.vault(call.region).snapshots.delete(snapshot.identifier);
        await letGo(storageOf(snapshot));
        tellOfSnapshot(rds, snapshot, 'deletedManual');
        return { DBSnapshot: { ...describeSnapshot(rds, snapshot, call.at), Status: 'deleted' } };
      },
    },
  };
}

async function create(rds: Rds, input: CreateDBSnapshotMessage, call: Call) {
  const instance = find(rds, call.region, identifierIn(input.DBInstanceIdentifier ?? '', call));
  const identifier = requireIdentifier(input.DBSnapshotIdentifier ?? '', 'DBSnapshotIdentifier', LONGEST_NAME);
  const tags = tagsFrom(input.Tags);
  requireRoom(rds, rds.in(call.region), identifier);
  if (instance.status !== 'available' || instance.busy)
    throw invalidState(
      `Cannot create a snapshot because the database instance ${instance.identifier} is not currently in the available state.`,
    );
  // Nobody else gets it while its storage is read.
  instance.busy = true;
  const snapshot = await takeSnapshot(rds, instance, identifier, tags).finally(() => (instance.busy = false));
  suspend(rds, instance);
  return { DBSnapshot: describeSnapshot(rds, snapshot, call.at) };
}

/** A Multi-AZ instance is backed up from its standby. */
function suspend(rds: Rds, instance: Instance): void {
  if (!instance.settings.multiAz) proceed(rds, instance, [{ status: 'backing-up', takes: 'rds:SnapshotBackingUp' }]);
}

export function requireReady(snapshot: Snapshot, at: number, what: string): void {
  if (!isReady(snapshot, at))
    throw wrongState(`Cannot ${what} the snapshot ${snapshot.identifier} because it is not currently in the available state.`);
}

const wrongState = (message: string): AwsError => new AwsError('InvalidDBSnapshotState', message);

function describeSnapshot(rds: Rds, snapshot: Snapshot, at: number): DBSnapshot {
  const { of, begunAt, readyAt, copiedFrom, region, data } = snapshot;
  const { settings } = of;
  const ready = isReady(snapshot, at);
  const done = ready ? 1 : Math.max(0, (at - begunAt) / (readyAt - begunAt));
  return {
    DBSnapshotIdentifier: snapshot.identifier,
    DBInstanceIdentifier: of.identifier,
    // RDS knows when it was taken once it was.
    ...(ready && { SnapshotCreateTime: new Date(begunAt), OriginalSnapshotCreateTime: new Date(snapshot.dataAt) }),
    Engine: 'postgres',
    AllocatedStorage: settings.allocatedStorageGigabytes,
    Status: ready ? 'available' : 'creating',
    Port: PORT,
    AvailabilityZone: settings.availabilityZone,
    VpcId: rds.in(region).vpc,
    InstanceCreateTime: new Date(of.createdAt),
    MasterUsername: settings.masterUsername,
    EngineVersion: of.engineVersion,
    LicenseModel: 'postgresql-license',
    SnapshotType: snapshot.type,
    OptionGroupName: defaultOptionGroup(of.engineVersion),
    PercentProgress: Math.floor(done * 100),
    ...(copiedFrom !== undefined && { SourceDBSnapshotIdentifier: copiedFrom, SourceRegion: region }),
    StorageType: settings.storageType,
    Encrypted: settings.storageEncrypted,
    ...(settings.storageEncrypted && { KmsKeyId: settings.kmsKeyId }),
    BackupRetentionPeriod: settings.backupRetentionDays,
    PreferredBackupWindow: settings.backupWindow,
    DBSnapshotArn: snapshot.arn,
    IAMDatabaseAuthenticationEnabled: false,
    ProcessorFeatures: [],
    DbiResourceId: of.resourceId,
    TagList: tagList(snapshot),
    SnapshotTarget: 'region',
    MultiTenant: false,
    DedicatedLogVolume: false,
    ...(ready && data.kind === 'image' && { FullSnapshotSizeInBytes: data.image.bytes }),
  };
}
