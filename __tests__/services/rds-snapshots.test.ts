import {
  CreateDBSnapshotCommand,
  DBSnapshotNotFoundFault,
  DescribeDBSnapshotsCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  type DBSnapshot,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { inside, instance, made, messages, refused, startScene, statusOf, until } from './rds-scene.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ARN = 'arn:aws:rds:eu-west-1:123456789012';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startScene();
  await made(cloud, 'orders', {
    BackupRetentionPeriod: 7,
    CopyTagsToSnapshot: true,
    StorageEncrypted: true,
    Tags: [{ Key: 'app', Value: 'orders' }],
  });
  await inside(cloud, 'orders', (session) => session.query('CREATE TABLE note (n int)'));
}, 60_000);
afterAll(() => cloud.stop());

const note = (n: number, name = 'orders') => inside(cloud, name, (session) => session.query('INSERT INTO note VALUES ($1)', [n]));
const notes = (name: string): Promise<number[]> =>
  inside(cloud, name, async (session) => {
    const { rows } = await session.query<{ n: number }>('SELECT n FROM note ORDER BY n');
    return rows.map(({ n }) => n);
  });
const list = async (input: object = {}): Promise<DBSnapshot[]> =>
  (await cloud.call('rds', 'DescribeDBSnapshots', input)).DBSnapshots ?? [];
const one = async (DBSnapshotIdentifier: string): Promise<DBSnapshot> => (await list({ DBSnapshotIdentifier }))[0] ?? {};
const take = (DBSnapshotIdentifier: string, more: object = {}) =>
  cloud.call('rds', 'CreateDBSnapshot', { DBInstanceIdentifier: 'orders', DBSnapshotIdentifier, ...more });
const restore = (DBInstanceIdentifier: string, DBSnapshotIdentifier: string, more: object = {}) =>
  cloud.call('rds', 'RestoreDBInstanceFromDBSnapshot', { DBInstanceIdentifier, DBSnapshotIdentifier, ...more });
const pass = (milliseconds: number) => cloud.timeline.passTo(cloud.timeline.now() + milliseconds);

/** A snapshot that is done, of an instance that is available again. */
async function taken(name: string, more: object = {}): Promise<DBSnapshot> {
  await take(name, more);
  for (;;) {
    const [snapshot, status] = [await one(name), await statusOf(cloud, 'orders')];
    if (snapshot.Status === 'available' && status === 'available') return snapshot;
    await pass(5000);
  }
}

describe('a snapshot by hand', () => {
  it('is of the instant when it was asked for, and creates while its instance is backed up', async () => {
    await note(1);
    const { DBSnapshot: begun } = await take('first', { Tags: [{ Key: 'why', Value: 'test' }] });
    await note(2);
    const busy = take('second');
    await expect(busy).rejects.toMatchObject(
      refused(
        'InvalidDBInstanceState',
        'Cannot create a snapshot because the database instance orders is not currently in the available state.',
      ),
    );
    expect(await statusOf(cloud, 'orders')).toBe('backing-up');
    await until(cloud, 'orders', 'available');
    const early = restore('too-early', 'first');
    await expect(early).rejects.toMatchObject({ code: 'InvalidDBSnapshotState' });
    const during = await one('FIRST');
    await pass(5 * MINUTE);
    const done = await one(`${ARN}:snapshot:first`);
    await restore('from-first', 'first');
    await until(cloud, 'from-first', 'available');

    expect([begun?.Status, begun?.PercentProgress, during.Status]).toEqual(['creating', 0, 'creating']);
    expect(during.PercentProgress).toBeGreaterThan(0);
    expect(during).not.toHaveProperty('SnapshotCreateTime');
    expect(done).toMatchObject({
      ...{ Status: 'available', PercentProgress: 100, SnapshotType: 'manual', DBInstanceIdentifier: 'orders' },
      ...{ Engine: 'postgres', AllocatedStorage: 20, MasterUsername: 'boss', DBSnapshotArn: `${ARN}:snapshot:first` },
      TagList: [
        { Key: 'app', Value: 'orders' },
        { Key: 'why', Value: 'test' },
      ],
    });
    expect([await notes('from-first'), await notes('orders')]).toEqual([[1], [1, 2]]);
  }, 30_000);

  it('has a name nobody else has, of an instance that there is', async () => {
    await taken('twice');

    await expect(take('twice')).rejects.toMatchObject(
      refused(
        'DBSnapshotAlreadyExists',
        'Cannot create the snapshot because a snapshot with the identifier twice already exists.',
      ),
    );
    await expect(take('bad--name')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(take('rds:mine')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(take('other', { DBInstanceIdentifier: 'nobody' })).rejects.toMatchObject({ code: 'DBInstanceNotFound' });
  });

  it('is found by filters, types and pages', async () => {
    await taken('found');
    const names = async (input: object) => (await list(input)).map(({ DBSnapshotIdentifier: name }) => name);
    const { DBInstances: [source] = [] } = await cloud.call('rds', 'DescribeDBInstances', { DBInstanceIdentifier: 'orders' });
    const filter = (Name: string, ...Values: string[]) => ({ Filters: [{ Name, Values }] });

    expect(await names({ DBSnapshotIdentifier: 'found', SnapshotType: 'manual' })).toEqual(['found']);
    expect(await names({ SnapshotType: 'manual', DBInstanceIdentifier: 'nobody' })).toEqual([]);
    expect(await names({ ...filter('db-snapshot-id', 'found'), DbiResourceId: source?.DbiResourceId })).toEqual(['found']);
    expect(await names({ ...filter('dbi-resource-id', 'db-OTHER') })).toEqual([]);
    expect(await names({ SnapshotType: 'automated', ...filter('snapshot-type', 'manual') })).toEqual([]);
    expect(await names({ ...filter('db-instance-id', `${ARN}:db:orders`), SnapshotType: 'manual' })).toContain('found');
    await expect(list({ DBSnapshotIdentifier: 'lost' })).rejects.toMatchObject(
      refused('DBSnapshotNotFound', 'DBSnapshot not found: lost'),
    );
    await expect(list({ SnapshotType: 'odd' })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(list({ MaxRecords: 5 })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('goes when it is deleted, and tells all its life', async () => {
    await taken('going');
    const listed = () => Object.keys(cloud.inventory()['rds'] ?? {}).includes(`${ARN}:snapshot:going`);
    const before = listed();

    const { DBSnapshot: gone } = await cloud.call('rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: 'going' });

    const { Events = [] } = await cloud.call('rds', 'DescribeEvents', {
      ...{ SourceIdentifier: 'going', SourceType: 'db-snapshot', Duration: 600 },
    });
    expect([gone?.Status, before, listed()]).toEqual(['deleted', true, false]);
    expect(Events.map(({ Message }) => Message)).toEqual([
      ...['Creating manual snapshot', 'Manual snapshot created', 'Deleted user snapshot'],
    ]);
    const again = cloud.call('rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: 'going' });
    await expect(again).rejects.toMatchObject({ code: 'DBSnapshotNotFound' });
  });

  it('keeps tags of its own', async () => {
    await taken('tagged');
    const ResourceName = `${ARN}:snapshot:tagged`;

    await cloud.call('rds', 'AddTagsToResource', { ResourceName, Tags: [{ Key: 'keep', Value: 'yes' }] });
    await cloud.call('rds', 'RemoveTagsFromResource', { ResourceName, TagKeys: ['app'] });

    const { TagList } = await cloud.call('rds', 'ListTagsForResource', { ResourceName });
    expect(TagList).toEqual([{ Key: 'keep', Value: 'yes' }]);
    expect((await instance(cloud, 'orders'))?.TagList).toEqual([{ Key: 'app', Value: 'orders' }]);
  });

  it('is shared with accounts, but for an encrypted one never with all', async () => {
    await taken('shared');
    const share = (...ValuesToAdd: string[]) =>
      cloud.call('rds', 'ModifyDBSnapshotAttribute', {
        ...{ DBSnapshotIdentifier: 'shared', AttributeName: 'restore', ValuesToAdd, ValuesToRemove: ['111111111111'] },
      });

    await share('111111111111', '222222222222');

    const { DBSnapshotAttributesResult: told } = await cloud.call('rds', 'DescribeDBSnapshotAttributes', {
      DBSnapshotIdentifier: 'shared',
    });
    expect(told?.DBSnapshotAttributes).toEqual([{ AttributeName: 'restore', AttributeValues: ['222222222222'] }]);
    await expect(share('all')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(share('me')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    const [automated] = await list({ SnapshotType: 'automated', DBInstanceIdentifier: 'orders' });
    const odd = cloud.call('rds', 'ModifyDBSnapshotAttribute', {
      ...{ DBSnapshotIdentifier: automated?.DBSnapshotIdentifier, AttributeName: 'restore' },
    });
    await expect(odd).rejects.toMatchObject({ code: 'InvalidDBSnapshotState' });
  });

  it('speaks the words of the wire', async () => {
    const client = new RDSClient({ region: 'eu-west-1', endpoint: cloud.endpoint, credentials: cloud.operator });
    const named = { DBInstanceIdentifier: 'orders', DBSnapshotIdentifier: 'wired' };
    await client.send(new CreateDBSnapshotCommand({ ...named, Tags: [{ Key: 'by', Value: 'wire' }] }));
    await until(cloud, 'orders', 'available');
    await pass(6 * MINUTE);

    const { DBSnapshots: [found] = [] } = await client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'wired' }));
    const restored = await client.send(new RestoreDBInstanceFromDBSnapshotCommand({ ...named, DBInstanceIdentifier: 'by-wire' }));
    const lost = client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'lost' }));

    await expect(lost).rejects.toBeInstanceOf(DBSnapshotNotFoundFault);
    client.destroy();
    expect(found).toMatchObject({ Status: 'available', PercentProgress: 100, SnapshotCreateTime: expect.any(Date) as unknown });
    expect(restored.DBInstance).toMatchObject({ DBInstanceIdentifier: 'by-wire', DBInstanceStatus: 'creating' });
  });

  it('may be there a hundred times, and not once more', async () => {
    await taken('original');
    const copy = (n: number) =>
      cloud.call('rds', 'CopyDBSnapshot', {
        ...{ SourceDBSnapshotIdentifier: 'original', TargetDBSnapshotIdentifier: `copy-${String(n)}` },
      });
    const before = (await list({ SnapshotType: 'manual' })).length;
    for (let n = before; n < 100; n++) await copy(n);

    await expect(copy(100)).rejects.toMatchObject(refused('SnapshotQuotaExceeded', /100 manual snapshots/));
    await expect(take('too-many')).rejects.toMatchObject({ code: 'SnapshotQuotaExceeded' });
    const page = await cloud.call('rds', 'DescribeDBSnapshots', { SnapshotType: 'manual', MaxRecords: 60 });
    const rest = await cloud.call('rds', 'DescribeDBSnapshots', { SnapshotType: 'manual', MaxRecords: 60, Marker: page.Marker });
    expect([page.DBSnapshots?.length, rest.DBSnapshots?.length, rest.Marker]).toEqual([60, 40, undefined]);
    await pass(10 * MINUTE);
    for (let n = before; n < 100; n++) await cloud.call('rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: `copy-${String(n)}` });
    expect((await list({ SnapshotType: 'manual' })).length).toBe(before);
  });
});

describe('an automated snapshot', () => {
  const automated = async (DBInstanceIdentifier: string) =>
    (await list({ SnapshotType: 'automated', DBInstanceIdentifier })).map(({ DBSnapshotIdentifier: name = '' }) => name);
  const dayOf = (days: number) => new Date(cloud.timeline.now() + days * DAY).toISOString().slice(0, 10);

  it('is there from the beginning, comes every day, goes after the days it is kept for, and is nobody’s to delete', async () => {
    await made(cloud, 'daily', { BackupRetentionPeriod: 7, PreferredBackupWindow: '00:00-00:30' });
    const begun = dayOf(0);
    const first = await automated('daily');
    await pass(3 * DAY);
    const later = await automated('daily');
    const days = [dayOf(-2), dayOf(-1), dayOf(0)];
    await pass(10 * DAY);
    const last = await automated('daily');

    expect(first).toEqual([expect.stringMatching(new RegExp(`^rds:daily-${begun}-\\d\\d-\\d\\d$`))]);
    expect(later).toEqual([...first, ...days.map((day) => `rds:daily-${day}-00-00`)]);
    expect(last).toEqual([6, 5, 4, 3, 2, 1, 0].map((ago) => `rds:daily-${dayOf(-ago)}-00-00`));
    const deletion = cloud.call('rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: last[0] });
    await expect(deletion).rejects.toMatchObject(refused('InvalidDBSnapshotState', 'Only manual snapshots may be deleted.'));
  }, 30_000);

  it('is restored as it was on its day, and as a copy when its day is gone', async () => {
    await made(cloud, 'dated', { BackupRetentionPeriod: 3, PreferredBackupWindow: '00:00-00:30' });
    await inside(cloud, 'dated', (session) => session.query('CREATE TABLE note AS SELECT 1 AS n'));
    await pass(DAY);
    await note(2, 'dated');
    const newest = (await automated('dated')).at(-1) ?? '';
    const copy = { SourceDBSnapshotIdentifier: newest, TargetDBSnapshotIdentifier: 'kept-by-hand' };
    await cloud.call('rds', 'CopyDBSnapshot', copy);
    await restore('of-a-day', newest);
    await until(cloud, 'of-a-day', 'available');
    await pass(20 * DAY);
    await expect(one(newest)).rejects.toMatchObject({ code: 'DBSnapshotNotFound' });
    await restore('of-a-copy', 'kept-by-hand');
    await until(cloud, 'of-a-copy', 'available');

    expect([await notes('of-a-day'), await notes('of-a-copy'), await notes('dated')]).toEqual([[1], [1], [1, 2]]);
    const source = { SnapshotType: 'manual', SourceDBSnapshotIdentifier: `${ARN}:snapshot:${newest}` };
    expect(await one('kept-by-hand')).toMatchObject(source);
  }, 30_000);
});

describe('a copy', () => {
  it('stands when its original is deleted, and comes from no other Region', async () => {
    await taken('parent');
    await cloud.call('rds', 'CopyDBSnapshot', {
      ...{ SourceDBSnapshotIdentifier: `${ARN}:snapshot:parent`, TargetDBSnapshotIdentifier: 'child' },
    });
    await pass(10 * MINUTE);
    await cloud.call('rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: 'parent' });

    await restore('grandchild', 'child');
    await until(cloud, 'grandchild', 'available');

    expect(await notes('grandchild')).toEqual(await notes('orders'));
    const foreign = cloud.call('rds', 'CopyDBSnapshot', {
      ...{ SourceDBSnapshotIdentifier: ARN.replace('west-1', 'central-1') + ':snapshot:x', TargetDBSnapshotIdentifier: 'y' },
    });
    await expect(foreign).rejects.toMatchObject(refused('NotImplemented', /another Region, as eu-central-1/));
  });
});

describe('an instance from a snapshot', () => {
  it('is new in everything but its storage and its passwords, and says what it is from', async () => {
    await inside(cloud, 'orders', (session) => session.query(`COMMENT ON TABLE note IS 'kept'`));
    await taken('whole');
    const { DBInstance: begun } = await restore('again', 'whole');

    const seen = await until(cloud, 'again', 'available');

    const restored = await instance(cloud, 'again');
    const source = await instance(cloud, 'orders');
    expect(begun).toMatchObject({ DBInstanceStatus: 'creating', DBInstanceIdentifier: 'again' });
    expect(begun).not.toHaveProperty('Endpoint');
    expect(seen).toEqual(['creating', 'backing-up', 'available']);
    expect(restored).toMatchObject({
      ...{ BackupRetentionPeriod: 7, AllocatedStorage: 20, DeletionProtection: false, MultiAZ: false, TagList: [] },
      ...{ DBParameterGroups: [{ DBParameterGroupName: 'default.postgres18', ParameterApplyStatus: 'in-sync' }] },
      ...{ DBSubnetGroup: { DBSubnetGroupName: 'default' }, EngineVersion: source?.EngineVersion, KmsKeyId: source?.KmsKeyId },
    });
    expect(restored?.DbiResourceId).not.toBe(source?.DbiResourceId);
    const password = (name: string) =>
      inside(cloud, name, async (session) => {
        const { rows } = await session.query<{ secret: string }>(
          `SELECT rolpassword AS secret FROM pg_authid WHERE rolname = 'boss'`,
        );
        return rows[0]?.secret;
      });
    expect(await password('again')).toBe(await password('orders'));
    expect(await messages(cloud, 'again')).toContain('Restored from snapshot whole');
    expect(await list({ SnapshotType: 'automated', DBInstanceIdentifier: 'again' })).toHaveLength(1);
  });

  it('is what was asked for where it was asked for, and refuses what cannot be', async () => {
    await taken('wanted');
    const wishes = {
      ...{ DBInstanceClass: 'db.m7g.large', DeletionProtection: true, Tags: [{ Key: 'role', Value: 'spare' }], MultiAZ: true },
      ...{ BackupRetentionPeriod: 2, AllocatedStorage: 40 },
    };
    await restore('wished', 'wanted', wishes);
    await until(cloud, 'wished', 'available');

    expect(await instance(cloud, 'wished')).toMatchObject({
      ...{ DBInstanceClass: 'db.m7g.large', DeletionProtection: true, MultiAZ: true, BackupRetentionPeriod: 2 },
      ...{ AllocatedStorage: 40, TagList: [{ Key: 'role', Value: 'spare' }] },
    });
    await expect(restore('wished', 'wanted')).rejects.toMatchObject({ code: 'DBInstanceAlreadyExists' });
    await expect(restore('x', 'nothing')).rejects.toMatchObject({ code: 'DBSnapshotNotFound' });
    await expect(restore('x', 'wanted', { Engine: 'mysql' })).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(restore('x', 'wanted', { DBSubnetGroupName: 'none' })).rejects.toMatchObject({
      code: 'DBSubnetGroupNotFoundFault',
    });
    await expect(restore('x', 'wanted', { DBParameterGroupName: 'none' })).rejects.toMatchObject({
      code: 'DBParameterGroupNotFound',
    });
    await expect(restore('x', 'wanted', { AllocatedStorage: 19 })).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
    await expect(restore('x', 'wanted', { TdeCredentialArn: 'x' })).rejects.toMatchObject({ code: 'NotImplemented' });
  });
});
