import { describe, expect, it } from '@jest/globals';
import {
  chooseSnapshot,
  decideRestore,
  fromOf,
  instanceAt,
  isOfEnvironment,
  liveOf,
  namesOf,
  placeOf,
  settleWanted,
  RestoreDetail,
  settingsOf,
  shelvedEffect,
  sourceOf,
} from '../../shared/runbooks/restoring.ts';
import { restoredName, shelfInstanceName } from '../../shared/runbooks/instances.ts';
import type { Effect } from '../../shared/runbooks/journal.ts';
import { addIntent, draftEntry, markUndone } from '../../shared/runbooks/undo.ts';
import { leaseOf } from './small-copy.ts';
import { ago, estate, now } from './small-facts.ts';
import { instanceWith, planOf, restoreRun, snapshotWith } from './small-restore.ts';

const decide = (request: object, runbook: 'restore' | 'rewind' = 'restore', writer = 'main') =>
  decideRestore(restoreRun(request, runbook), estate, leaseOf(writer));
const AT = '2026-01-15T08:00:00Z';

describe('which environment', () => {
  it.each([
    [{}, 'main', 'main'],
    [{}, 'spare', 'spare'],
    [{ environment: 'main' }, 'spare', 'main'],
  ])('%j, where %s writes: %s', (request, writer, environment) => {
    expect(decide(request, 'restore', writer)).toMatchObject({ environment, next: 'swap', snapshot: 'newest', moment: null });
    expect(decide({ ...request, at: AT }, 'rewind', writer)).toMatchObject({ environment, next: 'swap', snapshot: null });
  });

  it('is the primary where nobody took the lease yet', () => {
    expect(decideRestore(restoreRun(), estate, undefined).environment).toBe('main');
  });

  it.each(['third', 'toString', '__proto__'])(
    '%s, which the estate has not, is refused with those that it has',
    (environment) => {
      expect(() => decide({ environment })).toThrow(
        expect.objectContaining({
          name: 'InputInvalid',
          message: `environment: found ${environment}, expected one of main, spare`,
        }),
      );
    },
  );
});

describe('what a rewind is to', () => {
  it('is never guessed', () => {
    expect(() => decide({}, 'rewind')).toThrow(
      expect.objectContaining({
        name: 'InputInvalid',
        message: expect.stringMatching(/^at: found nothing, expected the second/) as unknown,
      }),
    );
  });

  it.each([
    [{}, 'swap', null],
    [{ tables: ['orders'] }, 'rows', ['orders']],
    [{ rows: { orders: ['17'] } }, 'rows', ['orders']],
    [{ tables: ['customers', 'orders'], rows: { orders: ['17'] } }, 'rows', ['customers', 'orders']],
  ])('%j: %s of %j', (request, next, tables) => {
    expect(decide({ at: AT, ...request }, 'rewind')).toMatchObject({ next, tables, moment: { at: '2026-01-15T08:00:00.000Z' } });
  });
});

describe('which snapshot', () => {
  const [newest, older] = [snapshotWith({ id: 'newer', takenAt: ago(60) }), snapshotWith({ id: 'older', takenAt: ago(3_600) })];
  const creating = snapshotWith({ id: 'creating', status: 'creating', takenAt: null });

  it('newest: the first that is there, whoever took it', () => {
    expect(chooseSnapshot('newest', [creating, newest, older], null, 'own')).toEqual({
      kind: 'snapshot',
      snapshot: 'newer',
      taken: false,
      at: ago(60),
    });
    expect(chooseSnapshot('newest', [creating], null, 'own')).toBeNull();
    expect(chooseSnapshot('newest', [snapshotWith({ status: 'failed' }), older], null, 'own')).toMatchObject({
      snapshot: 'older',
    });
  });

  it('now: the run’s own, with its instant as soon as it has one', () => {
    expect(chooseSnapshot('now', [newest], null, 'own')).toEqual({ kind: 'snapshot', snapshot: 'own', taken: true, at: null });
    const own = snapshotWith({ id: 'own', takenAt: ago(10) });
    expect(chooseSnapshot('now', [newest, own], null, 'own')).toMatchObject({ snapshot: 'own', taken: true, at: ago(10) });
  });

  it('by its id: that one, in whatever state, and none other for it', () => {
    expect(chooseSnapshot('older', [newest, older], older, 'own')).toMatchObject({ snapshot: 'older', taken: false });
    expect(chooseSnapshot('gone', [newest, older], null, 'own')).toBeNull();
  });
});

describe('whose snapshot', () => {
  const live = instanceWith();

  it.each([
    ['of the instance, whatever it was called', { instance: 'orders-old' }, true],
    ['of one that bore the name before', { resourceId: 'db-BEFORE' }, true],
    ['of one that was restored', { resourceId: 'db-X', instance: restoredName('orders-main', 'back-6') }, true],
    ['of a shelf', { resourceId: 'db-X', instance: shelfInstanceName('orders-main', 'back-6') }, true],
    ['of another environment', { resourceId: 'db-X', instance: 'orders-spare' }, false],
    ['of another environment’s shelf', { resourceId: 'db-X', instance: shelfInstanceName('orders-spare', 'back-6') }, false],
    ['of one whose name begins alike', { resourceId: 'db-X', instance: 'orders-main-r' }, false],
  ])('%s: %j %s', (_what, change, expected) => {
    expect(isOfEnvironment(snapshotWith(change), 'orders-main', live)).toBe(expected);
  });

  it('is told without an instance too', () => {
    expect(isOfEnvironment(snapshotWith(), 'orders-main', null)).toBe(true);
    expect(isOfEnvironment(snapshotWith({ instance: 'orders-spare' }), 'orders-main', null)).toBe(false);
  });
});

describe('what a run goes on with', () => {
  const [first, next] = [restoreRun(), { ...restoreRun(), id: 'back-8' }];
  const journal = (...effects: Effect[]) =>
    effects.reduce(
      (entry, effect) => addIntent(entry, { act: effect.kind, effect, invert: 'yes', at: ago(9) }).entry,
      draftEntry(first, now),
    );
  const taken: Effect = { kind: 'snapshot', environment: 'main', instance: 'orders-main', snapshot: 'theirs' };
  const made = {
    kind: 'beside',
    environment: 'main',
    instance: 'their-beside',
    from: 'from the snapshot theirs',
    snapshot: 'theirs',
  } as const;
  const rewound = { ...made, from: 'from orders-main as of 2026-01-15 08:00:00 UTC', snapshot: null };
  const newest = decide({});
  const names = (left?: ReturnType<typeof journal>, wanted = newest) =>
    namesOf(next, 'orders-main', settleWanted(wanted, undefined, left), left);

  it('is called by its own names where there is nothing of it, and those differ from run to run', () => {
    const mine = namesOf(first, 'orders-main', newest, undefined);
    const all = [mine, names()].flatMap(({ snapshot: kept, beside, shelf, last }) => [kept, beside, shelf, last]);

    expect(new Set(all).size).toBe(8);
  });

  it.each([
    ['the newest, which was theirs then', newest, 'their-beside'],
    ['theirs by its name', decide({ snapshot: 'theirs' }), 'their-beside'],
    ['the one that they took', decide({ snapshot: 'now' }), 'their-beside'],
    ['another', decide({ snapshot: 'weekly' }), names().beside],
    ['an instant', decide({ at: AT }, 'rewind'), names().beside],
  ])('is what that run made, where it is from what is wanted: %s', (_what, wanted, beside) => {
    expect(names(journal(taken, made), wanted)).toEqual({ ...names(), snapshot: 'theirs', beside });
  });

  it.each([
    [AT, 'their-beside'],
    ['2026-01-15T08:00:01Z', names().beside],
  ])('is what that run made of the same second: %s', (at, beside) => {
    expect(names(journal(rewound), decide({ at }, 'rewind')).beside).toBe(beside);
  });

  it('is there though that run was undone: what stands beside is not taken away', () => {
    const undone = markUndone(journal(made), 1, { how: 'nothing', says: 'it stays beside' }, now);

    expect(names(undone).beside).toBe('their-beside');
  });

  it('is not what that run made, once the application may have written to it', () => {
    const place = { instance: 'their-beside', host: 'their-beside.rds.test', port: 5432 };
    const opened: Effect = { kind: 'opened', environment: 'main', database: 'orders', place };

    expect(names(journal(made, opened)).beside).toBe(names().beside);
    expect(names(journal(made, { ...opened, place: { ...place, instance: 'another' } })).beside).toBe('their-beside');
  });

  it('is of one snapshot, and stays so when a newer one comes', () => {
    const own = journal({ ...made, snapshot: 'ours' });

    expect(settleWanted(newest, own, undefined)).toEqual({ ...newest, snapshot: 'ours' });
    expect(settleWanted(newest, own, journal(made))).toEqual({ ...newest, snapshot: 'ours' });
    expect(settleWanted(newest, undefined, journal(made))).toEqual({ ...newest, snapshot: 'theirs' });
    expect(settleWanted(newest, journal(rewound), undefined)).toEqual(newest);
    expect(settleWanted(decide({ snapshot: 'weekly' }), own, undefined)).toMatchObject({ snapshot: 'weekly' });
  });
});

describe('what a plan must say', () => {
  const detail = RestoreDetail.parse(planOf().detail);
  const bare = { ...detail, source: null, settings: null, live: null, place: null };

  it.each([
    ['what is restored from', sourceOf],
    ['how it was set up', settingsOf],
    ['which instance people use', liveOf],
    ['where the restored one answers', placeOf],
  ] as const)('%s: or it is stale', (_what, partOf) => {
    expect(() => partOf(bare)).toThrow(expect.objectContaining({ name: 'PlanStale' }));
    expect(partOf({ ...detail, place: { instance: 'x', host: 'x.rds.test', port: 5432 } })).not.toBeNull();
  });

  it('from what, in words', () => {
    expect(fromOf(sourceOf(detail))).toBe('from the snapshot rds:orders-main-2026-01-15-02-04');
    const rewound = RestoreDetail.parse(planOf({ runbook: 'rewind', request: { at: AT } }).detail);
    expect(fromOf(sourceOf(rewound))).toBe('from orders-main as of 2026-01-15 08:00:00 UTC');
  });

  it('how long the shelf stands at least, and what it costs', () => {
    expect(shelvedEffect(detail, now)).toMatchObject({
      instance: 'orders-main',
      shelf: detail.shelf,
      until: '2026-01-22T09:12:00.000Z',
      usdPerMonth: detail.shelfUsdPerMonth,
    });
  });
});

describe('the instance at an endpoint', () => {
  it.each([
    ['orders-main.c1.eu-west-1.rds.amazonaws.com/orders', 'orders-main'],
    ['localhost/orders', 'localhost'],
    [null, ''],
  ])('%s: %s', (endpoint, id) => expect(instanceAt(endpoint)).toBe(id));
});
