import { describe, expect, it } from '@jest/globals';
import { agesSay } from '../../shared/runbooks/ages.ts';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { hashInput } from '../../shared/runbooks/plan-hash.ts';
import type { InstanceFacts, SnapshotFacts } from '../../shared/runbooks/instances.ts';
import type { Reason, Standing } from '../../shared/runbooks/retention.ts';
import { RETENTION_LIMITS } from '../../shared/runbooks/retention-limits.ts';
import { detailOf } from '../../shared/runbooks/retention-scene.ts';
import { alone, daysAgo, draftOf, instanceOf, now, SHELF, shelfOf, snapshotOf, withRetention } from './small-retention.ts';

const ids = (list: readonly { readonly snapshot: string }[]): string[] => list.map(({ snapshot }) => snapshot);
const expiredOf = (snapshots: SnapshotFacts[], estate = withRetention({})): string[] =>
  ids(detailOf(draftOf({ snapshots }, {}, estate)).expire);
const exceeded = (plan: ReturnType<typeof draftOf>): string[] =>
  plan.limits.flatMap(({ name, verdict }) => (verdict === 'exceeded' ? [name] : []));

describe('a snapshot', () => {
  it('of ours goes by itself when it is older than the policy and a newer one stays', () => {
    const plan = draftOf({ snapshots: [snapshotOf('s-old', 31), snapshotOf('s-new', 2)] });

    expect(detailOf(plan)).toMatchObject({ next: 'free', expire: [{ snapshot: 's-old', resourceId: 'db-MAIN' }], shelves: [] });
    expect(plan.changes).toMatchObject([{ act: 'ExpireCopies', target: 's-old', after: 'not there' }]);
    expect(plan.loss).toMatchObject({ how: 'none', band: 'none' });
  });

  it('stays to the day that the policy says', () => {
    expect(expiredOf([snapshotOf('s-29', 29.99), snapshotOf('s-30', 30), snapshotOf('s-new', 2)])).toEqual(['s-30']);
  });

  it('is the last of its instance by the resource it is of, whatever the instance was called', () => {
    const renamed = snapshotOf('s-renamed', 90, { instance: 'orders-main-shelf-1' });
    const other = snapshotOf('s-other', 80, { resourceId: 'db-OTHER' });

    expect(expiredOf([renamed, snapshotOf('s-older', 95), other])).toEqual(['s-older']);
  });

  it('stays as one of as many as the policy keeps', () => {
    const five = [50, 60, 70, 80, 90].map((age) => snapshotOf(`s-${age}`, age));

    expect(expiredOf(five, withRetention({ keepLast: 3 }))).toEqual(['s-80', 's-90']);
    expect(expiredOf(five, withRetention({ keepLast: 5 }))).toEqual([]);
  });

  it('that was proven stays until a newer one is, however many came since', () => {
    const proven = (id: string, age: number) =>
      snapshotOf(id, age, { tags: { ...snapshotOf('x', 1).tags, 'changeover:proven': daysAgo(1) } });

    expect(expiredOf([proven('s-proven', 60), snapshotOf('s-40', 40), snapshotOf('s-1', 1)])).toEqual(['s-40']);
    expect(expiredOf([proven('s-proven', 60), proven('s-newer', 50), snapshotOf('s-1', 1)])).toEqual(['s-proven']);
  });

  it.each<[string, Partial<SnapshotFacts>]>([
    ['somebody else made', { tags: {} }],
    ['another application made', { tags: { changeover: 'shop' } }],
    ['RDS keeps by itself', { kind: 'automated' }],
    ['is not finished', { status: 'creating', takenAt: null }],
  ])('that %s neither goes nor makes another one go', (_what, change) => {
    expect(expiredOf([snapshotOf('s-strange', 100, change), snapshotOf('s-ours', 90)])).toEqual([]);
    expect(expiredOf([snapshotOf('s-ours', 90), snapshotOf('s-strange', 1, change)])).toEqual([]);
  });
});

describe('an instance', () => {
  const retiring = (one: Standing): string[] => detailOf(draftOf({ instances: [one] })).shelves.map(({ instance }) => instance);

  it('on the shelf goes only when a person is asked, and its backup has a name already', () => {
    const plan = draftOf({ instances: [alone(shelfOf(8))] });

    expect(detailOf(plan)).toMatchObject({
      next: 'ask',
      shelves: [
        { environment: 'main', instance: SHELF, since: daysAgo(8), snapshot: expect.stringMatching(/-last-[0-9a-f]{8}$/) },
      ],
    });
    expect(plan.changes[0]?.says).toContain('before, it is started and the snapshot');
  });

  it('has the snapshot named that was taken of it since nobody writes to it, and no other', () => {
    const of = (id: string, age: number, change = {}) =>
      snapshotOf(id, age, { resourceId: shelfOf(8).resourceId, instance: SHELF, ...change });
    const named = (...snapshots: SnapshotFacts[]) =>
      detailOf(draftOf({ instances: [alone(shelfOf(8))], snapshots })).shelves[0]?.snapshot;

    expect(named(of('s-last', 7.9), of('s-before', 9))).toBe('s-last');
    expect(named(of('s-before', 9))).toMatch(/-last-/);
    expect(named(of('s-other', 7, { resourceId: 'db-OTHER' }))).toMatch(/-last-/);
    expect(named(of('s-unfinished', 7, { status: 'creating' }))).toMatch(/-last-/);
  });

  it('that a restore left behind is proposed like a shelf, by the day it was made', () => {
    const left = (age: number) => ({
      ...instanceOf('orders-main-r1', { createdAt: daysAgo(age) }),
      tags: { changeover: 'orders', 'changeover:what': 'restored', 'changeover:environment': 'main' },
    });

    expect(retiring(alone(left(8)))).toEqual(['orders-main-r1']);
    expect(retiring(alone(left(6)))).toEqual([]);
  });

  it.each<[Reason['limit'], string, Partial<InstanceFacts>, Partial<Standing>]>([
    ['in-use', 'the secret orders/main/master of main leads there', {}, { ledBy: ['the secret orders/main/master of main'] }],
    ['in-use', 'still at work', {}, { runs: true }],
    ['in-use', 'orders-eu replicates from it', { replicas: ['orders-eu'] }, {}],
    ['in-use', 'RDS says modifying', { status: 'modifying' }, {}],
    ['in-use', 'neither shelf nor restored', { tags: { changeover: 'orders', 'changeover:since': daysAgo(30) } }, {}],
    ['not-ours', 'not ours: no tag changeover', { tags: {} }, {}],
    ['not-ours', 'its tag changeover is shop', { tags: { changeover: 'shop' } }, {}],
    ['too-young', 'no instant', { tags: { ...shelfOf(9).tags, 'changeover:since': 'yesterday' } }, {}],
  ])('stays as %s, and says why: %s', (limit, says, facts, standing) => {
    const one = alone({ ...shelfOf(30), ...facts }, standing);

    const plan = draftOf({ instances: [one] }, { only: [SHELF] });

    expect(retiring(one)).toEqual([]);
    expect(exceeded(plan)).toContain(limit);
    expect(() => raiseIfExceeded(plan)).toThrow(
      expect.objectContaining({ name: 'PlanRefused', message: expect.stringContaining(says) }),
    );
  });

  it('on the shelf is stopped again from the seventh day on, unasked, and not when somebody uses it', () => {
    const stops = (age: number, change: Partial<InstanceFacts> = {}, standing: Partial<Standing> = {}) =>
      detailOf(draftOf({ instances: [alone(shelfOf(age, { status: 'available', ...change }), standing)] }, { stopsOnly: true }));

    expect(stops(7.1)).toMatchObject({ next: 'free', stop: [{ instance: SHELF }], shelves: [] });
    expect(stops(6.9)).toMatchObject({ next: 'nothing', stop: [] });
    expect(stops(9, { status: 'stopped' })).toMatchObject({ next: 'nothing' });
    expect(stops(9, {}, { ledBy: ['the name db.orders.test. of main'] })).toMatchObject({ next: 'nothing' });
  });
});

describe('the plan', () => {
  const things = {
    snapshots: [snapshotOf('s-old', 40), snapshotOf('s-new', 2), snapshotOf('theirs', 400, { tags: {} })],
    instances: [alone(shelfOf(3))],
    dumps: [{ key: 'dumps/main-spare/copy-1/schema.sql.gz', writtenAt: daysAgo(12), bytes: 2 * 1024 ** 3 }],
    reports: [{ key: 'reports/night-7.html', writtenAt: daysAgo(100), bytes: 1000 }],
  };

  it('shows how old everything is, what stays under each reason, and what it costs a month', () => {
    const { facts } = draftOf(things);

    expect(Object.fromEntries(facts.map(({ name, value }) => [name, value]))).toEqual({
      'snapshots of ours':
        '2: 1 less than 7 days old and 1 from 30 days; the oldest of 2025-12-06, the newest of 2026-01-13; 40 GB, $3.80 a month',
      shelves: '1: 1 less than 7 days old; the oldest of 2026-01-12, the newest of 2026-01-12; 20 GB, $2.54 a month',
      'left by restores': 'none',
      'files of copies':
        "1: 1 from 7 days; the oldest of 2026-01-03, the newest of 2026-01-03; 2 GB, $0.05 a month; they go by the bucket's own rule after 30 days",
      reports:
        "1: 1 from 90 days; the oldest of 2025-10-07, the newest of 2025-10-07; less than 1 GB, $0.00 a month; they go by the bucket's own rule after 365 days",
      'stays: the last backup of orders-main and younger than 30 days': 's-new',
      'stays: not ours: no tag changeover': 'theirs',
      'stays: aside for less than 7 days': SHELF,
      'what it costs': '$4.44 a month afterwards, $6.34 a month now',
    });
  });

  it('does not void an approval by the time that passes, and does by what goes', () => {
    const later = { ...things, readAt: daysAgo(-0.01) };

    expect(hashInput(draftOf(later))).toBe(hashInput(draftOf(things)));
    expect(hashInput(draftOf({ ...things, snapshots: [...things.snapshots, snapshotOf('s-50', 50)] }))).not.toBe(
      hashInput(draftOf(things)),
    );
  });

  it('asks nobody for what is named and may go, and takes nothing else', () => {
    const three = [snapshotOf('s-50', 50), snapshotOf('s-40', 40), snapshotOf('s-new', 2)];

    expect(detailOf(draftOf({ snapshots: three }, { only: ['s-40'] }))).toMatchObject({
      next: 'free',
      expire: [{ snapshot: 's-40' }],
    });
  });

  it.each([
    ['last-backup', 's-new', 'the last backup of orders-main'],
    ['too-young', 's-new', 'younger than 30 days'],
    ['not-ours', 'theirs', 'not ours: no tag changeover'],
    ['not-there', 'nobody-knows', 'neither a manual snapshot nor an instance'],
  ])('is refused under %s when the request names %s', (limit, name, says) => {
    const plan = draftOf(things, { only: [name] });

    expect(exceeded(plan)).toContain(limit);
    expect(() => raiseIfExceeded(plan)).toThrow(expect.objectContaining({ message: expect.stringContaining(says) }));
  });

  it('stops where more than half of ours would go at once, until a person says so', () => {
    const many = [snapshotOf('s-new', 1), ...Array.from({ length: 11 }, (_, i) => snapshotOf(`s-${i}`, 40 + i))];

    expect(exceeded(draftOf({ snapshots: many }))).toEqual(['too-many-at-once']);
    expect(exceeded(draftOf({ snapshots: many.slice(0, 11) }))).toEqual([]);
    expect(exceeded(draftOf({ snapshots: many }, { override: ['too-many-at-once'] }))).toEqual([]);
  });

  it('cannot both name what goes and look at nothing but stops', () => {
    expect(() => draftOf({}, { only: ['s'], stopsOnly: true })).toThrow(
      expect.objectContaining({ name: 'InputInvalid', message: expect.stringContaining('stopsOnly') }),
    );
  });

  it('lets nobody lift what keeps the last backup', () => {
    expect(RETENTION_LIMITS.filter(({ firm }) => firm === null).map(({ name }) => name)).toEqual(['too-many-at-once']);
  });
});

it('tells of no ages where there is nothing', () => {
  expect(agesSay([], 1, now)).toBe('none');
});
