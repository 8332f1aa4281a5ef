import { describe, expect, it } from '@jest/globals';
import { judgeAgainst, type Against } from '../../shared/runbooks/against-source.ts';
import { noCounts, type Divergence } from '../../shared/runbooks/divergence.ts';
import { sideWith } from './small-copy.ts';
import { ago, databaseOf, now } from './small-facts.ts';
import { compared, differing, examinedWith } from './small-restore.ts';

const BEAT = ago(600);
const side = (writes: number, change = {}) =>
  sideWith('main', { heartbeat: BEAT, writes: { orders: writes, customers: 10 }, tables: [], ...change });
const alike = { same: true, keyed: true, rows: { here: 400, there: 400 }, ...noCounts() };

/** Eight orders were written to the source since, by its own count. */
function against(change: Partial<Divergence> = {}, more: Partial<Against> = {}): Against {
  return {
    from: 'main',
    before: side(100),
    now: side(108),
    restored: examinedWith({ facts: databaseOf('main', { heartbeats: { main: ago(500) } }) }),
    compared: compared({ tables: [differing('orders', { onlyThere: 8 }), { ...alike, table: 'customers' }], ...change }),
    at: now,
    ...more,
  };
}
const long = (what: Against): Against => ({ ...what, compared: { ...what.compared, readAt: ago(71) } });
const refusal = (name: string, says: string): unknown =>
  expect.objectContaining({ name, message: expect.stringContaining(says) as unknown });

describe('what was restored, held against a source that goes on', () => {
  it('may differ by as many rows as the source counts as written since', () => {
    const { says, notes, proof } = judgeAgainst(against());

    expect(says).toBe(
      "2 tables of main are in it row by row; 8 rows differ, all of them written since, by their transactions or by main's own count",
    );
    expect(notes).toEqual([]);
    expect(proof).toMatchObject({ heartbeat: ago(500), differences: [] });
    expect(proof.tables.map(({ table, rows }) => [table, rows.copy])).toEqual([
      ['customers', 100],
      ['orders', 400],
    ]);
  });

  it('is asked again while PostgreSQL may not have counted all, and refused when it has', () => {
    const nine = against({
      tables: [differing('orders', { onlyThere: 30, changedThere: 5, goneThere: 7, onlyHere: 1, changedBoth: 1 })],
    });

    const says = '9 rows of orders differ, and main counts 8 written since';

    expect(() => judgeAgainst(nine)).toThrow(refusal('NotYet', says));
    expect(() => judgeAgainst(long(nine))).toThrow(refusal('VerifyFailed', says));
  });

  it.each<readonly [string, string, Against]>([
    [
      'a row that the source had before',
      '1 row of orders from before the snapshot are not in it',
      against({ tables: [differing('orders', { goneHere: 1 })] }),
    ],
    [
      'a row that nobody wrote',
      '1 row of orders are otherwise in it',
      against({ tables: [differing('orders', { changedHere: 1 })] }),
    ],
    [
      'a table that nobody wrote to',
      '1 row of customers differ, and main counts 0',
      long(against({ tables: [differing('customers', { changedBoth: 1 })] })),
    ],
    [
      'a table without a key that nobody wrote to',
      '1 row of customers differ',
      long(against({ tables: [differing('customers', { keyed: false, rows: { here: 5, there: 5 } })] })),
    ],
    ['another schema', 'orders has other columns', against({ schema: ['orders has other columns or another key on main'] })],
    [
      'data of before',
      `its newest heartbeat is of ${ago(601)}`,
      against({}, { restored: examinedWith({ facts: databaseOf('main', { heartbeats: { main: ago(601) } }) }) }),
    ],
    [
      'no heartbeat',
      'its newest heartbeat is of nobody',
      against({}, { restored: examinedWith({ facts: databaseOf('main', { heartbeats: {} }) }) }),
    ],
    [
      'a table that is nearly empty',
      'orders has 20 rows in it',
      against(
        { uncompared: ['orders: it took too long'], tables: [] },
        {
          before: side(100, { tables: [{ table: 'orders', rows: 400.4, bytes: 1 }] }),
          restored: examinedWith({ facts: databaseOf('main', { heartbeats: { main: ago(500) } }), rows: { orders: 20 } }),
        },
      ),
    ],
    [
      'a source that went away',
      'main does not answer any more: refused',
      against({}, { now: side(108, { reachable: false, trouble: 'refused' }) }),
    ],
    [
      'nothing to compare',
      'the instance is gone',
      against({}, { compared: { readAt: ago(2), divergence: null, trouble: 'the instance is gone' } }),
    ],
  ])('is refused with %s: %s', (_what, says, what) => expect(() => judgeAgainst(what)).toThrow(refusal('VerifyFailed', says)));

  it('is not thought to have lost what a table has grown by since', () => {
    const grown = side(1_008, { tables: [{ table: 'orders', rows: 4_000, bytes: 1 }] });

    expect(judgeAgainst(against({}, { now: grown })).says).toContain('2 tables of main');
  });

  it('tells what was only counted', () => {
    const { notes } = judgeAgainst(against({ uncompared: ['log: it took too long'] }));

    expect(notes).toEqual(['not held against main row by row, only counted: log: it took too long']);
  });

  it('takes a count that began anew for no writes at all', () => {
    const begunAnew = against({ tables: [differing('orders', { goneThere: 8 })] }, { now: side(3) });
    const says = '8 rows of orders differ, and main counts 0 written since';

    expect(() => judgeAgainst(long(begunAnew))).toThrow(refusal('VerifyFailed', says));
  });
});
