// The commands that teams type when they copy, restore and rewind a database, in their order, failures and waiters included.
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  ModifyDBInstanceCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
  waitUntilDBSnapshotAvailable,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { inside, instance, made, SMALL, startScene, statusOf } from './rds-scene.ts';

const MINUTE = 60_000;
const MASTER = { MasterUsername: 'wos_admin', MasterUserPassword: 'correct-horse', Engine: 'postgres' };

let cloud: Cloud;
let rds: RDSClient;
let unwatch: () => void;
let patient: { client: RDSClient; maxWaitTime: number; minDelay: number; maxDelay: number };

beforeAll(async () => {
  cloud = await startScene();
  rds = new RDSClient({ region: cloud.region, endpoint: cloud.endpoint, credentials: cloud.operator, maxAttempts: 1 });
  patient = { client: rds, maxWaitTime: 30, minDelay: 0.01, maxDelay: 0.01 };
}, 60_000);
afterAll(async () => {
  rds.destroy();
  await cloud.stop();
});

const pass = (milliseconds: number) => cloud.timeline.passTo(cloud.timeline.now() + milliseconds);
/** Between two questions of a waiter half a minute goes by, as it does for AWS's own. */
async function polling<T>(wait: () => Promise<T>): Promise<T> {
  const passing: Promise<unknown>[] = [];
  unwatch = cloud.watchCalls(({ operation }) => {
    if (operation.startsWith('rds:Describe')) passing.push(pass(30_000));
  });
  try {
    return await wait();
  } finally {
    unwatch();
    await Promise.all(passing);
  }
}
const available = (DBInstanceIdentifier: string) =>
  polling(() => waitUntilDBInstanceAvailable(patient, { DBInstanceIdentifier }));
const create = (DBInstanceIdentifier: string, more: object = {}) =>
  rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier,
      DBInstanceClass: 'db.t3.micro',
      AllocatedStorage: 20,
      ...MASTER,
      ...more,
    }),
  );
const remove = (DBInstanceIdentifier: string, more: object = { SkipFinalSnapshot: true }) =>
  rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, ...more }));
const restore = (DBInstanceIdentifier: string, DBSnapshotIdentifier: string) =>
  rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier, DBInstanceClass: 'db.t3.micro' }),
  );
const take = (DBInstanceIdentifier: string, DBSnapshotIdentifier: string) =>
  rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier }));

describe('the commands of a team', () => {
  it('make two instances, and refuse what RDS refuses', async () => {
    await create('wos-sandbox', { BackupRetentionPeriod: 7 });
    await create('wos-production', {
      ...{ DBInstanceClass: 'db.t3.small', AllocatedStorage: 50, BackupRetentionPeriod: 30 },
      ...{ StorageEncrypted: true, DeletionProtection: true },
    });
    await expect(create('wos-sandbox')).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
    await expect(create('wos-x', { BackupRetentionPeriod: 36 })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await available('wos-sandbox');
    await available('wos-production');

    expect(await instance(cloud, 'wos-production')).toMatchObject({
      ...{
        StorageEncrypted: true,
        DeletionProtection: true,
        BackupRetentionPeriod: 30,
        StorageType: 'gp3',
        AllocatedStorage: 50,
      },
    });
    await expect(remove('wos-production')).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
      message: 'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    });
    await expect(remove('wos-sandbox', {})).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });

  it('bring a snapshot of the one to the name of the other: only after that is gone', async () => {
    await create('khorium-webdev-db', SMALL);
    await create('khorium-staging-db', SMALL);
    await available('khorium-webdev-db');
    await available('khorium-staging-db');
    await inside(cloud, 'khorium-webdev-db', (session) => session.query('CREATE TABLE note AS SELECT 1 AS n'));

    await take('khorium-webdev-db', 'khorium-webdev-snapshot');
    await expect(restore('khorium-too-early', 'khorium-webdev-snapshot')).rejects.toMatchObject({
      name: 'InvalidDBSnapshotStateFault',
    });
    await polling(() => waitUntilDBSnapshotAvailable(patient, { DBSnapshotIdentifier: 'khorium-webdev-snapshot' }));
    await expect(restore('khorium-staging-db', 'khorium-webdev-snapshot')).rejects.toMatchObject({
      name: 'DBInstanceAlreadyExistsFault',
    });
    await remove('khorium-staging-db');
    const early = restore('khorium-staging-db', 'khorium-webdev-snapshot');
    await expect(early).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
    expect(await statusOf(cloud, 'khorium-staging-db')).toBe('deleting');

    await polling(() => waitUntilDBInstanceDeleted(patient, { DBInstanceIdentifier: 'khorium-staging-db' }));
    await restore('khorium-staging-db', 'khorium-webdev-snapshot');
    await available('khorium-staging-db');

    const { rows } = await inside(cloud, 'khorium-staging-db', (session) => session.query('SELECT n FROM note'));
    expect(rows).toEqual([{ n: 1 }]);
    const groups = new ModifyDBInstanceCommand({
      DBInstanceIdentifier: 'khorium-staging-db',
      VpcSecurityGroupIds: ['sg-01741701ab3597b82'],
      ApplyImmediately: true,
    });
    await expect(rds.send(groups)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  }, 60_000);

  it('go back to a second that is within the backups, and to no other', async () => {
    await create('wos-rewound', { BackupRetentionPeriod: 7 });
    await available('wos-rewound');
    await pass(30 * MINUTE);
    const rewind = (RestoreTime: Date) =>
      rds.send(
        new RestoreDBInstanceToPointInTimeCommand({
          SourceDBInstanceIdentifier: 'wos-rewound',
          TargetDBInstanceIdentifier: 'wos-rewound-pit',
          RestoreTime,
        }),
      );

    await expect(rewind(new Date('2026-01-12T10:00:00Z'))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(rewind(new Date(cloud.timeline.now()))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await rewind(new Date(cloud.timeline.now() - 10 * MINUTE));
    await available('wos-rewound-pit');
    expect(await statusOf(cloud, 'wos-rewound-pit')).toBe('available');
  }, 60_000);
});

describe('a waiter', () => {
  // Snapshots that come to no end stay so: on a cloud of its own.
  it('gives up on a snapshot that comes to no end', async () => {
    const stalling = await startScene();
    const client = new RDSClient({ region: stalling.region, endpoint: stalling.endpoint, credentials: stalling.operator });
    try {
      await made(stalling, 'orders');
      stalling.services.rds.own.stallSnapshots();
      await client.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'orders', DBSnapshotIdentifier: 'never-done' }));
      await stalling.timeline.passTo(stalling.timeline.now() + 60 * MINUTE);
      const waiting = waitUntilDBSnapshotAvailable(
        { ...patient, client, maxWaitTime: 1 },
        { DBSnapshotIdentifier: 'never-done' },
      );

      await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
    } finally {
      client.destroy();
      await stalling.stop();
    }
  });

  it('is told at once that an instance it waits for is going', async () => {
    await create('going', SMALL);
    await available('going');
    await remove('going');

    await expect(available('going')).rejects.toThrow(/FAILURE/);
  });
});
