import { describe, expect, it } from '@jest/globals';
import {
  incomingName,
  leftoversOf,
  markText,
  readMarkOf,
  retirable,
  shelfName,
  shelved,
  shelvesOf,
} from '../../shared/runbooks/shelf.ts';
import { draftRenaming, judgeComing } from '../../shared/runbooks/swapping.ts';
import { markWith, shelf, stood, syncRun } from './small-copy.ts';
import { ago, now } from './small-facts.ts';

const namesOf = (all: readonly { readonly name: string }[]): string[] => all.map(({ name }) => name);

describe('a mark', () => {
  it('is read as it was written', () => {
    const mark = markWith({ comment: 'the team’s own words, "quoted"' });

    expect(readMarkOf(markText(mark))).toEqual(mark);
  });

  it.each([null, '', 'orders', 'changeover', 'changeover {', 'changeover {}', ` ${markText(markWith())}`])(
    'is not seen in %j',
    (comment) => {
      expect(readMarkOf(comment)).toBeNull();
    },
  );
});

describe('what stands beside a database', () => {
  const standing = [
    stood('orders', markWith()),
    shelf(9),
    shelf(12),
    shelf(100),
    stood('orders__incoming_13', markWith({ kind: 'incoming' })),
    stood('orders__incoming_14', markWith({ kind: 'incoming' })),
    stood('orders__incoming_15'),
    stood('orders__shelf_7'),
    stood('orders__shelf_8_of_ada', markWith()),
    stood('orders2__shelf_5', markWith()),
    stood('orders__shelf_6', markWith({ kind: 'incoming' })),
  ];

  it('is called after it', () => {
    expect([incomingName('orders', 13), shelfName('orders', 13)]).toEqual(['orders__incoming_13', 'orders__shelf_13']);
  });

  it('is a shelf by its name and its mark, the newest first by number', () => {
    expect(namesOf(shelvesOf(standing, 'orders'))).toEqual(['orders__shelf_100', 'orders__shelf_12', 'orders__shelf_9']);
  });

  it('was left by another try if it bears the mark of one, and is not the one that is meant', () => {
    expect(namesOf(leftoversOf(standing, 'orders'))).toEqual(['orders__incoming_13', 'orders__incoming_14']);
    expect(namesOf(leftoversOf(standing, 'orders', 'orders__incoming_14'))).toEqual(['orders__incoming_13']);
  });
});

describe('what goes aside', () => {
  it('stays a copy under the epoch that it was made under', () => {
    expect(shelved(stood('orders', markWith()), 'copy-7', 7, now)).toEqual(
      markWith({ run: 'copy-7', shelvedAt: now.toISOString() }),
    );
  });

  it.each([
    ['a copy from before another writer', stood('orders', markWith({ epoch: 6 }))],
    ['what was own before', stood('orders', markWith({ kind: 'own' }))],
    ['what was never proven', stood('orders', markWith({ kind: 'incoming' }))],
    ['the team’s own', stood('orders')],
    ['nothing that is seen', undefined],
  ])('is own for good where it is %s', (_what, live) => {
    expect(shelved(live, 'copy-7', 7, now).kind).toBe('own');
  });

  it('keeps what somebody had written on it', () => {
    expect(shelved(stood('orders', null, { comment: 'ours' }), 'copy-7', 7, now).comment).toBe('ours');
    expect(shelved(stood('orders', markWith({ comment: 'ours' })), 'copy-7', 7, now).comment).toBe('ours');
  });
});

describe('what may go', () => {
  const goes = (...all: Parameters<typeof stood>[]) =>
    namesOf(
      retirable(
        all.map((one) => stood(...one)),
        'orders',
        3_600,
        now,
      ),
    );
  const old = markWith({ shelvedAt: ago(3_600) });

  it('is every old copy but the newest shelf', () => {
    expect(goes(['orders__shelf_3', old], ['orders__shelf_10', old], ['orders__shelf_9', old])).toEqual([
      'orders__shelf_9',
      'orders__shelf_3',
    ]);
    expect(goes(['orders__shelf_3', old])).toEqual([]);
  });

  it.each([
    ['own', { ...old, kind: 'own' as const }],
    ['a second too young', { ...old, shelvedAt: ago(3_599) }],
    ['put aside nobody knows when', { ...old, shelvedAt: null }],
    ['being filled', { ...old, kind: 'incoming' as const }],
    ['without a mark', null],
  ])('is nothing that is %s', (_what, mark) => {
    expect(goes(['orders__shelf_3', mark], ['orders__shelf_10', old])).toEqual([]);
  });
});

describe('a name that changes hands', () => {
  const run = syncRun({}, 13);
  const [live, coming, aside] = ['orders', 'orders__incoming_13', 'orders__shelf_13'];
  const mine = markWith({ run: run.id, kind: 'incoming' });
  const renaming = (standing: ReturnType<typeof stood>[], from = coming) =>
    draftRenaming({ standing, live, coming: from, run, epoch: 7, at: ago(60), from: 'main', now });
  const judged = (standing: ReturnType<typeof stood>[]) => judgeComing(standing, { live, coming, aside, run: run.id });

  it('makes a copy of what came, and an aside of what was there', () => {
    expect(renaming([stood(live), stood(coming, mine)])).toEqual({
      live,
      aside,
      asideMark: { ...markWith({ run: run.id, kind: 'own', from: null, at: null }), shelvedAt: now.toISOString() },
      coming,
      comingMark: markWith({ run: run.id, at: ago(60) }),
    });
  });

  it('gives back what was on a shelf as what it was, under this run', () => {
    const kept = markWith({ kind: 'own', epoch: 5, at: null, shelvedAt: ago(99), comment: 'ours' });

    const { comingMark } = renaming([stood(live, markWith()), stood('orders__shelf_9', kept)], 'orders__shelf_9');

    expect(comingMark).toEqual({ ...kept, run: run.id, shelvedAt: null });
  });

  it('may when both are there, and is done when the mark says so', () => {
    expect(judged([stood(live), stood(coming, mine)])).toBe('ready');
    expect(judged([stood(live, markWith({ run: run.id })), stood(aside, markWith())])).toBe('done');
  });

  it.each([
    ['the copy is gone', [stood(live)]],
    ['the copy bears no mark', [stood(live), stood(coming)]],
    ['nothing bears the name', [stood(coming, mine)]],
    ['something else stands aside', [stood(live), stood(coming, mine), stood(aside)]],
    ['another run’s copy bears it', [stood(live, markWith()), stood(aside, markWith())]],
  ])('is stale where %s', (_what, standing) => {
    expect(() => judged(standing)).toThrow(
      expect.objectContaining({
        name: 'PlanStale',
        message: expect.stringContaining(`there stand ${standing.map(({ name }) => name).join(', ')}`),
      }),
    );
  });
});
