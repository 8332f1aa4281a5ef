// What somebody else does meanwhile: sessions that stand open, migrations that hold their locks, files that vanish.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { Happening } from '../../rehearsal/run/happening.ts';
import { happen } from '../../rehearsal/run/meanwhile.ts';
import { buildWorld, type World } from '../../rehearsal/world/builder/builder.ts';
import { filesIn } from '../../rehearsal/world/builder/surroundings.ts';
import { parseWorld } from '../../rehearsal/world/builder/world-file.ts';
import { readEstateFile } from '../../shared/estate-file.ts';

const ESTATE = readEstateFile(join(__dirname, '..', '..', 'estate.yml'));
const NIGHT = Date.UTC(2026, 0, 15, 3, 12, 0);
const ALTER = 'ALTER TABLE orders ADD COLUMN gift boolean';

let cloud: Cloud;
let world: World;
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: NIGHT });
  await found();
});
afterEach(async () => {
  await ask(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'orders' AND pid <> pg_backend_pid()`);
});
afterAll(() => cloud.stop());

/** Founding takes seconds: every test leaves its world as it was, or founds another. */
async function found(): Promise<void> {
  world = await buildWorld(cloud, ESTATE, parseWorld('says: a world\nvisitors: none', 'made-up'));
}

const itHappens = (what: object): Promise<void> =>
  happen(cloud, world, 'none', Happening.parse({ at: 'Act', environment: 'spare', ...what }));
async function ask<Row>(sql: string): Promise<Row[]> {
  const session = await world.standby?.cluster?.open('orders');
  try {
    return ((await session?.query(sql))?.rows ?? []) as Row[];
  } finally {
    await session?.end();
  }
}
const LOCKS = `
  SELECT a.usename AS who, l.mode, l.granted, a.state, s.ssl
    FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_stat_ssl s USING (pid)
   WHERE l.relation = 'orders'::regclass ORDER BY l.granted DESC, 2`;
const lockModes = async () => (await ask<{ who: string; mode: string; granted: boolean }>(LOCKS)).map(Object.values);
const passSeconds = (seconds: number): Promise<void> => cloud.timeline.passTo(cloud.timeline.now() + seconds * 1000);
const hasColumn = async (name: string): Promise<boolean> =>
  (await ask(`SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = '${name}'`)).length > 0;

describe('a session that stands open', () => {
  it.each([
    ['application', 'orders_app', true],
    ['superuser', 'rdsadmin', null],
  ])('as %s holds what it has read, for as long as its transaction is open', async (as, who, tls) => {
    await itHappens({ do: 'session', as, idle: 'transaction' });

    await passSeconds(3600);

    expect(await ask(LOCKS)).toEqual([
      { who, mode: 'AccessShareLock', granted: true, state: 'idle in transaction', ssl: tls ?? false },
    ]);
  });

  it('without a transaction holds nothing, and is in the way of who renames the database', async () => {
    await itHappens({ do: 'session', as: 'superuser', idle: 'connection' });

    expect(await ask(LOCKS)).toEqual([]);
    const session = await world.standby?.cluster?.open();
    await session?.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'orders_app'`);
    await expect(session?.query('ALTER DATABASE orders RENAME TO shelf')).rejects.toMatchObject({
      code: '55006',
      detail: expect.stringMatching(/^There (is|are) \d other session/),
    });
    await session?.end();
  });

  it('ends with its world', async () => {
    await itHappens({ do: 'session', as: 'application', idle: 'transaction' });
    await itHappens({ do: 'session', as: 'superuser', idle: 'connection' });
    await itHappens({ do: 'migrate', sql: ALTER, seconds: 60 });

    const { standby } = world;

    await cloud.reset();

    expect(standby?.cluster?.running).toBe(false);
    await found();
  });
});

describe('a migration', () => {
  it('holds its locks for as long as it says, and is there afterwards', async () => {
    await itHappens({ do: 'migrate', sql: 'ALTER TABLE orders ADD COLUMN wrapping text', seconds: 300 });

    await passSeconds(299);
    const held = await lockModes();
    await passSeconds(2);
    await cloud.timeline.passTo(cloud.timeline.now() + 1);

    expect(held).toContainEqual(['orders_owner', 'AccessExclusiveLock', true, 'idle in transaction', true]);
    expect(await lockModes()).toEqual([]);
    expect(await hasColumn('wrapping')).toBe(true);
  });

  it('that waits for another’s lock keeps no time from passing', async () => {
    await itHappens({ do: 'migrate', sql: ALTER, seconds: 60 });
    await itHappens({ do: 'migrate', sql: 'ALTER TABLE orders DROP COLUMN gift', seconds: 0 });

    expect(await lockModes()).toContainEqual(['orders_owner', 'AccessExclusiveLock', false, 'active', true]);
    await passSeconds(61);
    while ((await lockModes()).length > 0) await passSeconds(1);
    expect(await hasColumn('gift')).toBe(false);
  });

  it('whose SQL is wrong is somebody’s mistake, and is told', async () => {
    await expect(itHappens({ do: 'migrate', sql: 'ALTER TABLE nowhere ADD x int', seconds: 1 })).rejects.toThrow(/nowhere/);
  });
});

describe('files that vanish', () => {
  it('are so many, or all; more than there are is a mistake of the situation’s', async () => {
    const left = (): Promise<string[]> => filesIn(cloud, world.standby?.environment.buckets.uploads ?? '');

    await itHappens({ do: 'remove', keys: 1 });
    expect(await left()).toHaveLength(1);
    await expect(itHappens({ do: 'remove', keys: 2 })).rejects.toThrow('has 1 files, fewer than are to vanish');
    await itHappens({ do: 'remove', keys: 'all' });
    expect(await left()).toEqual([]);
    await expect(itHappens({ do: 'remove', keys: 'all' })).rejects.toThrow('has 0 files');
  });
});
