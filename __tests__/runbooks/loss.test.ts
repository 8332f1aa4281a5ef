import { describe, expect, it } from '@jest/globals';
import { bandOf, draftLoss, type LossFacts } from '../../shared/runbooks/loss.ts';
import { Loss } from '../../shared/runbooks/plan.ts';
import { ago, copy, databaseOf, now } from './small-facts.ts';

const lossOf = (change: Partial<LossFacts> = {}): Loss =>
  draftLoss({ from: databaseOf('main'), to: databaseOf('spare'), copy, uploads: { count: 12, more: false }, ...change }, now);
const down = databaseOf('main', { reachable: false, trouble: 'connection refused', since: [], heartbeats: {} });

describe('the loss', () => {
  it('is counted where the old side answers, without our own heartbeats', () => {
    const loss = lossOf();

    expect(Loss.parse(loss)).toMatchObject({ how: 'measured', rows: 20, uploads: 12, since: ago(11_640), seconds: 11_640 });
    expect(loss.says).toBe(
      'since the last copy at 05:58 (3 h 14 m ago): 3 customers and 17 orders; 12 uploaded files will have no row',
    );
  });

  it('is estimated by the last rates where it does not, rounded up, and says so', () => {
    const loss = lossOf({ from: down, uploads: null });

    expect(loss).toMatchObject({
      how: 'estimated',
      tables: [
        { table: 'customers', rows: 5, by: 'rate' },
        { table: 'orders', rows: 20, by: 'rate' },
      ],
      rows: 25,
      uploads: 13,
    });
    expect(loss.says).toMatch(
      /: main does not answer, so by its last rates at most about 5 customers and 20 orders; 13 uploaded files/,
    );
  });

  it('tells a table that could not be counted in time by its last rate, and no less', () => {
    const loss = lossOf({ from: databaseOf('main', { since: [{ table: 'customers', rows: 3, by: 'key' }] }) });

    expect(loss).toMatchObject({ how: 'measured', rows: 23 });
    expect(loss.says).toMatch(/: 3 customers and about 20 orders; /);
  });

  it('is nobody’s to tell from a heartbeat that is ahead of our clock', () => {
    const loss = lossOf({ to: databaseOf('spare', { heartbeats: { main: ago(-7200) } }) });

    expect(loss).toMatchObject({ how: 'unknown', since: copy.at, seconds: 11_640 });
    expect(loss.says).toMatch(/the data of spare carries a heartbeat of main that is 2 h ahead of our clock$/);
  });

  it('counts uploads in their bucket even where the database does not answer', () => {
    expect(lossOf({ from: down, uploads: { count: 7, more: false } }).uploads).toBe(7);
  });

  it('says where counting the uploads stopped', () => {
    expect(lossOf({ uploads: { count: 10_000, more: true } }).says).toMatch(/more than 10000 uploaded files/);
  });

  it('is nothing where nothing was written', () => {
    const loss = lossOf({
      from: databaseOf('main', { since: copy.tables.map(({ table }) => ({ table, rows: 0, by: 'key' as const })) }),
      uploads: { count: 0, more: false },
    });

    expect(loss).toMatchObject({ how: 'measured', rows: 0, band: 'no rows, no uploads' });
    expect(loss.says).toMatch(/no rows; no uploaded file is without its row$/);
  });

  it('is unknown without a mark of a copy', () => {
    expect(lossOf({ copy: null })).toMatchObject({
      how: 'unknown',
      rows: null,
      band: 'unknown',
      says: expect.stringContaining('no copy from main to spare'),
    });
  });

  it.each<[string, Record<string, string>]>([
    ['older than the mark by far', { main: ago(40_000) }],
    ['without a heartbeat of the old side', { spare: ago(5) }],
  ])('is unknown where the standby’s data is %s: the ledger tells of another copy', (_how, heartbeats) => {
    const loss = lossOf({ to: databaseOf('spare', { heartbeats }) });

    expect(loss).toMatchObject({
      how: 'unknown',
      rows: null,
      says: expect.stringContaining('the ledger tells of a copy at 05:58'),
    });
  });

  it('trusts a mark that is newer than the last heartbeat where no heartbeat was written since', () => {
    const silent = { main: ago(40_000) };

    const loss = lossOf({ from: databaseOf('main', { heartbeats: silent }), to: databaseOf('spare', { heartbeats: silent }) });

    expect(loss.how).toBe('measured');
  });

  it.each([
    [0, 0, 'no rows, no uploads'],
    [1, 0, 'under 10 rows, no uploads'],
    [9, 1, 'under 10 rows, under 10 uploads'],
    [10, 99, 'under 100 rows, under 100 uploads'],
    [100, 5, 'under 1000 rows, under 10 uploads'],
    [123_456, 0, 'under 1000000 rows, no uploads'],
  ])('of %d rows and %d uploads is known to the hash as %s', (rows, uploads, band) => {
    expect(bandOf(rows, uploads)).toBe(band);
  });
});
