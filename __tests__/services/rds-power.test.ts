import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { inside, instance, made, messages, refused, startScene, until } from './rds-scene.ts';

const WEEK = 7 * 24 * 60 * 60_000;

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startScene();
}, 60_000);
afterAll(() => cloud.stop());

const clusterOf = (name: string) => {
  const cluster = cloud.services.rds.own.clusterOf(name);
  if (!cluster) throw new Error(`${name} has no cluster`);
  return cluster;
};
/** A client of the master's, as he connects from outside. */
async function connect(name: string, password = 'correct-horse'): Promise<Client> {
  const ssl = { ca: cloud.authorities.rds.pem, servername: cloud.services.rds.own.endpointOf(name) };
  const { port } = clusterOf(name);
  const client = new Client({ host: '127.0.0.1', port, user: 'boss', password, database: 'postgres', ssl });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

describe('a reboot', () => {
  it('ends every session, and what was committed is there afterwards', async () => {
    await made(cloud, 'shop');
    const client = await connect('shop');
    await client.query('CREATE TABLE orders AS SELECT 7 AS id');
    const cut = new Promise<void>((resolve) => client.once('end', () => resolve()));

    const { DBInstance } = await cloud.call('rds', 'RebootDBInstance', { DBInstanceIdentifier: 'shop' });
    await cut;
    const seen = await until(cloud, 'shop', 'available');

    expect(DBInstance?.DBInstanceStatus).toBe('rebooting');
    expect(seen).toEqual(['rebooting', 'available']);
    const { rowCount } = await inside(cloud, 'shop', (session) => session.query('SELECT FROM orders WHERE id = 7'));
    expect(rowCount).toBe(1);
    expect((await messages(cloud, 'shop')).slice(-2)).toEqual(['DB instance shutdown', 'DB instance restarted']);
  });

  it('with a failover changes the zone of a Multi-AZ instance, and of no other', async () => {
    const before = await made(cloud, 'double', { MultiAZ: true });
    await made(cloud, 'single');
    const reboot = (DBInstanceIdentifier: string) =>
      cloud.call('rds', 'RebootDBInstance', { DBInstanceIdentifier, ForceFailover: true });

    await expect(reboot('single')).rejects.toMatchObject(refused('InvalidParameterCombination', /not configured for Multi-AZ/));
    await reboot('double');
    await until(cloud, 'double', 'available');

    const after = await instance(cloud, 'double');
    expect(after?.AvailabilityZone).toBe(before.SecondaryAvailabilityZone);
    expect(after?.SecondaryAvailabilityZone).toBe(before.AvailabilityZone);
    expect(await messages(cloud, 'double')).toEqual(
      expect.arrayContaining(['Multi-AZ instance failover started', 'Multi-AZ instance failover completed']),
    );
  });

  it('is refused while anything else is being done', async () => {
    await made(cloud, 'occupied');
    const name = { DBInstanceIdentifier: 'occupied' };
    await cloud.call('rds', 'RebootDBInstance', name);

    await expect(cloud.call('rds', 'RebootDBInstance', name)).rejects.toMatchObject(
      refused('InvalidDBInstanceState', 'Instance occupied is not in available state.'),
    );
    await expect(cloud.call('rds', 'DeleteDBInstance', { ...name, SkipFinalSnapshot: true })).rejects.toMatchObject({
      code: 'InvalidDBInstanceState',
    });
  });
});

describe('an instance that is stopped', () => {
  const stop = (DBInstanceIdentifier: string) => cloud.call('rds', 'StopDBInstance', { DBInstanceIdentifier });
  const start = (DBInstanceIdentifier: string) => cloud.call('rds', 'StartDBInstance', { DBInstanceIdentifier });

  it('has no server until it is started, and its data then', async () => {
    await made(cloud, 'resting');
    await inside(cloud, 'resting', (session) => session.query('CREATE TABLE kept ()'));

    await stop('resting');
    const down = await until(cloud, 'resting', 'stopped');
    const running = clusterOf('resting').running;
    await expect(stop('resting')).rejects.toMatchObject(
      refused('InvalidDBInstanceState', 'Instance resting is not in available state.'),
    );
    await start('resting');
    const up = await until(cloud, 'resting', 'available');

    expect([down, running, up]).toEqual([['stopping', 'stopped'], false, ['starting', 'available']]);
    const { rowCount } = await inside(cloud, 'resting', (session) =>
      session.query(`SELECT FROM pg_class WHERE relname = 'kept'`),
    );
    expect(rowCount).toBe(1);
    await expect(start('resting')).rejects.toMatchObject({ code: 'InvalidDBInstanceState' });
  });

  it('is started by RDS itself after a week', async () => {
    await made(cloud, 'forgotten');
    await stop('forgotten');
    await until(cloud, 'forgotten', 'stopped');
    const stoppedAt = cloud.timeline.now();
    const told = (await instance(cloud, 'forgotten'))?.AutomaticRestartTime?.getTime() ?? 0;

    await cloud.timeline.passTo(told - 60_000);
    const before = (await instance(cloud, 'forgotten'))?.DBInstanceStatus;
    await cloud.timeline.passTo(told + 1000);
    const seen = await until(cloud, 'forgotten', 'available');

    expect(Math.abs(told - stoppedAt - WEEK)).toBeLessThan(2000);
    expect([before, seen]).toEqual(['stopped', ['starting', 'available']]);
    expect((await messages(cloud, 'forgotten')).slice(-2)).toEqual([
      'DB instance is being started due to it exceeding the maximum allowed time being stopped.',
      'DB instance started',
    ]);
    expect(clusterOf('forgotten').running).toBe(true);
  });
});
