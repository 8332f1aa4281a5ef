// Servers of databases as RDS has them: kept, restored, dressed, renamed, put aside. What was asked for twice is done once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { awsInstances } from '../../shared/cloud/aws/instances.ts';
import { awsServerNames } from '../../shared/cloud/aws/server-names.ts';
import { awsServers } from '../../shared/cloud/aws/servers.ts';
import { settingsApart, tagsOf, type InstanceFacts, type SnapshotFacts } from '../../shared/runbooks/instances.ts';
import { inside, made, startScene, until } from '../services/rds-scene.ts';
import { standOn } from './on-aws.ts';

const MINUTE = 60_000;
const OURS = tagsOf({ app: 'orders', run: 'back-7', environment: 'main', what: 'restored' });
const TAGS = { ...OURS, team: 'orders' };

let cloud: Cloud;
let restore: () => void;
beforeAll(async () => {
  cloud = await startScene();
  restore = standOn(cloud);
  await made(cloud, 'orders', { BackupRetentionPeriod: 7, CopyTagsToSnapshot: true, StorageEncrypted: true, MultiAZ: true });
  await cloud.call('secretsmanager', 'CreateSecret', {
    Name: 'orders/master',
    SecretString: JSON.stringify({ username: 'boss', password: 'of-all-of-them', host: 'orders.rds.test', port: 5432 }),
  });
  await inside(cloud, 'orders', (session) => session.query('CREATE TABLE note (n int)'));
}, 60_000);
afterAll(async () => {
  restore();
  await cloud.stop();
});

const pass = (milliseconds: number) => cloud.timeline.passTo(cloud.timeline.now() + milliseconds);
async function found(id: string): Promise<InstanceFacts> {
  const facts = await awsInstances().find(id);
  if (!facts) throw new Error(`there is no ${id}`);
  return facts;
}
const note = (n: number) => inside(cloud, 'orders', (session) => session.query('INSERT INTO note VALUES ($1)', [n]));
const notes = (name: string) =>
  inside(cloud, name, async (session) =>
    (await session.query<{ n: number }>('SELECT n FROM note ORDER BY n')).rows.map(({ n }) => n),
  );
async function kept(id: string): Promise<void> {
  await awsServers().takeSnapshot('orders', id, TAGS);
  while ((await awsInstances().snapshot(id))?.status !== 'available') await pass(10_000);
  await until(cloud, 'orders', 'available');
}
async function restored(id: string, snapshot: string): Promise<InstanceFacts> {
  const { settings } = await found('orders');
  await awsServers().restore({ kind: 'snapshot', snapshot }, { instance: id, settings, tags: TAGS });
  await until(cloud, id, 'available');
  return found(id);
}

describe('what RDS tells', () => {
  it('of an instance: as it stands, and null where there is none', async () => {
    expect(await found('orders')).toMatchObject({
      id: 'orders',
      status: 'available',
      host: expect.stringMatching(/^orders\..+\.rds\.amazonaws\.com$/) as unknown,
      port: 5432,
      storageGigabytes: 20,
      replicas: [],
      pending: [],
      settings: { instanceClass: 'db.t4g.micro', multiAz: true, backupRetentionDays: 7, encrypted: true },
    });
    expect([await awsInstances().find('nobody'), await awsServerNames().find('nobody')]).toEqual([null, null]);
    expect(await awsInstances().snapshot('nothing')).toBeNull();
    expect([await awsInstances().storageBytes('orders'), await awsInstances().storageBytes('nobody')]).toEqual([
      20 * 1024 ** 3,
      null,
    ]);
  });

  it('of how far back it goes: to five minutes ago at most, null without backups', async () => {
    await made(cloud, 'unsaved', { BackupRetentionPeriod: 0 });
    await pass(20 * MINUTE);
    const window = await awsInstances().window((await found('orders')).resourceId);

    expect(cloud.timeline.now() - Date.parse(window?.latest ?? '')).toBeLessThan(6 * MINUTE);
    expect(Date.parse(window?.earliest ?? '')).toBeLessThan(Date.parse(window?.latest ?? ''));
    expect(await awsInstances().window((await found('unsaved')).resourceId)).toBeNull();
  });
});

describe('a snapshot', () => {
  it('is taken once, bears our tags, and is listed by whose it is, the newest first', async () => {
    await kept('by-hand');
    await awsServers().takeSnapshot('orders', 'by-hand', {});
    await kept('by-hand-2');
    const { resourceId } = await found('orders');

    const one = await awsInstances().snapshot('by-hand');
    const ofIt = await awsInstances().snapshots({ resourceId });
    const ours = await awsInstances().ourSnapshots('orders');
    const byHand = (all: readonly SnapshotFacts[]) => all.map(({ id }) => id).filter((id) => id.startsWith('by-hand'));
    expect(one).toMatchObject({
      kind: 'manual',
      status: 'available',
      instance: 'orders',
      resourceId,
      encrypted: true,
      tags: TAGS,
    });
    expect([byHand(ofIt), byHand(ours)]).toEqual([
      ['by-hand-2', 'by-hand'],
      ['by-hand-2', 'by-hand'],
    ]);
    expect(ofIt.map(({ takenAt }) => takenAt)).toEqual(
      ofIt
        .map(({ takenAt }) => takenAt)
        .sort()
        .reverse(),
    );
    expect([ofIt, ours].map((all) => all.some(({ kind }) => kind === 'automated'))).toEqual([true, false]);
    expect((await awsInstances().snapshots({ instance: 'orders' })).map(({ id }) => id)).toEqual(ofIt.map(({ id }) => id));
    expect(await awsInstances().ourSnapshots('shop')).toEqual([]);
  });

  it('is removed once, and one that is not there is no trouble', async () => {
    await kept('short');

    await awsServers().removeSnapshot('short');
    await awsServers().removeSnapshot('short');

    expect(await awsInstances().snapshot('short')).toBeNull();
  });
});

describe('a restored instance', () => {
  it('has what was in the snapshot, is made once, and is found as ours', async () => {
    await note(11);
    const before = await notes('orders');
    await kept('first');
    await note(12);

    const facts = await restored('orders-r1', 'first');
    await awsServers().restore(
      { kind: 'snapshot', snapshot: 'first' },
      { instance: 'orders-r1', settings: facts.settings, tags: {} },
    );

    expect(await notes('orders-r1')).toEqual(before);
    expect(facts.tags).toMatchObject(TAGS);
    expect(facts.resourceId).not.toBe((await found('orders')).resourceId);
    const ours = (await awsInstances().ours('orders')).map(({ id }) => id);
    expect([ours.includes('orders-r1'), ours.includes('orders')]).toEqual([true, false]);
    expect(settingsApart((await found('orders')).settings, facts.settings)).toEqual([]);
  });

  it('is as of that second', async () => {
    await note(3);
    const at = new Date(cloud.timeline.now() + 1_000).toISOString();
    await pass(10 * MINUTE);
    await note(4);
    const { resourceId, settings } = await found('orders');

    const before = await notes('orders');
    await awsServers().restore({ kind: 'point', resourceId, at }, { instance: 'orders-p1', settings, tags: TAGS });
    await until(cloud, 'orders-p1', 'available');

    expect(before).toContain(4);
    expect(await notes('orders-p1')).toEqual(before.filter((n) => n !== 4));
  });

  it('is given what it lacks and the master’s password, at once', async () => {
    await kept('second');
    const before = await restored('orders-r2', 'second');
    await awsServers().adjust('orders-r2', { backupRetentionDays: 3, multiAz: false }, 'orders/master');
    await until(cloud, 'orders-r2', 'modifying');
    await until(cloud, 'orders-r2', 'available');

    const facts = await found('orders-r2');
    expect(settingsApart(before.settings, facts.settings).map(({ name }) => name)).toEqual(['multiAz', 'backupRetentionDays']);
    expect(facts.pending).toEqual([]);
    const passwords = await inside(cloud, 'orders-r2', (session) =>
      session.query(`SELECT rolpassword FROM pg_authid WHERE rolname = 'boss'`),
    );
    const old = await inside(cloud, 'orders', (session) =>
      session.query(`SELECT rolpassword FROM pg_authid WHERE rolname = 'boss'`),
    );
    expect(passwords.rows).not.toEqual(old.rows);
  });
});

describe('a name', () => {
  it('changes hands, the identity stays, and the old name is nobody’s', async () => {
    await made(cloud, 'misnamed');
    const { resourceId } = await found('misnamed');

    await awsServerNames().rename('misnamed', 'well-named');
    await until(cloud, 'well-named', 'available');

    expect((await awsServerNames().find('well-named'))?.resourceId).toBe(resourceId);
    expect(await awsServerNames().find('misnamed')).toBeNull();
  });

  it('that another one has is refused with what RDS says', async () => {
    await made(cloud, 'wants');

    await expect(awsServerNames().rename('wants', 'orders')).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('renaming wants') as unknown,
    });
  });
});

describe('an instance that is put aside', () => {
  it('is tagged, stopped with a last snapshot, started again, and removed once', async () => {
    await made(cloud, 'aside');
    const { arn } = await found('aside');
    await awsServers().tag(arn, { ...OURS, 'changeover:what': 'shelf' });
    await awsServers().stop('aside', 'aside-last');
    await until(cloud, 'aside', 'stopped');

    expect((await found('aside')).tags).toMatchObject({ 'changeover:what': 'shelf' });
    expect(await awsInstances().snapshot('aside-last')).toMatchObject({ status: 'available', kind: 'manual', instance: 'aside' });
    // What the world says is looked at before: whoever comes too late is told to look again.
    await expect(awsServers().stop('aside', null)).rejects.toMatchObject({ name: 'NotYet' });

    await awsServers().start('aside');
    await until(cloud, 'aside', 'available');
    await awsServers().remove('aside');
    await until(cloud, 'aside', undefined);
    await awsServers().remove('aside');

    expect(await awsInstances().find('aside')).toBeNull();
    expect(await awsInstances().snapshot('aside-last')).not.toBeNull();
  });
});
