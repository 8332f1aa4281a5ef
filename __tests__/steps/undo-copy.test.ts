// A copy taken back, by the run that made it and by one that cleans up after it: the databases are a list.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Databases, Ledger, Shelves } from '../../shared/cloud/ports.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import type { Effect } from '../../shared/runbooks/journal.ts';
import type { Stood } from '../../shared/runbooks/shelf.ts';
import { draftRenaming } from '../../shared/runbooks/swapping.ts';
import { addIntent, draftEntry } from '../../shared/runbooks/undo.ts';
import { invertData } from '../../shared/undoing/data.ts';
import { markWith, shelf, stood, syncRun } from '../runbooks/small-copy.ts';
import { estate, now } from '../runbooks/small-facts.ts';

const RUN = syncRun({}, 13);
const INCOMING = 'orders__incoming_13';
const DATABASE = environmentIn(estate, 'spare').database;

let standing: Stood[];
const shelves: Shelves = {
  standing: () => Promise.resolve(standing),
  rename: (_database, { live, aside, asideMark, coming, comingMark }) => {
    standing = standing.map((one) =>
      one.name === live
        ? { ...one, name: aside, mark: asideMark }
        : one.name === coming
          ? { ...one, name: live, mark: comingMark }
          : one,
    );
    return Promise.resolve({ ended: 0 });
  },
  drop: (_database, name) => {
    standing = standing.filter((one) => one.name !== name);
    return Promise.resolve();
  },
  look: () => Promise.reject(new Error('nobody looks while it is undone')),
};

const says = (): string[] => standing.map(({ name, bytes, mark }) => `${name} ${bytes} ${mark?.kind ?? 'none'}`).sort();
const renaming = (coming: string) =>
  draftRenaming({ standing, live: 'orders', coming, run: RUN, epoch: 7, at: null, from: 'main', now });

/** `by` is whose journal has the intent: the run's own, or that of whoever took it over. */
function undo(by: string, effect: Effect) {
  const entry = draftEntry({ ...RUN, id: by }, now);
  const added = addIntent(entry, { act: 'Copy', effect, invert: 'yes', at: now.toISOString() });
  return invertData(added.entry, added.intent, { databases: {} as Databases, ledger: {} as Ledger, shelves, estate });
}
const swapOf = (coming: string): Effect => ({
  kind: 'swap',
  environment: 'spare',
  run: RUN.id,
  live: 'orders',
  aside: 'orders__shelf_13',
  coming,
});
const incoming: Effect = { kind: 'incoming', environment: 'spare', run: RUN.id, database: INCOMING };

beforeEach(() => {
  standing = [
    stood('orders', null, { bytes: 1 }),
    stood(INCOMING, markWith({ run: RUN.id, kind: 'incoming' }), { bytes: 2 }),
    { ...shelf(9, { kind: 'own' }), bytes: 3 },
  ];
});

describe.each([RUN.id, 'aftermath-of-copy-7'])('undone by %s', (by) => {
  it('a copy that was swapped in goes, and what readers had has its name again', async () => {
    await shelves.rename(DATABASE, renaming(INCOMING));

    expect(await undo(by, swapOf(INCOMING))).toMatchObject({ how: 'inverted' });
    expect(await undo(by, incoming)).toMatchObject({ how: 'inverted' });
    expect(says()).toEqual(['orders 1 own', 'orders__shelf_9 3 own']);
  });

  it('a copy that was only begun goes', async () => {
    expect(await undo(by, swapOf(INCOMING))).toMatchObject({ how: 'nothing' });
    expect(await undo(by, incoming)).toMatchObject({ how: 'inverted' });
    expect(says()).toEqual(['orders 1 none', 'orders__shelf_9 3 own']);
  });

  it('an undo goes back, and the shelf is one again', async () => {
    const before = says();
    await shelves.rename(DATABASE, renaming('orders__shelf_9'));

    expect(await undo(by, swapOf('orders__shelf_9'))).toMatchObject({ how: 'inverted' });
    expect(says()).toEqual(before.map((line) => line.replace('1 none', '1 own')));
  });

  it('a database that bears another run’s mark is left, and said to be', async () => {
    standing = [stood('orders'), stood(INCOMING, markWith({ run: 'copy-2', kind: 'incoming' }))];

    expect(await undo(by, incoming)).toMatchObject({ how: 'left', says: expect.stringContaining(INCOMING) });
    expect(standing).toHaveLength(2);
  });
});
