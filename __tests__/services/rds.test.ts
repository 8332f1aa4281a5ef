import { AddTagsToResourceCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cloud, startCloud } from '../../rehearsal/cloud.ts';
import { createHost } from '../../rehearsal/host/host.ts';
import type { Program } from '../../rehearsal/host/program.ts';
import type { Cluster, PostgresHost } from '../../rehearsal/world/contract.ts';
import { createPostgresHost } from '../../rehearsal/world/postgres/host.ts';
import { sha256Of, zipOf } from '../host/zip.ts';

const MASTER = { username: 'boss', password: 'secret' };
const START = Date.parse('2026-05-04T10:07:30Z');

let cloud: Cloud;
let host: PostgresHost;
let cluster: Cluster;
let arn: string;

beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: START });
  const folder = cloud.ground.folder('postgres');
  host = createPostgresHost({ folder, authority: cloud.authorities.rds });
  const endpoint = cloud.services.rds.own.endpointOf('orders');
  cluster = await host.create({ name: 'orders', endpoint, master: MASTER });
  arn = await found('orders', { tags: { app: 'orders' } });
}, 60_000);
afterAll(async () => {
  await host.stop();
  await cloud.stop();
});

const found = (identifier: string, more: object = {}) =>
  cloud.services.rds.own.found({ identifier, cluster, databaseName: 'postgres', masterUsername: 'boss', ...more });
const list = (input: object = {}) => cloud.call('rds', 'DescribeDBInstances', input);
const names = async (input: object = {}) => ((await list(input)).DBInstances ?? []).map(({ DBInstanceIdentifier: name }) => name);

describe('an instance', () => {
  it('is described as its PostgreSQL is, over the wire', async () => {
    const client = new RDSClient({ region: 'eu-west-1', endpoint: cloud.endpoint, credentials: cloud.operator });

    const { DBInstances: [one] = [] } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'ORDERS' }));
    client.destroy();

    const session = await cluster.open();
    const { rows } = await session.query<{ version: string }>(`SELECT current_setting('server_version') AS version`);
    await session.end();
    expect(one).toMatchObject({
      DBInstanceArn: 'arn:aws:rds:eu-west-1:123456789012:db:orders',
      DBInstanceStatus: 'available',
      Engine: 'postgres',
      EngineVersion: rows[0]?.version,
      MasterUsername: 'boss',
      Endpoint: { Address: cloud.services.rds.own.endpointOf('orders'), Port: 5432, HostedZoneId: 'Z29XKXDKYMONMX' },
      DBSubnetGroup: { SubnetGroupStatus: 'Complete' },
      VpcSecurityGroups: [{ Status: 'active' }],
      TagList: [{ Key: 'app', Value: 'orders' }],
    });
    expect(one?.Endpoint?.Address).toMatch(/^orders\.[a-z0-9]{12}\.eu-west-1\.rds\.amazonaws\.com$/);
  });

  it('can be restored to five minutes ago at best, and not at all without backups', async () => {
    await found('unsaved', { backupRetentionDays: 0 });

    const [saved] = (await list({ DBInstanceIdentifier: 'orders' })).DBInstances ?? [];
    const [unsaved] = (await list({ DBInstanceIdentifier: 'unsaved' })).DBInstances ?? [];

    const age = cloud.timeline.now() - (saved?.LatestRestorableTime?.getTime() ?? 0);
    expect(age).toBeLessThan(5 * 60_000);
    expect((saved?.LatestRestorableTime?.getTime() ?? 1) % (5 * 60_000)).toBe(0);
    expect(unsaved).not.toHaveProperty('LatestRestorableTime');
  });

  it('goes on being called available when its PostgreSQL is lost, unless the world says otherwise', async () => {
    const endpoint = cloud.services.rds.own.endpointOf('fragile');
    const own = await host.create({ name: 'fragile', endpoint, master: MASTER });
    await found('fragile', { cluster: own });
    const status = async () => (await list({ DBInstanceIdentifier: 'fragile' })).DBInstances?.[0]?.DBInstanceStatus;

    await cloud.services.rds.own.lose('fragile');
    const silent = await status();
    await expect(own.open()).rejects.toThrow();
    await cloud.services.rds.own.lose('fragile', { status: 'storage-full' });
    const told = await status();
    await cloud.services.rds.own.regain('fragile');

    expect([silent, told, await status(), own.running]).toEqual(['available', 'storage-full', 'available', true]);
    expect(cloud.ground.published().get(`postgres://${endpoint}:5432`)).toBe(`tcp://127.0.0.1:${String(own.port)}`);
  });

  it('is founded once, and only on what its cluster really has', async () => {
    await expect(found('orders')).rejects.toThrow('an instance orders stands in eu-west-1 already');
    await expect(found('other', { databaseName: 'none' })).rejects.toThrow('has no database none');
    await expect(found('other', { masterUsername: 'chief' })).rejects.toThrow('has no master chief');
    await expect(found('bad--name')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

describe('the list of instances', () => {
  it('is found by name, by ARN and by filters, all of which must hold', async () => {
    const [one] = (await list({ DBInstanceIdentifier: arn })).DBInstances ?? [];
    const filter = (Name: string, ...Values: string[]) => ({ Name, Values });

    const answers = await Promise.all([
      names({ Filters: [filter('db-instance-id', 'none', arn)] }),
      names({ Filters: [filter('dbi-resource-id', one?.DbiResourceId ?? ''), filter('engine', 'postgres')] }),
      names({ Filters: [filter('db-instance-id', 'orders'), filter('engine', 'mysql')] }),
      names({ Filters: [filter('db-instance-id', 'none')] }),
    ]);

    expect(answers).toEqual([['orders'], ['orders'], [], []]);
  });

  it('is handed out in pages of twenty at least', async () => {
    for (let i = 10; i < 32; i++) await found(`many-${String(i)}`, { region: 'eu-central-1' });
    const page = (input: object) => cloud.call('rds', 'DescribeDBInstances', input, 'eu-central-1');

    const first = await page({ MaxRecords: 20 });
    const rest = await page({ MaxRecords: 20, Marker: first.Marker });

    expect([first.DBInstances?.length, rest.DBInstances?.length, rest.Marker]).toEqual([20, 2, undefined]);
    await expect(page({ Marker: first.Marker, DBInstanceIdentifier: 'many-10' })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
  });

  it.each([
    [{ DBInstanceIdentifier: 'none' }, 'DBInstanceNotFound', 'DBInstance none not found.'],
    [{ DBInstanceIdentifier: '-none' }, 'InvalidParameterValue', 'is not a valid identifier'],
    [{ DBInstanceIdentifier: 'arn:aws:rds:eu-west-2:123456789012:db:orders' }, 'InvalidParameterValue', 'in this region'],
    [{ MaxRecords: 19 }, 'InvalidParameterValue', 'Invalid value 19 for MaxRecords. Must be between 20 and 100'],
    [{ MaxRecords: 101 }, 'InvalidParameterValue', 'Invalid value 101 for MaxRecords. Must be between 20 and 100'],
    [{ Marker: 'made-up' }, 'InvalidParameterValue', 'Marker'],
    [{ Filters: [{ Name: 'status', Values: ['x'] }] }, 'InvalidParameterValue', 'Unrecognized filter name: status'],
  ])('refuses %j', async (input, code, message) => {
    await expect(list(input)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as unknown });
  });
});

describe('snapshots and events', () => {
  it('are asked for as on AWS, and nobody took a snapshot yet', async () => {
    const snapshots = await cloud.call('rds', 'DescribeDBSnapshots', { DBInstanceIdentifier: 'orders', SnapshotType: 'manual' });
    const missing = cloud.call('rds', 'DescribeDBSnapshots', { DBSnapshotIdentifier: 'rds:orders-2026' });
    const mistyped = cloud.call('rds', 'DescribeDBSnapshots', { SnapshotType: 'handmade' });

    expect(snapshots.DBSnapshots).toEqual([]);
    await expect(missing).rejects.toMatchObject({ code: 'DBSnapshotNotFound', message: 'DBSnapshot not found: rds:orders-2026' });
    await expect(mistyped).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('tell of an instance that was created within the time asked for', async () => {
    await found('young', { createdAt: cloud.timeline.now() - 30 * 60_000 });
    const ask = (input: object) => cloud.call('rds', 'DescribeEvents', input);
    const about = { SourceIdentifier: 'young', SourceType: 'db-instance' };

    const [hour, minutes] = await Promise.all([ask(about), ask({ ...about, Duration: 10 })]);

    expect(hour.Events).toMatchObject([{ SourceIdentifier: 'young', EventCategories: ['creation'] }]);
    expect(minutes.Events).toEqual([]);
    await expect(ask({ SourceIdentifier: 'young' })).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
  });
});

describe('tags', () => {
  it('are added, listed and removed by ARN', async () => {
    const ResourceName = await found('tagged');
    const client = new RDSClient({ region: 'eu-west-1', endpoint: cloud.endpoint, credentials: cloud.operator });
    const Tags = [
      { Key: 'refresh', Value: 'true' },
      { Key: 'team', Value: 'core' },
    ];
    await client.send(new AddTagsToResourceCommand({ ResourceName, Tags }));
    client.destroy();

    await cloud.call('rds', 'RemoveTagsFromResource', { ResourceName, TagKeys: ['team', 'none'] });

    expect(await cloud.call('rds', 'ListTagsForResource', { ResourceName })).toEqual({ TagList: [Tags[0]] });
  });

  it.each([
    ['orders', 'InvalidParameterValue'],
    ['arn:aws:rds:eu-west-2:123456789012:db:orders', 'InvalidParameterValue'],
    ['arn:aws:rds:eu-west-1:123456789012:db:none', 'DBInstanceNotFound'],
    ['arn:aws:rds:eu-west-1:123456789012:snapshot:none', 'DBSnapshotNotFound'],
    ['arn:aws:rds:eu-west-1:123456789012:og:none', 'NotImplemented'],
  ])('of %s are refused as %s', async (ResourceName, code) => {
    await expect(cloud.call('rds', 'ListTagsForResource', { ResourceName })).rejects.toMatchObject({ code });
  });

  it('of AWS itself are nobody else to give', async () => {
    const add = cloud.call('rds', 'AddTagsToResource', { ResourceName: arn, Tags: [{ Key: 'aws:mine', Value: 'x' }] });

    await expect(add).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

describe('who may ask', () => {
  it('is said by instance and by its tags', () => {
    const asked = (operation: 'DescribeDBInstances' | 'ListTagsForResource', input: object) =>
      cloud.services.rds.operations[operation]?.asks(
        input as never,
        {
          region: 'eu-west-1',
          account: '123456789012',
        } as never,
      );

    expect(asked('DescribeDBInstances', {})).toMatchObject([{ resource: 'arn:aws:rds:eu-west-1:123456789012:db:*' }]);
    expect(asked('DescribeDBInstances', { DBInstanceIdentifier: 'orders' })).toMatchObject([
      {
        action: 'rds:DescribeDBInstances',
        resource: arn,
        context: { 'rds:db-tag/app': 'orders', 'aws:ResourceTag/app': 'orders' },
      },
    ]);
    expect(asked('ListTagsForResource', { ResourceName: arn })).toMatchObject([{ resource: arn }]);
  });
});

describe('a function in the network of an instance', () => {
  // What a PostgreSQL client does before it says who it is.
  const HANDLER = `const net = require('node:net'), tls = require('node:tls');
    exports.handler = ({ host }) => new Promise((resolve) => {
      const socket = net.connect(5432, host, () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
      socket.once('data', (answer) => {
        const secure = tls.connect({ socket, servername: host }, () => resolve(answer + ' trusted'));
        secure.on('error', (error) => resolve(answer + ' ' + error.code));
      });
      socket.once('error', (error) => resolve(error.code));
    });`;

  it('trusts its certificate when its variables ask for the bundle of Lambda, and not otherwise', async () => {
    const lambda = createHost(cloud.ground, { authorities: cloud.authorities });
    const assumeRolePolicy = {
      Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', ...assumeRolePolicy });
    const { Role } = await cloud.call('iam', 'CreateRole', { RoleName: 'reader', AssumeRolePolicyDocument });
    const zip = zipOf({ 'index.js': HANDLER });
    const program = (name: string, variables: Record<string, string>): Program => ({
      ...{ functionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${name}`, name, version: '$LATEST', region: 'eu-west-1' },
      ...{ role: Role?.Arn ?? '', handler: 'index.handler', runtime: 'nodejs24.x', memorySize: 256, timeout: 20, variables, zip },
      ...{ sha256: sha256Of(zip), revision: '1', inNetwork: true },
      logging: { format: 'Text', group: '/aws/lambda/f', applicationLevel: 'INFO', systemLevel: 'INFO' },
    });
    const event = JSON.stringify({ host: cloud.services.rds.own.endpointOf('orders') });
    const ask = async (one: Program): Promise<string> =>
      (await lambda.invoke(one, { requestId: cloud.ground.uuid(), invokedArn: one.functionArn, event })).payload;

    const answers = [
      await ask(program('asks', { NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem' })),
      await ask(program('asks-not', {})),
    ];
    await lambda.stop();

    expect(answers[0]).toBe('"S trusted"');
    expect(answers[1]).toMatch(
      /^"S (UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)"$/,
    );
  });
});
