import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { judgeReading } from '../../rehearsal/run/afterwards.ts';
import { buildWorld, type World } from '../../rehearsal/world/builder/builder.ts';
import { parseWorld } from '../../rehearsal/world/builder/world-file.ts';
import { readingOf, type Answer, type Look } from '../../rehearsal/world/reader.ts';
import { readEstateFile } from '../../shared/estate-file.ts';

const ESTATE = readEstateFile(join(__dirname, '..', '..', 'estate.yml'));
const NIGHT = Date.UTC(2026, 0, 15, 3, 12, 0);
const OLD: Answer = { database: '1', customers: 40, orders: 200, heartbeat: NIGHT, keyed: true };
const NEW: Answer = { database: '2', customers: 41, orders: 260, heartbeat: NIGHT + 60_000, keyed: true };

const told = (answer: Answer): Omit<Look, 'begin' | 'end'> => ({ answer, trouble: null });
const failed = (code: string, asked: boolean): Omit<Look, 'begin' | 'end'> => ({
  answer: null,
  trouble: { says: `trouble ${code}`, code, asked },
});
/** One every hundred milliseconds, each ten long. */
const read = (looks: readonly Omit<Look, 'begin' | 'end'>[]) =>
  readingOf(
    'spare',
    looks.map((look, place) => ({ ...look, begin: place * 100, end: place * 100 + 10 })),
  );

describe('what a reader saw', () => {
  it.each([
    ['one copy', [told(OLD), told(OLD)], ['old']],
    ['a swap', [told(OLD), failed('57P01', true), failed('3D000', false), told(NEW)], ['old', 'new']],
    ['a swap and back', [told(OLD), told(NEW), told(OLD)], ['old', 'new', 'old']],
    ['another’s writes', [told(OLD), ...[201, 202].map((orders) => told({ ...OLD, orders }))], ['old', 'written']],
    ['another database with the same heartbeats', [told(OLD), told({ ...OLD, database: '2' })], ['old', 'new']],
    ['nothing', [failed('ECONNREFUSED', false)], []],
  ])('of %s', (_what, looks, states) => {
    const reading = read(looks);

    expect(reading.states.map(({ name }) => name)).toEqual(states);
    expect(reading.halves).toEqual([]);
  });

  it.each([
    ['no primary key', told({ ...NEW, keyed: false }), 'customers had no primary key'],
    ['no customers', told({ ...NEW, customers: 0 }), 'there were no customers'],
    ['no orders', told({ ...NEW, orders: 0 }), 'there were no orders'],
    ['no heartbeat', told({ ...NEW, heartbeat: null }), 'there was no heartbeat of the primary any more'],
    ['a table that is not there', failed('42P01', true), 'trouble 42P01'],
    ['a right that is not granted yet', failed('42501', true), 'trouble 42501'],
  ])('is half of something: %s', (_what, half, says) => {
    const reading = read([told(OLD), half, told(NEW)]);

    expect(reading.halves).toEqual([says]);
    expect(reading.states.map(({ name }) => name)).toEqual(['old', 'new']);
  });

  it('is away from the first look that fails to the end of the one that is answered', () => {
    const refused = failed('3D000', false);

    expect(read([told(OLD), refused, refused, told(NEW), refused, told(NEW)])).toMatchObject({
      probes: 6,
      failed: 3,
      longestOutageMs: 210,
    });
  });

  it.each([
    [{ sees: ['old', 'new'] as const }, [told(OLD), told(NEW)], []],
    [{ sees: ['old'] as const }, [told(OLD), told(NEW)], ['who read spare saw old, new, expected old']],
    [
      { sees: ['old'] as const },
      [told(OLD), failed('42P01', true)],
      ['who read spare saw 1 times what nobody committed: trouble 42P01'],
    ],
    [
      { sees: ['old'] as const },
      [told(OLD), ...Array.from({ length: 11 }, () => failed('3D000', false)), told(OLD)],
      ['who read spare was not answered for 1110 ms'],
    ],
  ])('is judged by %j', ({ sees }, looks, red) => {
    expect(judgeReading({ reader: { of: 'spare', sees: [...sees] } }, read(looks))).toEqual(red);
  });
});

describe('a reader', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: NIGHT });
  });
  afterEach(() => cloud.reset());
  afterAll(() => cloud.stop());

  const superuser = async (world: World, ...statements: string[]): Promise<void> => {
    const session = await world.standby?.cluster?.open();
    for (const statement of statements) await session?.query(statement);
    await session?.end();
  };

  it('lives through a database that is put in another’s place, and sees both whole', async () => {
    const world = await buildWorld(cloud, ESTATE, parseWorld('says: a world', 'made-up'));
    const reader = await world.read('spare');

    await superuser(
      world,
      'ALTER DATABASE orders ALLOW_CONNECTIONS false',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'orders' AND usename <> current_user`,
      'CREATE DATABASE orders__incoming_1 TEMPLATE orders',
      'ALTER DATABASE orders RENAME TO orders__shelf_1',
      'ALTER DATABASE orders__incoming_1 RENAME TO orders',
    );

    const reading = await reader.rest();
    expect(reading.states.map(({ name }) => name)).toEqual(['old', 'new']);
    expect(reading.halves).toEqual([]);
  });

  it('sees what is shown before it is whole, keeps no time from passing, and ends with its world', async () => {
    const world = await buildWorld(cloud, ESTATE, parseWorld('says: a world', 'made-up'));
    const reader = await world.read('spare');
    const before = cloud.timeline.now();

    await world.write('spare', 'ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE');
    await cloud.timeline.passTo(before + 3_600_000);
    const reading = await reader.rest();
    await cloud.reset();

    expect(reading.halves).toContain('customers had no primary key');
    expect(await reader.rest()).toBe(reading);
  });
});
