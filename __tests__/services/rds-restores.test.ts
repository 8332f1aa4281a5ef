import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { inside, instance, made, messages, refused, startScene, statusOf, until } from './rds-scene.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ARN = 'arn:aws:rds:eu-west-1:123456789012';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startScene();
}, 60_000);
afterAll(() => cloud.stop());

const note = (name: string, n: number) => inside(cloud, name, (session) => session.query('INSERT INTO note VALUES ($1)', [n]));
const notes = (name: string): Promise<number[]> =>
  inside(cloud, name, async (session) => {
    const { rows } = await session.query<{ n: number }>('SELECT n FROM note ORDER BY n');
    return rows.map(({ n }) => n);
  });
const pass = (milliseconds: number) => cloud.timeline.passTo(cloud.timeline.now() + milliseconds);
const noted = async (name: string, more: object = {}): Promise<string> => {
  const { DbiResourceId = '' } = await made(cloud, name, more);
  await inside(cloud, name, (session) => session.query('CREATE TABLE note (n int)'));
  return DbiResourceId;
};
const restore = (TargetDBInstanceIdentifier: string, more: object) =>
  cloud.call('rds', 'RestoreDBInstanceToPointInTime', { TargetDBInstanceIdentifier, ...more });
const backups = async (input: object = {}) =>
  (await cloud.call('rds', 'DescribeDBInstanceAutomatedBackups', input)).DBInstanceAutomatedBackups ?? [];
const remove = async (name: string, more: object = {}) => {
  await cloud.call('rds', 'DeleteDBInstance', { DBInstanceIdentifier: name, SkipFinalSnapshot: true, ...more });
  await until(cloud, name, undefined);
};

describe('a restore to a point in time', () => {
  it('has the rows of that second and none of later ones, hours after virtual time jumped', async () => {
    await noted('orders');
    const instants: Date[] = [];
    for (let n = 1; n <= 3; n++) {
      await note('orders', n);
      instants.push(new Date(cloud.timeline.now() + 1000));
      await pass(60 * MINUTE);
    }

    await restore('second', { SourceDBInstanceIdentifier: 'orders', RestoreTime: instants[1] });
    const seen = await until(cloud, 'second', 'available');
    await restore('latest', { SourceDBInstanceIdentifier: `${ARN}:db:orders`, UseLatestRestorableTime: true });
    await note('orders', 4);
    await until(cloud, 'latest', 'available');

    expect([await notes('second'), await notes('latest'), await notes('orders')]).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4],
    ]);
    expect(seen).toEqual(['creating', 'backing-up', 'available']);
    expect(await messages(cloud, 'second')).toContain('Restored from DB instance orders');
    expect((await instance(cloud, 'second'))?.Endpoint?.Address).toMatch(/^second\./);
  }, 30_000);

  it('is refused outside the window that RDS tells, and lags five minutes', async () => {
    await noted('window', { BackupRetentionPeriod: 2 });
    await pass(5 * DAY);
    const [backup] = await backups({ DBInstanceIdentifier: 'window' });
    const { EarliestTime: earliest = new Date(0), LatestTime: latest = new Date(0) } = backup?.RestoreWindow ?? {};
    const now = cloud.timeline.now();
    const at = (RestoreTime: Date) => restore('outside', { SourceDBInstanceIdentifier: 'window', RestoreTime });
    const described = await instance(cloud, 'window');

    expect(now - latest.getTime()).toBeLessThan(5 * MINUTE);
    expect(described?.LatestRestorableTime).toEqual(latest);
    expect(Math.abs(now - 2 * DAY - earliest.getTime())).toBeLessThan(MINUTE);
    await expect(at(new Date(latest.getTime() + 1000))).rejects.toMatchObject(
      refused('InvalidParameterValue', /^The specified instance cannot be restored to a time later than 2026-05-\S+Z\.$/),
    );
    await expect(at(new Date(earliest.getTime() - MINUTE))).rejects.toMatchObject(
      refused('InvalidParameterValue', /to a time earlier than .* because its backup retention period is set to 2 days\.$/),
    );
  });

  it('says what it needs: one source, one instant, backups, a free name', async () => {
    await noted('unsaved', { BackupRetentionPeriod: 0 });
    await noted('needed');
    await pass(10 * MINUTE);
    const from = { SourceDBInstanceIdentifier: 'needed', UseLatestRestorableTime: true };

    await expect(restore('x', { ...from, SourceDBInstanceIdentifier: 'unsaved' })).rejects.toMatchObject({
      code: 'PointInTimeRestoreNotEnabled',
    });
    await expect(restore('x', { ...from, SourceDBInstanceIdentifier: 'nobody' })).rejects.toMatchObject({
      code: 'DBInstanceNotFound',
    });
    await expect(restore('x', { SourceDBInstanceIdentifier: 'needed' })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
    await expect(restore('x', { ...from, RestoreTime: new Date() })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
    await expect(restore('x', { UseLatestRestorableTime: true })).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
    await expect(restore('needed', from)).rejects.toMatchObject({ code: 'DBInstanceAlreadyExists' });
    await expect(restore('x', { SourceDbiResourceId: 'db-NONE', UseLatestRestorableTime: true })).rejects.toMatchObject({
      code: 'DBInstanceAutomatedBackupNotFound',
    });
  });

  it('goes on from what was restored before', async () => {
    await noted('first');
    await note('first', 1);
    await pass(20 * MINUTE);
    await restore('next', { SourceDBInstanceIdentifier: 'first', UseLatestRestorableTime: true });
    await until(cloud, 'next', 'available');
    await note('next', 2);
    await pass(20 * MINUTE);
    await note('next', 3);

    await restore('last', { SourceDBInstanceIdentifier: 'next', UseLatestRestorableTime: true });
    await until(cloud, 'last', 'available');

    expect(await notes('last')).toEqual([1, 2]);
  }, 30_000);

  it('works when its source was lost, as far as the logs went', async () => {
    await noted('lost');
    await note('lost', 1);
    await pass(20 * MINUTE);
    await cloud.services.rds.own.lose('lost');

    await restore('found', { SourceDBInstanceIdentifier: 'lost', UseLatestRestorableTime: true });
    await until(cloud, 'found', 'available');

    expect(await notes('found')).toEqual([1]);
  });
});

describe('the automated backup of an instance', () => {
  it('goes with it, and its snapshots too, but for those taken by hand', async () => {
    const resource = await noted('gone');
    await note('gone', 1);
    await cloud.call('rds', 'CreateDBSnapshot', { DBInstanceIdentifier: 'gone', DBSnapshotIdentifier: 'stays' });
    await until(cloud, 'gone', 'available');
    await pass(10 * MINUTE);
    const [active] = await backups({ DbiResourceId: resource });

    await remove('gone');

    const { DBSnapshots = [] } = await cloud.call('rds', 'DescribeDBSnapshots', { DBInstanceIdentifier: 'gone' });
    expect(active).toMatchObject({ Status: 'active', DBInstanceIdentifier: 'gone', BackupRetentionPeriod: 1 });
    expect(DBSnapshots.map((one) => one.DBSnapshotIdentifier)).toEqual(['stays']);
    await expect(backups({ DbiResourceId: resource })).rejects.toMatchObject({ code: 'DBInstanceAutomatedBackupNotFound' });
  });

  it('ends when it is turned off, and begins anew when it is turned on again', async () => {
    const resource = await noted('turned');
    await pass(20 * MINUTE);
    const turn = async (BackupRetentionPeriod: number): Promise<void> => {
      await cloud.call('rds', 'ModifyDBInstance', {
        DBInstanceIdentifier: 'turned',
        BackupRetentionPeriod,
        ApplyImmediately: true,
      });
      await until(cloud, 'turned', 'modifying');
      await until(cloud, 'turned', 'available');
    };
    const automated = async () =>
      (await cloud.call('rds', 'DescribeDBSnapshots', { DBInstanceIdentifier: 'turned', SnapshotType: 'automated' }))
        .DBSnapshots ?? [];
    const latest = { SourceDBInstanceIdentifier: 'turned', UseLatestRestorableTime: true };

    await turn(0);
    const none = [await automated(), await backups({ DBInstanceIdentifier: 'turned' })];
    await expect(restore('x', latest)).rejects.toMatchObject({ code: 'PointInTimeRestoreNotEnabled' });
    await note('turned', 1);
    await turn(3);
    const again = cloud.timeline.now();
    await note('turned', 2);
    await pass(20 * MINUTE);
    const [begun] = await backups({ DbiResourceId: resource });
    await restore('returned', latest);
    await until(cloud, 'returned', 'available');

    expect(none).toEqual([[], []]);
    expect(Math.abs((begun?.RestoreWindow?.EarliestTime?.getTime() ?? 0) - again)).toBeLessThan(MINUTE);
    expect([(await automated()).length, await notes('returned')]).toEqual([1, [1, 2]]);
  }, 30_000);

  it('that was retained is restored from, deleted by hand, and expires', async () => {
    const [one, two] = [await noted('kept'), await noted('expiring')];
    await note('kept', 1);
    await pass(20 * MINUTE);
    await remove('kept', { DeleteAutomatedBackups: false });
    await remove('expiring', { DeleteAutomatedBackups: false });
    const [retained] = await backups({ DbiResourceId: one });

    await restore('rescued', { SourceDbiResourceId: one, UseLatestRestorableTime: true });
    await until(cloud, 'rescued', 'available');
    const arn = retained?.DBInstanceAutomatedBackupsArn;
    await cloud.call('rds', 'DeleteDBInstanceAutomatedBackup', { DBInstanceAutomatedBackupsArn: arn });
    const left = (await backups()).map(({ DbiResourceId: id }) => id);
    await pass(2 * DAY);

    expect(retained?.Status).toBe('retained');
    expect(await notes('rescued')).toEqual([1]);
    expect([left.includes(one), left.includes(two)]).toEqual([false, true]);
    expect((await backups()).map(({ DbiResourceId: id }) => id)).not.toContain(two);
    const rescued = (await instance(cloud, 'rescued'))?.DbiResourceId;
    const deletion = cloud.call('rds', 'DeleteDBInstanceAutomatedBackup', { DbiResourceId: rescued });
    await expect(deletion).rejects.toMatchObject({ code: 'InvalidDBInstanceAutomatedBackupState' });
  }, 30_000);
});

describe('a restore that is under way', () => {
  it('comes to its end though what it is from is deleted meanwhile', async () => {
    await noted('leaving');
    await note('leaving', 1);
    await cloud.call('rds', 'CreateDBSnapshot', { DBInstanceIdentifier: 'leaving', DBSnapshotIdentifier: 'short' });
    await pass(20 * MINUTE);

    const from = { DBInstanceIdentifier: 'from-short', DBSnapshotIdentifier: 'short' };
    await cloud.call('rds', 'RestoreDBInstanceFromDBSnapshot', from);
    await restore('from-leaving', { SourceDBInstanceIdentifier: 'leaving', UseLatestRestorableTime: true });
    await cloud.call('rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: 'short' });
    await remove('leaving');
    await until(cloud, 'from-short', 'available');
    await until(cloud, 'from-leaving', 'available');

    expect([await notes('from-short'), await notes('from-leaving')]).toEqual([[1], [1]]);
  }, 30_000);
});

describe('a read replica', () => {
  const replicate = (DBInstanceIdentifier: string, SourceDBInstanceIdentifier: string) =>
    cloud.call('rds', 'CreateDBInstanceReadReplica', { DBInstanceIdentifier, SourceDBInstanceIdentifier });
  const promote = (DBInstanceIdentifier: string, more: object = {}) =>
    cloud.call('rds', 'PromoteReadReplica', { DBInstanceIdentifier, ...more });

  it('follows its source, only reads, and writes once it was promoted: long after it first said available', async () => {
    await noted('leader');
    await note('leader', 1);
    await replicate('follower', 'leader');
    await until(cloud, 'follower', 'available');
    await note('leader', 2);
    while ((await notes('follower')).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await expect(note('follower', 9)).rejects.toMatchObject({ code: '25006' });
    const [leader, follower] = [await instance(cloud, 'leader'), await instance(cloud, 'follower')];

    const { DBInstance: answered } = await promote('follower', { BackupRetentionPeriod: 3 });
    const stale = await statusOf(cloud, 'follower');
    await expect(promote('follower')).rejects.toMatchObject({ code: 'InvalidDBInstanceState' });
    await expect(note('follower', 9)).rejects.toMatchObject({ code: '25006' });
    await until(cloud, 'follower', 'modifying');
    const seen = await until(cloud, 'follower', 'available');
    await note('follower', 3);

    expect(leader?.ReadReplicaDBInstanceIdentifiers).toEqual(['follower']);
    expect(follower).toMatchObject({ ReadReplicaSourceDBInstanceIdentifier: 'leader', BackupRetentionPeriod: 0 });
    expect([answered?.DBInstanceStatus, stale, seen]).toEqual([
      ...['available', 'available'],
      ['modifying', 'rebooting', 'backing-up', 'available'],
    ]);
    expect([await notes('follower'), await notes('leader')]).toEqual([
      [1, 2, 3],
      [1, 2],
    ]);
    const alone = await instance(cloud, 'follower');
    expect(alone).toMatchObject({ BackupRetentionPeriod: 3, ReadReplicaDBInstanceIdentifiers: [] });
    expect(alone).not.toHaveProperty('ReadReplicaSourceDBInstanceIdentifier');
    expect((await instance(cloud, 'leader'))?.ReadReplicaDBInstanceIdentifiers).toEqual([]);
    expect(await messages(cloud, 'follower')).toContain('Replication on the read replica was terminated');
    await expect(promote('follower')).rejects.toMatchObject(
      refused('InvalidDBInstanceState', 'DB Instance follower is not a read replica.'),
    );
  }, 30_000);

  it('that was promoted is restored to a point in time of its own', async () => {
    await noted('origin');
    await note('origin', 1);
    await replicate('branch', 'origin');
    await until(cloud, 'branch', 'available');
    await promote('branch');
    await until(cloud, 'branch', 'backing-up');
    await until(cloud, 'branch', 'available');
    await note('branch', 2);
    await pass(20 * MINUTE);
    await note('branch', 3);

    await restore('leaf', { SourceDBInstanceIdentifier: 'branch', UseLatestRestorableTime: true });
    await until(cloud, 'leaf', 'available');

    expect(await notes('leaf')).toEqual([1, 2]);
  }, 30_000);

  it('needs a source with backups, in this Region, and keeps it from being deleted', async () => {
    await noted('bare', { BackupRetentionPeriod: 0 });
    await noted('held');
    await replicate('holder', 'held');
    await until(cloud, 'holder', 'available');

    await expect(replicate('x', 'bare')).rejects.toMatchObject(
      refused('InvalidDBInstanceState', /^Automated backups are not enabled for this database instance/),
    );
    await expect(replicate('x', 'nobody')).rejects.toMatchObject({ code: 'DBInstanceNotFound' });
    await expect(replicate('holder', 'held')).rejects.toMatchObject({ code: 'DBInstanceAlreadyExists' });
    await expect(replicate('x', 'arn:aws:rds:us-east-1:123456789012:db:held')).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(remove('held')).rejects.toMatchObject({ code: 'InvalidDBInstanceState' });
    await remove('holder');
    await remove('held');
    expect(await instance(cloud, 'held')).toBeUndefined();
  }, 30_000);
});
