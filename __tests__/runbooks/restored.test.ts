import { describe, expect, it } from '@jest/globals';
import { judgeBroughtBack, judgeRows, rowsOf } from '../../shared/runbooks/restored-rows.ts';
import { tagsOf } from '../../shared/runbooks/instances.ts';
import { decideKeeping, judgeExamined, shrunkOf } from '../../shared/runbooks/restored.ts';
import { ago, databaseOf, now } from './small-facts.ts';
import { divergence, examinedWith, row, snapshotWith } from './small-restore.ts';

describe('what was restored', () => {
  const as = { instance: 'beside', at: ago(60), now };
  const judge = (change: Parameters<typeof examinedWith>[0] = {}) => judgeExamined(examinedWith(change), as);

  it('is told with all that was read of it', () => {
    expect(judge({ facts: databaseOf('main', { heartbeats: { main: ago(70) } }) })).toBe(
      'beside: 2 tables, 500 rows, each read once; its newest heartbeat is of 09:10; the application reads and writes',
    );
    expect(judge({ facts: databaseOf('main', { heartbeats: {} }) })).toContain('no heartbeat in it');
  });

  it.each([
    ['it cannot be read', { facts: databaseOf('main', { reachable: false, trouble: '53300: too many' }) }, '53300: too many'],
    ['an index is broken', { invalid: ['the index orders_pkey'] }, 'the index orders_pkey is not valid'],
    ['the application may not read', { application: { reads: '42501: no', writes: 'not tried' } }, 'cannot read: 42501: no'],
    ['the application may not write', { application: { reads: null, writes: '25006: read-only' } }, 'cannot write: 25006'],
    [
      'it is of later than it should be',
      { facts: databaseOf('main', { heartbeats: { main: ago(-1) } }) },
      'later than the instant',
    ],
  ])('is not used where %s', (_what, change, says) => {
    expect(() => judge(change)).toThrow(
      expect.objectContaining({ name: 'VerifyFailed', message: expect.stringContaining(says) as unknown }),
    );
  });

  it('may be a minute ahead by another clock, and no more', () => {
    const beat = (seconds: number) => ({ facts: databaseOf('main', { heartbeats: { spare: ago(600), main: ago(seconds) } }) });

    expect(() => judge(beat(0))).not.toThrow();
    expect(() => judge(beat(-0.001))).toThrow(expect.objectContaining({ name: 'VerifyFailed' }));
  });
});

describe('tables that lost half of their rows', () => {
  it.each([
    ['none', { orders: 200 }, { orders: 400 }, []],
    ['one', { orders: 199 }, { orders: 400 }, ['orders has 199 rows in it, and had 400']],
    ['one that is not there', {}, { orders: 400 }, ['orders, which had 400 rows, is not in it']],
    ['one that was small', {}, { orders: 99 }, []],
    ['one that is ours', {}, { changeover_heartbeat: 4_000 }, []],
    ['one that is new', { fresh: 1 }, {}, []],
  ])('%s', (_what, found, before, told) => {
    expect(shrunkOf(found as Record<string, number>, before as unknown as Record<string, number>)).toEqual(told);
  });
});

describe('rows that come back', () => {
  const gone = row('orders', '(17)', null);
  const changed = row('orders', '(18)', '(18,now)');
  const double = row('prices', '(17,EUR)', null);
  const other = row('customers', '(17)', null);
  const all = divergence({ rows: [gone, changed, double, other] });

  it.each([
    ['of the named tables', { tables: ['orders'], rows: {} }, [gone, changed]],
    ['by their key', { tables: ['orders'], rows: { orders: ['18'] } }, [changed]],
    ['by a key of several columns', { tables: ['prices'], rows: { prices: ['(17,EUR)'] } }, [double]],
    ['by key of one table, and all of another', { tables: ['orders', 'prices'], rows: { orders: ['17'] } }, [gone, double]],
    ['of no table', { tables: null, rows: {} }, []],
    ['by a key that is not there', { tables: ['orders'], rows: { orders: ['1'] } }, []],
  ])('%s', (_what, which, rows) => {
    expect(rowsOf(all, which as Parameters<typeof rowsOf>[1])).toEqual(rows);
  });

  it.each([
    ['two words', '("two words")'],
    ['a,b', '("a,b")'],
    ['say "x"', '("say ""x""")'],
    ['(17', '("(17")'],
    ['(two words,EUR)', '("two words",EUR)'],
  ])('by the key %s, which PostgreSQL writes as %s', (named, key) => {
    const wanted = row('words', key, null);
    const rows = [row('words', '(other)', null), wanted];

    expect(rowsOf(divergence({ rows }), { tables: ['words'], rows: { words: [named] } })).toEqual([wanted]);
  });

  it('are none where anything is in their way since the plan', () => {
    const which = { tables: ['orders'], rows: {} };

    expect(judgeRows(all, which)).toEqual([gone, changed]);
    for (const trouble of [
      { uncompared: ['orders: it took too long'] },
      { collisions: [{ table: 'orders', index: 'orders_mail', key: '(17)', other: '(20)' }] },
    ])
      expect(() => judgeRows({ ...all, ...trouble }, which)).toThrow(expect.objectContaining({ name: 'PlanStale' }));
  });

  it('did, or it is told how many did not', () => {
    const which = { tables: ['orders'], rows: { orders: ['17', '18'] } };

    expect(judgeBroughtBack(divergence({ rows: [other] }), which, 2)).toBe('2 rows are as they were: orders');
    expect(() => judgeBroughtBack(divergence({ rows: [changed] }), which, 2)).toThrow(
      expect.objectContaining({ name: 'VerifyFailed', message: expect.stringMatching(/^1 row of orders are not/) as unknown }),
    );
  });

  it('are not said to have come where the comparison came to no end', () => {
    const which = { tables: ['orders'], rows: {} };

    expect(() => judgeBroughtBack(divergence({ uncompared: ['orders: no time was left'] }), which, 2)).toThrow(
      expect.objectContaining({ name: 'NotYet', message: expect.stringContaining('orders: no time was left') as unknown }),
    );
  });
});

describe('the snapshot that it came from', () => {
  const tags = tagsOf({ app: 'orders', run: 'back-6', environment: 'main', what: 'snapshot' });
  const own = snapshotWith({ id: 'ours', arn: 'arn:ours', kind: 'manual', tags });
  const opened = { name: 'opened', at: ago(30), says: '' };
  const as = { snapshot: 'ours', app: 'orders', marks: [opened, { name: 'proven', at: ago(2), says: '' }] };

  it('is told apart where it is ours, since the proof', () => {
    expect(decideKeeping(own, as)).toEqual({ kind: 'mark', arn: 'arn:ours', at: ago(2), marked: false });
    const marked = { ...own, tags: { ...own.tags, 'changeover:proven': ago(2) } };
    expect(decideKeeping(marked, as)).toMatchObject({ kind: 'mark', marked: true });
  });

  it.each([
    ['is gone', null, as, 'ours is gone'],
    ['bears no tag of ours', { ...own, tags: {} }, as, 'not ours'],
    ['is another app’s', own, { ...as, app: 'shop' }, 'not ours'],
    ['is RDS’s own, whatever tags it got from its instance', { ...own, kind: 'automated' as const }, as, 'not ours'],
    ['was not proven', own, { ...as, marks: [opened] }, 'nobody has proven'],
  ])('is left as it is where it %s', (_what, found, by, says) => {
    expect(decideKeeping(found, by)).toEqual({ kind: 'leave', says: expect.stringContaining(says) as unknown });
  });
});
