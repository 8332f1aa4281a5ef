// What a run with instances leaves behind, as its report says it: what only the shelf has, and what an instance took that was left again.
import { describe, expect, it } from '@jest/globals';
import type { Effect, RunEntry } from '../../shared/runbooks/journal.ts';
import { gapsOf, sidesOf, strayOf } from '../../shared/runbooks/remains.ts';
import { addIntent, draftEntry, markUndone } from '../../shared/runbooks/undo.ts';
import { restoreRun } from './small-restore.ts';

const NOW = new Date('2026-01-15T12:00:00Z');
const LATER = new Date('2026-01-15T12:03:00Z');
const run = restoreRun({}, 'restore');
const place = (instance: string) => ({ instance, host: `${instance}.rds.test`, port: 5432 });
const CONNECTION: Effect = {
  kind: 'connection',
  environment: 'main',
  before: place('orders-main'),
  after: place('orders-main-r1'),
  doors: {},
};
const RENAMING: Effect = {
  kind: 'renaming',
  environment: 'main',
  live: 'orders-main',
  aside: 'orders-main-shelf-1',
  coming: 'orders-main-r1',
  liveId: 'db-OLD',
  comingId: 'db-NEW',
};
const SHELVED: Effect = {
  kind: 'shelved',
  environment: 'main',
  instance: 'orders-main',
  shelf: 'orders-main-shelf-1',
  usdPerMonth: 2.54,
  until: '2026-01-22T12:00:00.000Z',
};
const ROWS: Effect = { kind: 'rows', environment: 'main', from: 'orders-main-r1', patch: 'patches/1.json', rows: 3 };

const entryOf = (...effects: readonly Effect[]): RunEntry =>
  effects.reduce(
    (entry, effect) => addIntent(entry, { act: effect.kind, effect, invert: 'yes', at: NOW.toISOString() }).entry,
    draftEntry(run, NOW),
  );
const known = (entry: RunEntry) => ({ run, entry, plan: undefined, before: [] });

describe('what is next after a restore', () => {
  it('is to look at what only the shelf has, before it may go', () => {
    expect(gapsOf(known(entryOf(CONNECTION, SHELVED))).next).toBe(
      'What people wrote since the instant that came back is in orders-main-shelf-1 alone: bring what matters over before 2026-01-22, when retention asks whether it may go.',
    );
  });

  it('is to know where the rows are that were brought back over', () => {
    expect(gapsOf(known(entryOf(ROWS))).next).toBe(
      'What the rows were before is in patches/1.json of the ledger. orders-main-r1 stands beside until retention asks whether it may go.',
    );
  });
});

describe('an application that was led to an instance and back', () => {
  it.each([
    ['by what leads to it', CONNECTION],
    ['by its name', RENAMING],
  ])('%s may have written there', (_how, effect) => {
    const undone = markUndone(entryOf(effect), 1, { how: 'inverted', says: 'back' }, LATER);

    expect(sidesOf(known(undone))).toEqual({ from: 'orders-main', to: 'orders-main-r1' });
    expect(strayOf(known(undone))).toEqual({
      says: 'From 2026-01-15 12:00:00 UTC to 2026-01-15 12:03:00 UTC the application may have written to orders-main-r1. Whatever that took is there, and not in orders-main.',
      next: 'Look in orders-main-r1 for rows newer than 2026-01-15 12:00:00 UTC, and bring what matters over by hand.',
    });
  });

  it('has written nowhere else where it never went, or stays', () => {
    const never = markUndone(entryOf(CONNECTION), 1, { how: 'nothing', says: 'it never went' }, LATER);

    expect(strayOf(known(never))).toBeNull();
    expect(strayOf(known(entryOf(CONNECTION)))).toBeNull();
  });
});
