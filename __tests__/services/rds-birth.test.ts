import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { inside, instance, made, messages, refused, SMALL, startScene, until } from './rds-scene.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startScene();
  await made(cloud, 'standing');
}, 60_000);
afterAll(() => cloud.stop());

const create = (input: object) => cloud.call('rds', 'CreateDBInstance', { ...SMALL, DBInstanceIdentifier: 'never', ...input });
const remove = (input: object) => cloud.call('rds', 'DeleteDBInstance', { DBInstanceIdentifier: 'never', ...input });

describe('an instance that is made over the wire', () => {
  it('has no address before it is made, and a real PostgreSQL afterwards', async () => {
    const client = new RDSClient({ region: 'eu-west-1', endpoint: cloud.endpoint, credentials: cloud.operator });
    const input = { ...SMALL, DBInstanceIdentifier: 'Shop', DBName: 'orders', Tags: [{ Key: 'team', Value: 'core' }] };

    const { DBInstance: answered } = await client.send(new CreateDBInstanceCommand(input));
    client.destroy();
    const young = await instance(cloud, 'shop');
    const seen = await until(cloud, 'shop', 'available');
    const grown = await instance(cloud, 'shop');

    expect(answered).toMatchObject({ DBInstanceIdentifier: 'shop', DBInstanceStatus: 'creating' });
    expect(young).not.toHaveProperty('Endpoint');
    expect(young).not.toHaveProperty('InstanceCreateTime');
    expect(seen).toEqual(['creating', 'backing-up', 'available']);
    expect(grown).toMatchObject({
      BackupRetentionPeriod: 1,
      DeletionProtection: false,
      StorageEncrypted: false,
      Endpoint: { Address: cloud.services.rds.own.endpointOf('shop'), Port: 5432 },
      TagList: [{ Key: 'team', Value: 'core' }],
    });
    const owner = await inside(cloud, 'shop', async (session) => {
      const { rows } = await session.query<{ owner: string; version: string }>(
        `SELECT pg_get_userbyid(datdba) AS owner, split_part(current_setting('server_version'), ' ', 1) AS version
           FROM pg_database WHERE datname = 'orders'`,
      );
      return rows[0];
    });
    expect(owner).toEqual({ owner: 'boss', version: grown?.EngineVersion });
    expect(await messages(cloud, 'shop')).toEqual([
      'DB instance created',
      'Backing up DB instance',
      'Finished DB Instance backup',
    ]);
  });

  it('has no first backup where it has no backups', async () => {
    await create({ DBInstanceIdentifier: 'unsaved', BackupRetentionPeriod: 0 });

    expect(await until(cloud, 'unsaved', 'available')).toEqual(['creating', 'available']);
  });

  it.each([
    [{ Engine: 'mysql' }, 'NotImplemented', /the engine mysql/],
    [{ Engine: 'dbase' }, 'InvalidParameterValue', 'Invalid DB engine: dbase'],
    [{ EngineVersion: '7.4' }, 'InvalidParameterCombination', 'Cannot find version 7.4 for postgres'],
    [{ EngineVersion: '16.3' }, 'NotImplemented', /PostgreSQL 16.3/],
    [{ DBInstanceIdentifier: 'two--hyphens' }, 'InvalidParameterValue', /is not a valid identifier/],
    [{ DBInstanceIdentifier: 'standing' }, 'DBInstanceAlreadyExists', 'DB instance already exists'],
    [{ DBInstanceClass: 'db.huge' }, 'InvalidParameterValue', 'Invalid DB Instance class: db.huge'],
    [
      { DBInstanceClass: 'db.t2.micro' },
      'InvalidParameterCombination',
      /does not support creating .*DBInstanceClass=db.t2.micro/,
    ],
    [
      { AllocatedStorage: 19 },
      'InvalidParameterCombination',
      'Invalid storage size for engine name postgres and storage type gp3: 19',
    ],
    [{ StorageType: 'tape' }, 'InvalidParameterValue', 'Invalid storage type: tape'],
    [{ MasterUsername: 'admin' }, 'InvalidParameterValue', /reserved word used by the engine/],
    [{ MasterUserPassword: 'short' }, 'InvalidParameterValue', /shorter than 8 characters/],
    [{ MasterUserPassword: 'with space@' }, 'InvalidParameterValue', /Only printable ASCII characters besides/],
    [{ DBName: '1st' }, 'InvalidParameterValue', /DBName must begin with a letter/],
    [{ BackupRetentionPeriod: 36 }, 'InvalidParameterValue', /must be between 0 and 35/],
    [{ VpcSecurityGroupIds: ['sg-none'] }, 'InvalidParameterValue', 'Invalid security group , groupId= sg-none, groupName=.'],
    [{ DBSubnetGroupName: 'none' }, 'DBSubnetGroupNotFoundFault', "DB subnet group 'none' does not exist."],
    [{ DBParameterGroupName: 'none' }, 'DBParameterGroupNotFound', 'DBParameterGroup not found: none'],
    [{ DBParameterGroupName: 'default.postgres12' }, 'InvalidParameterCombination', /Family postgres12 cannot be used/],
    [{ KmsKeyId: 'none', StorageEncrypted: true }, 'KMSKeyNotAccessibleFault', /\[none\] does not exist/],
    [{ MultiAZ: true, AvailabilityZone: 'eu-west-1a' }, 'InvalidParameterCombination', /not valid for Multi-AZ/],
    [{ PreferredBackupWindow: 'at night' }, 'InvalidParameterValue', /Invalid backup window format/],
    [{ ManageMasterUserPassword: true }, 'NotImplemented', /ManageMasterUserPassword of rds:CreateDBInstance/],
    [{ Tags: [{ Key: 'aws:mine', Value: 'x' }] }, 'InvalidParameterValue', /Invalid tag key/],
  ])('is refused with %j', async (input, code, message) => {
    await expect(create(input)).rejects.toMatchObject(refused(code, message));
    expect(await instance(cloud, 'never')).toBeUndefined();
  });

  it('is reached by those its security groups let in, and by nobody else', async () => {
    const cluster = cloud.services.rds.own.clusterOf('standing');
    if (!cluster) throw new Error('nothing stands');
    const given = { databaseName: 'postgres', masterUsername: 'boss', securityGroups: ['sg-of-the-estate'] };
    await cloud.services.rds.own.found({ identifier: 'founded', cluster, ...given });

    const { Endpoint: closed } = await made(cloud, 'closed');
    const { Endpoint: open } = await made(cloud, 'open', { VpcSecurityGroupIds: ['sg-of-the-estate'] });

    const port = cloud.services.rds.own.clusterOf('open')?.port ?? 0;
    expect(cloud.ground.published().get(`postgres://${open?.Address ?? ''}:5432`)).toBe(`tcp://127.0.0.1:${String(port)}`);
    expect(cloud.ground.published().has(`postgres://${closed?.Address ?? ''}:5432`)).toBe(false);
  });
});

describe('an instance that is deleted', () => {
  it.each([
    [{ DBInstanceIdentifier: 'standing' }, 'InvalidParameterCombination', /FinalDBSnapshotIdentifier is required unless/],
    [
      { DBInstanceIdentifier: 'standing', SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'last' },
      'InvalidParameterCombination',
      /can not be specified when SkipFinalSnapshot/,
    ],
    [{ DBInstanceIdentifier: 'none', SkipFinalSnapshot: true }, 'DBInstanceNotFound', 'DBInstance none not found.'],
  ])('is not, with %j', async (input, code, message) => {
    await expect(remove(input)).rejects.toMatchObject(refused(code, message));
  });

  it('is not while it is protected', async () => {
    await made(cloud, 'kept', { DeletionProtection: true });

    const removal = remove({ DBInstanceIdentifier: 'kept', SkipFinalSnapshot: true });

    const words = 'Cannot delete protected DB Instance, please disable deletion protection and try again.';
    await expect(removal).rejects.toMatchObject(refused('InvalidParameterCombination', words));
  });

  it('takes its time, keeps its name until it is gone, and leaves no PostgreSQL behind', async () => {
    await made(cloud, 'passing');
    const cluster = cloud.services.rds.own.clusterOf('passing');

    const { DBInstance } = await remove({ DBInstanceIdentifier: 'passing', SkipFinalSnapshot: true });
    await expect(create({ DBInstanceIdentifier: 'passing' })).rejects.toMatchObject({ code: 'DBInstanceAlreadyExists' });
    const again = remove({ DBInstanceIdentifier: 'passing', SkipFinalSnapshot: true });
    await expect(again).rejects.toMatchObject(refused('InvalidDBInstanceState', 'Instance passing is already being deleted.'));
    await until(cloud, 'passing', undefined);

    expect(DBInstance?.DBInstanceStatus).toBe('deleting');
    expect(cluster?.running).toBe(false);
    expect((await messages(cloud, 'passing')).at(-1)).toBe('DB instance deleted');
    await expect(made(cloud, 'passing')).resolves.toMatchObject({ DBInstanceStatus: 'available' });
  });
});

it('is gone from a cloud that is reset, which lists what a fresh one lists', async () => {
  const own = await startScene();
  const empty = own.inventory();
  await made(own, 'passing');
  const cluster = own.services.rds.own.clusterOf('passing');

  await own.reset();

  expect(own.inventory()).toEqual(empty);
  expect(cluster?.running).toBe(false);
  await own.stop();
});
