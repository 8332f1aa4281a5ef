import { describe, expect, it } from '@jest/globals';
import { draftCopyMark, judgeLooked } from '../../shared/runbooks/copied.ts';
import { CopyMark } from '../../shared/runbooks/copies.ts';
import { dealTables, decideCopy, pouredSays, type PouredPart } from '../../shared/runbooks/copying.ts';
import { draftManifest } from '../../shared/runbooks/dumps.ts';
import { judgeProof, type Proof, type TableProof } from '../../shared/runbooks/proof.ts';
import { decideBringing, judgePair, type BucketPair } from '../../shared/runbooks/upload-pair.ts';
import { copyMark, markWith, syncRun, withCopy } from './small-copy.ts';
import { ago, estate } from './small-facts.ts';

const MB = 1024 ** 2;
const table = (name: string, source: number, copy = source, change: Partial<TableProof> = {}): TableProof => ({
  table: name,
  rows: { source, copy },
  same: source === copy,
  how: 'whole',
  bytes: source,
  key: null,
  ...change,
});
const proofWith = (change: Partial<Proof> = {}): Proof => ({
  tables: [table('orders', 1_000)],
  differences: [],
  told: [],
  migration: { source: '7', copy: '7' },
  largeObjects: 0,
  heartbeat: ago(60),
  ...change,
});

describe('which copy is meant', () => {
  it('is primary to standby, or what the request says', () => {
    expect(decideCopy(syncRun(), estate).copy).toMatchObject({ from: 'main', to: 'spare' });
    expect(decideCopy(syncRun({ from: 'main', to: 'spare' }), estate).copy).toMatchObject({ from: 'main', to: 'spare' });
  });

  it.each([
    [{ from: 'spare', to: 'main' }, {}, 'found spare to main, expected'],
    [{ to: 'nowhere' }, {}, 'found main to nowhere, expected'],
    [{}, { class: 'masked' as const }, 'found main to spare, of class masked'],
    [{}, { class: 'forbid' as const }, 'there are: main to spare (forbid)'],
  ])('is refused for %j with %j, naming those there are', (request, change, says) => {
    expect(() => decideCopy(syncRun(request), withCopy(change))).toThrow(
      expect.objectContaining({ name: 'InputInvalid', message: expect.stringContaining(says) }),
    );
  });

  it('is refused where the estate has none', () => {
    expect(() => decideCopy(syncRun(), { ...estate, copies: [] })).toThrow(/there are: none/);
  });
});

describe('tables', () => {
  const all = [1, 9, 3, 4, 5].map((bytes) => ({ quoted: `t${bytes}`, bytes }));

  it('are dealt so that nobody is long done while another works', () => {
    expect(dealTables(all, 2)).toEqual([
      ['t9', 't3'],
      ['t5', 't4', 't1'],
    ]);
  });

  it('are all carried, once, however many functions there are', () => {
    for (const parts of [1, 3, 8]) expect(dealTables(all, parts).flat().sort()).toEqual(['t1', 't3', 't4', 't5', 't9']);
    expect(dealTables(all, 8)).toHaveLength(8);
  });

  it('that were carried are told with the largest by name', () => {
    const tables = [1, 2, 3, 4, 5, 6, 0].map((rows) => ({ table: `t${rows}`, rows, bytes: MB }));

    expect(pouredSays({ tables, milliseconds: 1_500 })).toBe(
      '7 tables, 21 rows, 7.0 MB in 1.5 s: t6 6, t5 5, t4 4, t3 3, t2 2 and 1 more',
    );
    expect(pouredSays({ tables: [], milliseconds: 0 })).toBe('0 tables, 0 rows, 0.0 MB in 0.0 s');
  });
});

describe('a proof', () => {
  it('tells how much is the same, and which tables were sampled', () => {
    const proof = proofWith({ tables: [table('orders', 1_000), table('log', 9, 9, { how: 'sampled' })] });

    expect(judgeProof(proof, 'main')).toBe(
      '2 tables with 1009 rows are the same, by sums of every row, log by a sixteenth of its rows',
    );
  });

  it.each([
    [{ tables: [table('orders', 1_000, 999)] }, 'orders: 1000 rows in main, 999 in the copy'],
    [{ tables: [table('orders', 9, 9, { same: false })] }, 'orders: the same number of rows and other contents'],
    [{ differences: ['index orders_key is not there'] }, 'index orders_key is not there'],
    [{ migration: { source: '8', copy: '7' } }, 'migration 8 in main, 7 in the copy'],
    [{ differences: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }, 'a; b; c; d; e; and 2 more'],
  ])('that shows %j gives nobody the copy', (change, says) => {
    expect(() => judgeProof(proofWith(change), 'main')).toThrow(
      expect.objectContaining({ name: 'VerifyFailed', message: expect.stringContaining(says) }),
    );
  });
});

describe('what readers find', () => {
  const setting = { run: 'copy-7', live: 'orders', to: 'spare', proof: proofWith() };

  it('is this run’s database, as new as it was proven', () => {
    expect(judgeLooked({ heartbeat: ago(60), mark: markWith({ run: 'copy-7' }) }, setting)).toBe(
      `the application of spare reads orders, with data of ${ago(60)}`,
    );
  });

  it.each([
    [{ heartbeat: ago(60), mark: null }, 'no mark of ours'],
    [{ heartbeat: ago(60), mark: markWith() }, 'the mark of copy-6'],
    [{ heartbeat: ago(61), mark: markWith({ run: 'copy-7' }) }, ago(61)],
    [{ heartbeat: null, mark: markWith({ run: 'copy-7' }) }, 'no heartbeat'],
  ])('is wrong with %j', (looked, found) => {
    expect(() => judgeLooked(looked, setting)).toThrow(
      expect.objectContaining({ name: 'VerifyFailed', message: expect.stringContaining(`finds ${found} in orders`) }),
    );
  });
});

describe('what a copy leaves on record', () => {
  const part = (bytes: number, milliseconds: number): PouredPart => ({
    attempt: 'a',
    tables: [{ table: 'orders', rows: 1, bytes }],
    file: { key: 'k', upload: 'u', parts: [], bytes: 1, sha256: 's' },
    milliseconds,
  });
  const held = { attempt: 'a', snapshot: 's', since: '745', at: ago(0) };
  const detail = { from: 'main', to: 'spare', next: 'copy' as const };
  const markOf = (before: CopyMark | null, parts = [part(MB, 10)], tables = [table('orders', 1_020)]) =>
    CopyMark.parse(draftCopyMark({ run: { id: 'copy-7' }, detail, held, proof: proofWith({ tables }), parts, before }));

  it('counts rows an hour from the copy before, and nothing where there is none', () => {
    expect(markOf(copyMark()).tables).toEqual([{ table: 'orders', rows: 1_020, key: null, rowsPerHour: 20 }]);
    expect(markOf(null).tables[0]?.rowsPerHour).toBe(0);
    expect(markOf(copyMark(), undefined, [table('fresh', 5)]).tables[0]?.rowsPerHour).toBe(0);
    expect(markOf(copyMark(), undefined, [table('orders', 100)]).tables[0]?.rowsPerHour).toBe(0);
  });

  it('keeps the rate where the step is run again and finds its own mark', () => {
    expect(markOf(markOf(copyMark())).tables[0]?.rowsPerHour).toBe(20);
  });

  it('measures speed a function by the slowest, and not by little', () => {
    expect(markOf(null, [part(64 * MB, 2_000), part(64 * MB, 4_000)]).bytesPerSecond).toBe(16 * MB);
    expect(markOf(copyMark(), [part(MB, 1)]).bytesPerSecond).toBe(32 * MB);
    expect(markOf(null, [part(MB, 1)]).bytesPerSecond).toBeNull();
  });

  it('names its instant, its transaction, its run and its dump', () => {
    expect(markOf(null)).toMatchObject({
      at: ago(0),
      since: '745',
      run: 'copy-7',
      dump: 'dumps/main-spare/copy-7/manifest.json',
    });
  });

  it('lists its files in the order in which they are read back', () => {
    const files = ['90-indexes', '10-rows-01', '00-schema', '10-rows-00'].map((key) => ({
      key,
      upload: 'u',
      parts: [],
      bytes: 1,
      sha256: 'x',
    }));

    const manifest = draftManifest({ run: { id: 'copy-7', app: 'orders' }, detail, held, files, proof: proofWith() });

    expect(manifest.files.map(({ key }) => key)).toEqual(['00-schema', '10-rows-00', '10-rows-01', '90-indexes']);
    expect(manifest.files[0]).not.toHaveProperty('upload');
    expect(manifest.readBy).toContain('into psql');
  });

  it('says so where the estate keeps none', () => {
    const manifest = draftManifest({ run: { id: 'copy-7', app: 'orders' }, detail, held, files: [], proof: proofWith() });

    expect(manifest).toMatchObject({ files: [], readBy: 'nothing: copies[].files of estate.yml keeps none' });
  });
});

describe('the bucket that goes with a copy', () => {
  const pair = (change: Partial<BucketPair> = {}): BucketPair => ({
    source: ['a', 'b'],
    target: ['a', 'x'],
    missing: ['b'],
    extra: ['x'],
    bytes: 2,
    keepsVersions: true,
    more: false,
    ...change,
  });

  it('gets what it lacks, and loses what only it has', () => {
    expect(decideBringing(pair(), 100, 'spare')).toEqual({ keys: ['b'], going: ['x'], told: [] });
  });

  it.each([
    [{ keepsVersions: false }, 100, 'the bucket of spare keeps no versions'],
    [{ extra: ['x', 'y'] }, 1, 'more than 1 at once'],
    [{}, 0, 'more than 0 at once'],
  ])('loses nothing with %j and at most %d', (change, most, why) => {
    const { going, told } = decideBringing(pair(change), most, 'spare');

    expect({ going, told }).toEqual({ going: [], told: [expect.stringContaining(`that only spare has stay: ${why}`)] });
  });

  it('is no pair where it is too large to be seen whole', () => {
    expect(() => decideBringing(pair({ more: true }), 100, 'spare')).toThrow(expect.objectContaining({ name: 'CloudRefused' }));
  });

  it('has every file that was brought, and tells of those that are named and nowhere', () => {
    const judged = judgePair({ brought: ['b'], target: ['a', 'b', 'x'], references: ['a', 'b', 'gone'] }, 'main', 'spare');

    expect(judged.says).toBe('3 files, 3 of them named by the copy, 1 named and nowhere, 1 not named');
    expect(judged.told).toEqual([expect.stringMatching(/^1 file that the database names are in no bucket.*: gone$/)]);
  });

  it('is wrong where a file that was brought is not there', () => {
    expect(() => judgePair({ brought: ['b', 'c'], target: ['b'], references: [] }, 'main', 'spare')).toThrow(
      expect.objectContaining({ name: 'VerifyFailed', message: expect.stringContaining(': c;') }),
    );
  });
});
