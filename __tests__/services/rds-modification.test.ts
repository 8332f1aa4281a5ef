import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { nextWindow } from '../../rehearsal/services/rds/windows.ts';
import { instance, made, messages, refused, startScene, statusOf, until } from './rds-scene.ts';

const ADMITTED = 'sg-of-the-estate';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startScene();
  const { host } = cloud.services.rds.own;
  const [name, endpoint] = ['founded', cloud.services.rds.own.endpointOf('founded')];
  const cluster = await host.create({ name, endpoint, master: { username: 'boss', password: 'secret' } });
  const given = { databaseName: 'postgres', masterUsername: 'boss', securityGroups: [ADMITTED] };
  await cloud.services.rds.own.found({ identifier: name, cluster, ...given });
}, 60_000);
afterAll(() => cloud.stop());

const modify = (DBInstanceIdentifier: string, input: object) =>
  cloud.call('rds', 'ModifyDBInstance', { DBInstanceIdentifier, ...input });
const atOnce = (name: string, input: object) => modify(name, { ...input, ApplyImmediately: true });
const originOf = (name: string): string => `postgres://${cloud.services.rds.own.endpointOf(name)}:5432`;

/** As the master, by the instance's public name: where it leads, and whether the certificate says the same. */
async function connect(name: string, password: string): Promise<Client> {
  const port = Number(new URL(cloud.ground.published().get(originOf(name)) ?? 'tcp://127.0.0.1:1').port);
  const ssl = { ca: cloud.authorities.rds.pem, servername: cloud.services.rds.own.endpointOf(name) };
  const client = new Client({ host: '127.0.0.1', port, user: 'boss', password, database: 'postgres', ssl });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

describe('a change that is to be made at once', () => {
  it('is pending at first, while RDS goes on saying available', async () => {
    await made(cloud, 'small');

    const { DBInstance } = await atOnce('small', { DBInstanceClass: 'db.t4g.small' });
    const pending = await instance(cloud, 'small');
    await until(cloud, 'small', 'modifying');
    const seen = await until(cloud, 'small', 'available');
    const changed = await instance(cloud, 'small');

    expect([DBInstance?.DBInstanceStatus, pending?.DBInstanceStatus, pending?.DBInstanceClass]).toEqual([
      'available',
      'available',
      'db.t4g.micro',
    ]);
    expect(pending?.PendingModifiedValues).toEqual({ DBInstanceClass: 'db.t4g.small' });
    expect(seen).toEqual(['modifying', 'available']);
    expect([changed?.DBInstanceClass, changed?.PendingModifiedValues]).toEqual(['db.t4g.small', {}]);
    expect((await messages(cloud, 'small')).slice(-4)).toEqual([
      'Applying modification to database instance class',
      'DB instance shutdown',
      'Finished applying modification to DB instance class',
      'DB instance restarted',
    ]);
  });

  it('lets the estate in by its security group, and nobody before', async () => {
    await made(cloud, 'closed');
    const before = cloud.ground.published().has(originOf('closed'));

    await modify('closed', { VpcSecurityGroupIds: [ADMITTED] });
    const meanwhile = (await instance(cloud, 'closed'))?.VpcSecurityGroups?.map(({ Status }) => Status);
    await until(cloud, 'closed', 'modifying');
    await until(cloud, 'closed', 'available');
    const session = await connect('closed', 'correct-horse');
    await session.end();

    expect(before).toBe(false);
    expect(meanwhile).toEqual(['removing', 'adding']);
    expect((await instance(cloud, 'closed'))?.VpcSecurityGroups).toEqual([{ VpcSecurityGroupId: ADMITTED, Status: 'active' }]);
  });

  it('really changes the password of the master', async () => {
    await made(cloud, 'secretive', { VpcSecurityGroupIds: [ADMITTED] });

    await modify('secretive', { MasterUserPassword: 'battery-staple' });
    const pending = (await instance(cloud, 'secretive'))?.PendingModifiedValues;
    await (await connect('secretive', 'correct-horse')).end();
    await until(cloud, 'secretive', 'resetting-master-credentials');
    await until(cloud, 'secretive', 'available');

    expect(pending).toEqual({ MasterUserPassword: '****' });
    await expect(connect('secretive', 'correct-horse')).rejects.toThrow('password authentication failed');
    await (await connect('secretive', 'battery-staple')).end();
    expect((await messages(cloud, 'secretive')).at(-1)).toBe('Reset master credentials');
  });

  it('grows storage, which is then optimized', async () => {
    await made(cloud, 'growing');

    await atOnce('growing', { AllocatedStorage: 21 });
    await until(cloud, 'growing', 'modifying');
    const seen = await until(cloud, 'growing', 'available');

    expect(seen).toEqual(['modifying', 'storage-optimization', 'available']);
    expect((await instance(cloud, 'growing'))?.AllocatedStorage).toBe(22);
  });

  it('begins backups with a first one', async () => {
    await made(cloud, 'unsaved', { BackupRetentionPeriod: 0 });

    await atOnce('unsaved', { BackupRetentionPeriod: 3 });
    await until(cloud, 'unsaved', 'modifying');

    expect(await until(cloud, 'unsaved', 'available')).toEqual(['modifying', 'backing-up', 'available']);
    expect((await instance(cloud, 'unsaved'))?.BackupRetentionPeriod).toBe(3);
  });
});

describe('a change that may wait', () => {
  it('waits for the maintenance window, unless it costs nothing', async () => {
    await made(cloud, 'patient', { DeletionProtection: true });

    await modify('patient', { DBInstanceClass: 'db.t4g.small', MultiAZ: true, DeletionProtection: false });
    const soon = await instance(cloud, 'patient');
    const opens = nextWindow('sun:04:00-sun:04:30', cloud.timeline.now());
    await cloud.timeline.passTo(opens - 60_000);
    const before = await instance(cloud, 'patient');
    await until(cloud, 'patient', 'modifying');
    await until(cloud, 'patient', 'available');
    const after = await instance(cloud, 'patient');

    expect(soon).toMatchObject({ DBInstanceStatus: 'available', DeletionProtection: false, MultiAZ: false });
    expect(before?.PendingModifiedValues).toEqual({ DBInstanceClass: 'db.t4g.small', MultiAZ: true });
    expect(after).toMatchObject({ DBInstanceClass: 'db.t4g.small', MultiAZ: true, PendingModifiedValues: {} });
    expect(after?.SecondaryAvailabilityZone).toMatch(/^eu-west-1[abc]$/);
  });

  it('is made with the next one that is not to wait', async () => {
    await made(cloud, 'hurried');

    await modify('hurried', { DBInstanceClass: 'db.t4g.small' });
    await atOnce('hurried', {});
    await until(cloud, 'hurried', 'modifying');
    await until(cloud, 'hurried', 'available');

    expect((await instance(cloud, 'hurried'))?.DBInstanceClass).toBe('db.t4g.small');
  });

  it.each([
    ['2026-05-04T10:00:00Z', '2026-05-10T04:00:00Z'],
    ['2026-05-10T03:59:59Z', '2026-05-10T04:00:00Z'],
    ['2026-05-10T04:00:00Z', '2026-05-17T04:00:00Z'],
  ])('finds the window after %s at %s', (after, opens) => {
    expect(new Date(nextWindow('sun:04:00-sun:04:30', Date.parse(after))).toISOString()).toBe(new Date(opens).toISOString());
  });
});

describe('another name', () => {
  it('takes the old one away at once, and answers after a restart under a certificate of its own', async () => {
    const before = await made(cloud, 'old', { VpcSecurityGroupIds: [ADMITTED] });
    const client = await connect('old', 'correct-horse');
    const cut = new Promise<void>((resolve) => client.once('end', () => resolve()));

    const { DBInstance: answered } = await atOnce('old', { NewDBInstanceIdentifier: 'New' });
    const asked = cloud.call('rds', 'DescribeDBInstances', { DBInstanceIdentifier: 'old' });
    await expect(asked).rejects.toMatchObject({ code: 'DBInstanceNotFound' });
    const unknown = cloud.call('rds', 'DescribeDBInstances', { DBInstanceIdentifier: 'new' });
    await expect(unknown).rejects.toMatchObject({ code: 'DBInstanceNotFound' });
    const taken = cloud.call('rds', 'DescribeDBInstances', {});
    const seen = await until(cloud, 'new', 'available');
    await cut;
    const after = await instance(cloud, 'new');
    const session = await connect('new', 'correct-horse');
    await session.end();

    expect(answered).toMatchObject({ DBInstanceIdentifier: 'old', PendingModifiedValues: { DBInstanceIdentifier: 'new' } });
    expect((await taken).DBInstances?.map(({ DBInstanceIdentifier: name }) => name)).not.toContain('old');
    expect(seen).toEqual(['renaming', 'rebooting', 'available']);
    expect(after?.DBInstanceArn).toBe(before.DBInstanceArn?.replace(/old$/, 'new'));
    expect(after?.DbiResourceId).toBe(before.DbiResourceId);
    expect(after?.Endpoint?.Address).toBe(cloud.services.rds.own.endpointOf('new'));
    expect(cloud.ground.published().has(originOf('old'))).toBe(false);
  });

  it('is not one that somebody has, or is just giving up', async () => {
    await made(cloud, 'leaving');
    await made(cloud, 'coming');

    await expect(atOnce('coming', { NewDBInstanceIdentifier: 'leaving' })).rejects.toMatchObject(
      refused('DBInstanceAlreadyExists', 'DB instance already exists'),
    );
    await atOnce('leaving', { NewDBInstanceIdentifier: 'shelf' });
    await expect(atOnce('coming', { NewDBInstanceIdentifier: 'leaving' })).rejects.toMatchObject({
      code: 'DBInstanceAlreadyExists',
    });
    await until(cloud, 'shelf', 'available');
    await atOnce('coming', { NewDBInstanceIdentifier: 'leaving' });

    expect(await until(cloud, 'leaving', 'available')).toEqual(['renaming', 'rebooting', 'available']);
  });
});

describe('a change', () => {
  it.each([
    [
      { AllocatedStorage: 19 },
      'InvalidParameterCombination',
      'Invalid storage size for engine name postgres and storage type gp3: 19',
    ],
    [{ BackupRetentionPeriod: -1 }, 'InvalidParameterValue', /Invalid backup retention period: -1/],
    [{ MasterUserPassword: 'short' }, 'InvalidParameterValue', /shorter than 8/],
    [{ NewDBInstanceIdentifier: '-x' }, 'InvalidParameterValue', /NewDBInstanceIdentifier is not a valid identifier/],
    [{ VpcSecurityGroupIds: ['sg-none'] }, 'InvalidParameterValue', /Invalid security group/],
    [{ DBParameterGroupName: 'none' }, 'DBParameterGroupNotFound', 'DBParameterGroup not found: none'],
    [{ DBParameterGroupName: 'default.postgres15' }, 'InvalidParameterCombination', /cannot be used for this instance/],
    [{ DBSubnetGroupName: 'other' }, 'NotImplemented', /DBSubnetGroupName of rds:ModifyDBInstance/],
    [{ ManageMasterUserPassword: true }, 'NotImplemented', /ManageMasterUserPassword/],
    [{ EngineVersion: '99.1' }, 'InvalidParameterCombination', 'Cannot find version 99.1 for postgres'],
  ])('is refused with %j', async (input, code, message) => {
    await expect(atOnce('founded', input)).rejects.toMatchObject(refused(code, message));
    expect(await statusOf(cloud, 'founded')).toBe('available');
  });

  it('is refused while another is under way', async () => {
    await made(cloud, 'occupied');
    await atOnce('occupied', { MultiAZ: true });

    await expect(atOnce('occupied', { MultiAZ: false })).rejects.toMatchObject(
      refused('InvalidDBInstanceState', 'Instance occupied is not in available state.'),
    );
  });

  it('asks IAM about the instance and the groups it names', () => {
    const call = { region: 'eu-west-1', account: '123456789012' } as never;
    const asks = cloud.services.rds.operations.ModifyDBInstance?.asks(
      { DBInstanceIdentifier: 'Founded', DBParameterGroupName: 'Mine' },
      call,
    );

    expect(asks?.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      'rds:ModifyDBInstance arn:aws:rds:eu-west-1:123456789012:db:founded',
      'rds:ModifyDBInstance arn:aws:rds:eu-west-1:123456789012:pg:mine',
    ]);
  });
});
