import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { judgeAfterwards, lookAfterwards, type Holdings, type Seen } from '../../rehearsal/run/afterwards.ts';
import { buildWorld, type World } from '../../rehearsal/world/builder/builder.ts';
import { LEDGER } from '../../rehearsal/world/builder/ledger.ts';
import { parseWorld } from '../../rehearsal/world/builder/world-file.ts';
import { readEstateFile } from '../../shared/estate-file.ts';

const ESTATE = readEstateFile(join(__dirname, '..', '..', 'estate.yml'));
const NIGHT = Date.UTC(2026, 0, 15, 3, 12, 0);

let cloud: Cloud;
let world: World;
let seen: Seen;
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: NIGHT });
  world = await buildWorld(cloud, ESTATE, parseWorld('says: a world', 'made-up'));
  await cloud.call('s3', 'CreateBucket', {
    Bucket: LEDGER,
    CreateBucketConfiguration: { LocationConstraint: cloud.region as never },
  });
  const since = world.begin();
  const session = await world.standby?.cluster?.open();
  await session?.query('CREATE DATABASE orders__shelf_20260115031200');
  await session?.end();
  seen = await lookAfterwards(cloud, world, 'none', since);
});
afterAll(() => cloud.stop());

describe('what stands on a server', () => {
  it.each([
    [['orders', 'orders__shelf_20260115031200'], []],
    [['orders__shelf_*', 'orders'], []],
    [['orders'], ['databases of spare: orders, orders__shelf_20260115031200, expected orders']],
    [
      ['orders', 'orders__shelf_*', 'orders__shelf_*'],
      ['databases of spare: orders, orders__shelf_20260115031200, expected orders, orders__shelf_*, orders__shelf_*'],
    ],
    [['orders', 'orders__*'], ['databases of spare: orders, orders__shelf_20260115031200, expected orders, orders__*']],
  ])('is exactly %j', (spare, red) => {
    expect(judgeAfterwards({ databases: { spare, main: ['orders'] } }, seen, true)).toEqual(red);
  });

  it('is unknown where PostgreSQL does not run', () => {
    const away = { ...seen, holdings: { ...seen.holdings, spare: null } };

    expect(judgeAfterwards({ databases: { spare: ['orders'] }, copy: { to: 'spare', is: 'old' } }, away, true)).toEqual([
      'the database of spare does not run, so nobody knows what copy it has',
      'databases of spare: unknown, expected orders',
    ]);
  });
});

describe('the copy that an environment has', () => {
  const held = (heartbeat: number | null): Seen => {
    const spare: Holdings = { databases: ['orders'], heartbeat };
    return { ...seen, holdings: { spare } };
  };

  it('is an old one when nobody copied since the run began, and a new one in the primary itself', () => {
    expect(judgeAfterwards({ copy: { to: 'spare', is: 'old' } }, seen, true)).toEqual([]);
    expect(judgeAfterwards({ copy: { to: 'main', is: 'new' } }, seen, true)).toEqual([]);
  });

  it('is new when the primary beat in it since a minute before the run began', () => {
    const { since } = seen;
    const isNew = (heartbeat: number | null): boolean =>
      judgeAfterwards({ copy: { to: 'spare', is: 'new' } }, held(heartbeat), true).length === 0;

    expect([since, since - 60_000, since - 60_001, null].map(isNew)).toEqual([true, true, false, false]);
    expect(judgeAfterwards({ copy: { to: 'spare', is: 'new' } }, held(null), true)).toEqual([
      'the copy on spare is old (newest heartbeat: none), expected new',
    ]);
  });
});
