import { describe, expect, it } from '@jest/globals';
import {
  isOfRun,
  isOurs,
  isOwnTag,
  isShelf,
  lastSnapshotName,
  namePatterns,
  restoredName,
  settingsApart,
  settingsSay,
  shelfInstanceName,
  shelfTags,
  snapshotName,
  snapshotSays,
  tagsOf,
} from '../../shared/runbooks/instances.ts';
import { now } from './small-facts.ts';
import { SETTINGS, snapshotWith } from './small-restore.ts';

const NAMES = { restoredName, snapshotName, shelfInstanceName, lastSnapshotName };
/** What RDS takes: letters, digits and hyphens, a letter first, no hyphen last and no two together. */
const RDS_NAME = /^[a-z](?!.*--)[a-z0-9-]*[a-z0-9]$/;

describe.each(Object.entries(NAMES))('%s', (_what, nameOf) => {
  it.each(['a', 'orders-main', 'x'.repeat(63), `${'x'.repeat(39)}-${'y'.repeat(20)}`])(
    'of %s is one that RDS takes',
    (instance) => {
      const name = nameOf(instance, 'back-7');

      expect(name).toMatch(RDS_NAME);
      expect(name.length).toBeLessThanOrEqual(63);
    },
  );

  it('is the same for every try of a run, and another for every run and every instance', () => {
    expect(nameOf('orders-main', 'back-7')).toBe(nameOf('orders-main', 'back-7'));
    const runs = Array.from({ length: 500 }, (_, n) => nameOf('orders-main', `back-${n}`));
    expect(new Set(runs).size).toBe(500);
    expect(nameOf('orders-spare', 'back-7')).not.toBe(nameOf('orders-main', 'back-7'));
  });
});

describe('the names of a run', () => {
  it('are four different ones, and a policy’s patterns cover each and not the instance itself', () => {
    const made = Object.values(NAMES).map((nameOf) => nameOf('orders-main', 'back-7'));
    const { instances, snapshots } = namePatterns('orders-main');
    const matches = (name: string) =>
      [...instances, ...snapshots].some((pattern) => new RegExp(`^${pattern.replaceAll('?', '.')}$`).test(name));

    expect(new Set(made).size).toBe(4);
    expect(made.map(matches)).toEqual([true, true, true, true]);
    expect(matches('orders-main')).toBe(false);
  });
});

describe('the tags of what is ours', () => {
  const ours = { app: 'orders', run: 'back 7 <&>"', environment: 'main' };
  const tags = tagsOf({ ...ours, what: 'restored' });

  it('say whose it is, of which run, and are made of what RDS takes', () => {
    expect(isOurs(tags, 'orders')).toBe(true);
    expect(isOurs(tags, 'shop')).toBe(false);
    expect(isOfRun(tags, ours.run)).toBe(true);
    expect(isOfRun(tags, 'back-8')).toBe(false);
    expect(Object.values(tags).every((value) => /^[\p{L}\p{N} _.:/=+\-@]*$/u.test(value))).toBe(true);
  });

  it('of a shelf say since when, and no restored instance is taken for one', () => {
    const shelf = shelfTags(ours, now);

    expect(Object.values(shelf)).toContain(now.toISOString());
    expect([isShelf(shelf, ours.run), isShelf(shelf, 'back-8'), isShelf(tags, ours.run)]).toEqual([true, false, false]);
  });

  it.each([
    ['changeover', true],
    ['changeover:run', true],
    ['aws:cloudformation:stack-name', true],
    ['AWS:x', true],
    ['rds:x', true],
    ['changeover-team', false],
    ['team', false],
    ['laws:x', false],
  ])('%s: nobody gives it again: %s', (key, own) => expect(isOwnTag(key)).toBe(own));
});

describe('settings that are not as they were', () => {
  it('are told one by one, lists in whatever order', () => {
    const is = { ...SETTINGS, multiAz: false, kmsKey: null, securityGroups: ['sg-0c2d', 'sg-0a1b'] };
    const apart = settingsApart(SETTINGS, is);

    expect(apart.map(({ name }) => name)).toEqual(['multiAz', 'kmsKey']);
    expect(settingsSay(apart)).toBe(
      'Multi-AZ: false instead of true and key: none instead of arn:aws:kms:eu-west-1:123456789012:key/orders',
    );
  });

  it('are none where all is as it was, and every single one would be seen', () => {
    expect(settingsSay(settingsApart(SETTINGS, { ...SETTINGS }))).toBe('all its settings are those of the one before');
    for (const name of Object.keys(SETTINGS))
      expect(settingsApart(SETTINGS, { ...SETTINGS, [name]: 'other' }).map((apart) => apart.name)).toEqual([name]);
  });
});

describe('a snapshot in words', () => {
  it.each([
    [{}, /by RDS itself, 2026-01-15T02:04/],
    [{ kind: 'manual' as const }, /by hand/],
    [{ kind: 'other' as const, takenAt: null }, /shared, not finished/],
  ])('%j', (change, says) => expect(snapshotSays(snapshotWith(change))).toMatch(says));
});
