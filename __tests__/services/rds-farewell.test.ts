import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { inside, instance, made, refused, startScene, until } from './rds-scene.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startScene();
}, 60_000);
afterAll(() => cloud.stop());

const remove = (DBInstanceIdentifier: string, more: object) =>
  cloud.call('rds', 'DeleteDBInstance', { DBInstanceIdentifier, ...more });
const write = (name: string, id: number) =>
  inside(cloud, name, (session) => session.query(`CREATE TABLE last AS SELECT ${String(id)} AS id`));
const read = (name: string) =>
  inside(cloud, name, async (session) => {
    const { rows } = await session.query<{ id: number }>('SELECT id FROM last');
    return rows.map(({ id }) => id);
  });
async function restored(snapshot: string, name: string): Promise<string> {
  await cloud.call('rds', 'RestoreDBInstanceFromDBSnapshot', { DBInstanceIdentifier: name, DBSnapshotIdentifier: snapshot });
  await until(cloud, name, 'available');
  return name;
}
const followed = async (source: string, replica: string): Promise<void> => {
  await made(cloud, source);
  await cloud.call('rds', 'CreateDBInstanceReadReplica', { DBInstanceIdentifier: replica, SourceDBInstanceIdentifier: source });
  await until(cloud, replica, 'available');
};

describe('a snapshot taken in parting', () => {
  it('has the last row of an instance that is deleted', async () => {
    await made(cloud, 'parting');
    await write('parting', 7);

    await remove('parting', { FinalDBSnapshotIdentifier: 'Parting-Last' });
    await until(cloud, 'parting', undefined);

    expect(await read(await restored('parting-last', 'again'))).toEqual([7]);
  });

  it('has the last row of an instance that is stopped', async () => {
    await made(cloud, 'resting');
    await write('resting', 8);

    await cloud.call('rds', 'StopDBInstance', { DBInstanceIdentifier: 'resting', DBSnapshotIdentifier: 'before-rest' });
    await until(cloud, 'resting', 'stopped');

    expect(await read(await restored('before-rest', 'awake'))).toEqual([8]);
  });

  it('is not taken under a name that another has, and nothing is deleted then', async () => {
    await made(cloud, 'staying');
    await cloud.call('rds', 'CreateDBSnapshot', { DBInstanceIdentifier: 'staying', DBSnapshotIdentifier: 'taken' });
    await until(cloud, 'staying', 'available');

    await expect(remove('staying', { FinalDBSnapshotIdentifier: 'taken' })).rejects.toMatchObject({
      code: 'DBSnapshotAlreadyExists',
    });
    await expect(remove('staying', { FinalDBSnapshotIdentifier: 'not--good' })).rejects.toMatchObject(
      refused('InvalidParameterValue', /FinalDBSnapshotIdentifier is not a valid identifier/),
    );
    expect((await instance(cloud, 'staying'))?.DBInstanceStatus).toBe('available');
  });
});

describe('an instance that another follows', () => {
  it('is neither stopped nor does its follower leave a snapshot', async () => {
    await followed('leader', 'follower');

    await expect(cloud.call('rds', 'StopDBInstance', { DBInstanceIdentifier: 'leader' })).rejects.toMatchObject(
      refused('InvalidDBInstanceState', /it has read replicas/),
    );
    await expect(cloud.call('rds', 'StopDBInstance', { DBInstanceIdentifier: 'follower' })).rejects.toMatchObject(
      refused('InvalidDBInstanceState', /it is a read replica/),
    );
    await expect(remove('follower', { FinalDBSnapshotIdentifier: 'never' })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
  });

  it('is known to it by its new name', async () => {
    await followed('first', 'second');

    await cloud.call('rds', 'ModifyDBInstance', {
      DBInstanceIdentifier: 'first',
      NewDBInstanceIdentifier: 'third',
      ApplyImmediately: true,
    });
    await until(cloud, 'third', 'available');

    expect((await instance(cloud, 'second'))?.ReadReplicaSourceDBInstanceIdentifier).toBe('third');
    expect((await instance(cloud, 'third'))?.ReadReplicaDBInstanceIdentifiers).toEqual(['second']);
    await remove('second', { SkipFinalSnapshot: true });
    await until(cloud, 'second', undefined);
    expect((await instance(cloud, 'third'))?.ReadReplicaDBInstanceIdentifiers).toEqual([]);
  });
});

it('may be asked about by its tags before it is deleted, and about its last snapshot', async () => {
  await made(cloud, 'tagged', { Tags: [{ Key: 'app', Value: 'orders' }] });
  const asks = cloud.services.rds.operations.DeleteDBInstance?.asks(
    { DBInstanceIdentifier: 'tagged', FinalDBSnapshotIdentifier: 'last' },
    { region: 'eu-west-1', account: '123456789012' } as never,
  );

  expect(asks).toMatchObject([
    { action: 'rds:DeleteDBInstance', context: { 'rds:db-tag/app': 'orders', 'aws:ResourceTag/app': 'orders' } },
    { action: 'rds:CreateDBSnapshot', resource: 'arn:aws:rds:eu-west-1:123456789012:snapshot:last' },
  ]);
});
