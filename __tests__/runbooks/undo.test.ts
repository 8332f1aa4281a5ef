import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Effect, Intent, RunEntry } from '../../shared/runbooks/journal.ts';
import { RunEntry as RunEntrySchema } from '../../shared/runbooks/journal.ts';
import type { Lease } from '../../shared/runbooks/lease.ts';
import {
  addIntent,
  addMark,
  adoptIntents,
  decideInverse,
  decideUndo,
  draftEntry,
  isStanding,
  markDone,
  markUndone,
  noteChange,
  type Found,
} from '../../shared/runbooks/undo.ts';
import { aliasTo, balancer, now, runWith } from './small-facts.ts';

const [from, to, strange] = [balancer('orders-main'), balancer('orders-spare'), balancer('maintenance')];
const recordsOf = (zone: string, name: string): Extract<Effect, { kind: 'records' }> => ({
  kind: 'records',
  zone,
  before: [aliasTo(name, 'A', from)],
  after: [aliasTo(name, 'A', to)],
  changes: [{ action: 'UPSERT', record: aliasTo(name, 'A', to) }],
  inverse: [{ action: 'UPSERT', record: aliasTo(name, 'A', from) }],
});
const records = recordsOf('Z1', 'app.orders.test.');
const webFence: Effect = { kind: 'web-fence', environment: 'main', run: 'night-7', listeners: ['arn:1', 'arn:2'] };
const databaseFence: Effect = { kind: 'database-fence', environment: 'main', database: 'orders', connect: ['public'] };
const writer: Effect = { kind: 'writer', from: 'main', to: 'spare', epoch: 7 };
const place = { instance: 'orders-main-r1', host: 'orders-main-r1.rds', port: 5432 };
const opened: Effect = { kind: 'opened', environment: 'main', database: 'orders', place };
const names = { live: 'orders-main', aside: 'orders-main-shelf', coming: 'orders-main-r1' };
const renaming: Effect = { kind: 'renaming', environment: 'main', ...names, liveId: 'db-OLD', comingId: 'db-NEW' };
const at = now.toISOString();
const dead = { no: 'main did not serve' };

/** The journal after all four acts, or after some of them. */
const journal = (
  effects: readonly Effect[] = [webFence, databaseFence, records, writer],
  invert: Intent['invert'] = 'yes',
): RunEntry =>
  effects.reduce<RunEntry>(
    (entry, effect, i) => {
      const added = addIntent(entry, { act: effect.kind, effect, invert, at });
      return markDone(added.entry, i + 1, at);
    },
    draftEntry(runWith(), now),
  );
const intentOf = (entry: RunEntry, kind: Effect['kind']): Intent => {
  const found = entry.intents.find(({ effect }) => effect.kind === kind);
  if (!found) throw new Error(`no ${kind} in the journal`);
  return found;
};
const leaseOf = (who: string, epoch: number): Lease => ({
  app: 'orders',
  writer: who,
  epoch,
  fencing: 1,
  since: at,
  holder: null,
});
const moved: Found = { records: { Z1: records.after }, lease: leaseOf('spare', 7) };

/** Undoes as the steps do, and answers in which order what became of each. */
function undoAll(start: RunEntry, world: Found): { entry: RunEntry; order: string[] } {
  let entry = start;
  const order: string[] = [];
  for (;;) {
    const next = decideUndo(entry);
    if (next.power === 'nothing') return { entry, order };
    const { kind, says } = { says: '', ...decideInverse(entry, next.intent, world) };
    const how = kind === 'invert' ? 'inverted' : kind === 'back' ? 'nothing' : 'left';
    order.push(`${next.power} ${next.intent.effect.kind}: ${how}`);
    entry = markUndone(entry, next.intent.seq, { how, says }, now);
  }
}
const fates = (entry: RunEntry): string[] => entry.intents.map(({ effect, undone }) => `${effect.kind} ${undone?.how ?? 'open'}`);

describe('a journal', () => {
  it('opens with who started what, and is what the ledger keeps', () => {
    const entry = draftEntry(runWith({ by: 'Ada', reason: 'fire' }), now);

    expect(RunEntrySchema.parse(entry)).toEqual(entry);
    expect(entry.marks).toEqual([{ name: 'opened', at, says: 'Ada started failover: fire' }]);
  });

  it('numbers its intents', () => {
    expect(journal().intents.map(({ seq, act }) => [seq, act])).toEqual([
      [1, 'web-fence'],
      [2, 'database-fence'],
      [3, 'records'],
      [4, 'writer'],
    ]);
  });

  it.each<[string, Effect]>([
    ['the same effect', webFence],
    [
      'the same listeners in another order, under another run’s tag',
      { ...webFence, run: 'dawn-1', listeners: ['arn:2', 'arn:1'] },
    ],
    ['the same database, where nobody may connect any more', { ...databaseFence, connect: [] }],
    ['the same changes, found half made', { ...records, before: [] }],
    ['the same writer', writer],
  ])('recognises an act that is run again with %s', (_what, effect) => {
    const entry = journal();

    const again = addIntent(entry, { act: effect.kind, effect, invert: 'yes', at });

    expect(again.entry).toBe(entry);
    expect(again.intent).toBe(intentOf(entry, effect.kind));
  });

  it.each<[string, Effect]>([
    ['another zone', { ...records, zone: 'Z2' }],
    ['other changes of the zone', { ...records, changes: [] }],
    ['another listener', { ...webFence, listeners: ['arn:3'] }],
    ['another environment', { ...databaseFence, environment: 'spare' }],
    ['another epoch', { ...writer, epoch: 8 }],
  ])('takes %s for another intent', (_what, effect) => {
    const { entry, intent } = addIntent(journal(), { act: effect.kind, effect, invert: 'yes', at });

    expect(entry.intents).toHaveLength(5);
    expect(intent.seq).toBe(5);
  });

  it('keeps the first instant and the newest change of an act', () => {
    const { entry } = addIntent(draftEntry(runWith(), now), { act: 'swapNames', effect: records, invert: 'yes', at });

    const done = noteChange(
      markDone(markDone(entry, 1, '2026-01-15T09:12:01.000Z', 'C1'), 1, '2026-01-15T09:13:00.000Z'),
      1,
      'C2',
    );

    expect(done.intents[0]).toMatchObject({ doneAt: '2026-01-15T09:12:01.000Z', change: 'C2' });
  });

  it('is not written where nothing is new', () => {
    const entry = journal();

    expect(markDone(entry, 1, '2027-01-01T00:00:00.000Z')).toBe(entry);
    expect(addMark(entry, { name: 'opened', at, says: 'again' })).toBe(entry);
    expect(addMark(entry, { name: 'verified', at, says: '' }).marks).toHaveLength(2);
  });
});

describe('undoing', () => {
  it('takes the names first, then the writer, then the fences, each by the hand that reaches it', () => {
    const { entry, order } = undoAll(journal(), moved);

    expect(order).toEqual([
      'cloud records: inverted',
      'cloud writer: inverted',
      'data database-fence: inverted',
      'cloud web-fence: inverted',
    ]);
    expect(entry.intents.every(isStanding)).toBe(false);
  });

  it('finds what never took effect, or is back already, and calls it nothing', () => {
    const back: Found = { records: { Z1: records.before }, lease: leaseOf('main', 8) };

    const { order } = undoAll(journal(), back);

    expect(order.slice(0, 2)).toEqual(['cloud records: nothing', 'cloud writer: nothing']);
  });

  it('leaves records that somebody changed since, and with them the writer and every fence', () => {
    const { entry, order } = undoAll(journal(), { ...moved, records: { Z1: [aliasTo('app.orders.test.', 'A', strange)] } });

    expect(order).toEqual(['cloud records: left']);
    expect(fates(entry)).toEqual(['web-fence left', 'database-fence left', 'records left', 'writer left']);
    expect(intentOf(entry, 'web-fence').undone?.says).toMatch(
      /because records stands: the records of Z1 were changed by somebody since/,
    );
  });

  it('leaves everything where going back would lead people to a dead side', () => {
    const { entry } = undoAll(journal(undefined, dead), moved);

    expect(fates(entry)).toEqual(['web-fence left', 'database-fence left', 'records left', 'writer left']);
    expect(intentOf(entry, 'records').undone?.says).toBe('main did not serve');
  });

  it('lifts the fences of a dead side where the names never moved', () => {
    const { order } = undoAll(journal([webFence, records], dead), { records: { Z1: records.before } });

    expect(order).toEqual(['cloud records: nothing', 'cloud web-fence: inverted']);
  });

  it('leaves a writer that somebody else declared, and the fences with it', () => {
    const { entry } = undoAll(journal(), { ...moved, lease: leaseOf('third', 9) });

    expect(fates(entry)).toEqual(['web-fence left', 'database-fence left', 'records inverted', 'writer left']);
  });

  it('leaves a writer whose lease is gone', () => {
    const { entry } = undoAll(journal([writer]), {});

    expect(intentOf(entry, 'writer').undone).toMatchObject({
      how: 'left',
      says: expect.stringContaining('the lease is gone'),
    });
  });

  it('puts back the names of all zones or of none', () => {
    const other = recordsOf('Z2', 'api.orders.test.');
    const world: Found = {
      records: { Z1: [aliasTo('app.orders.test.', 'A', strange)], Z2: other.after },
      lease: leaseOf('spare', 7),
    };

    const { entry } = undoAll(journal([webFence, records, other, writer]), world);

    expect(fates(entry)).toEqual(['web-fence left', 'records left', 'records left', 'writer left']);
  });

  it('gives names back before it closes the instance that had one, which is found under its own, and lifts the fence last', () => {
    const { order } = undoAll(journal([databaseFence, opened, renaming]), {});

    expect(order).toEqual(['servers renaming: inverted', 'data opened: inverted', 'data database-fence: inverted']);
  });

  it('has nothing to do where nothing was begun', () => {
    expect(decideUndo(draftEntry(runWith(), now))).toEqual({ power: 'nothing' });
  });

  it('never lifts a fence while a name or the writer stands on the other side', () => {
    const place = fc.constantFrom('before', 'after', 'strange');
    const acts = fc.subarray<Effect>([webFence, databaseFence, records, recordsOf('Z2', 'api.orders.test.'), writer]);
    fc.assert(
      fc.property(
        acts,
        place,
        place,
        fc.constantFrom('main', 'spare', 'third'),
        fc.constantFrom<Intent['invert']>('yes', dead),
        (effects, one, two, who, invert) => {
          const stand = (effect: typeof records, where: string) =>
            where === 'before' ? effect.before : where === 'after' ? effect.after : [aliasTo('app.orders.test.', 'A', strange)];
          const world: Found = {
            records: { Z1: stand(records, one), Z2: stand(recordsOf('Z2', 'api.orders.test.'), two) },
            lease: leaseOf(who, who === 'main' ? 6 : 7),
          };

          const { entry } = undoAll(journal(effects, invert), world);

          const leans = entry.intents.filter(({ effect }) => effect.kind === 'records' || effect.kind === 'writer');
          const fences = entry.intents.filter(({ effect }) => effect.kind.endsWith('fence'));
          const lifted = fences.some(({ undone }) => undone?.how === 'inverted');
          expect(entry.intents.every(({ undone }) => undone !== null)).toBe(true);
          expect(lifted && leans.some(({ undone }) => undone?.how === 'left')).toBe(false);
          expect(fences.length > 0 && leans.every(({ undone }) => undone?.how !== 'left')).toBe(lifted);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a run that goes on with another', () => {
  it('takes over what stands, with the first one’s truth and its wish', () => {
    const left = markUndone(journal(undefined, dead), 3, { how: 'inverted', says: '' }, now);

    const grown = adoptIntents(draftEntry(runWith({}, 'night-8'), now), left);

    expect(grown.intents.map(({ seq, act }) => [seq, act])).toEqual([
      [1, 'web-fence'],
      [2, 'database-fence'],
      [3, 'writer'],
    ]);
    expect(grown.intents[0]).toMatchObject({ doneAt: at, invert: dead, undone: null, effect: { run: 'night-7' } });
  });

  it('takes over what was left, so that it can be undone after all', () => {
    const { entry: left } = undoAll(journal(undefined, dead), moved);

    const grown = adoptIntents(draftEntry(runWith({}, 'night-8'), now), left);

    expect(fates(grown)).toEqual(['web-fence open', 'database-fence open', 'records open', 'writer open']);
  });

  it('takes it over once', () => {
    const once = adoptIntents(draftEntry(runWith({}, 'night-8'), now), journal());

    expect(adoptIntents(once, journal())).toBe(once);
  });
});
