import { describe, expect, it } from '@jest/globals';
import type { Departure } from '../../shared/runbooks/departure.ts';
import { noCounts, type Divergence, type TableDivergence } from '../../shared/runbooks/divergence.ts';
import { judgeBrought, judgeFiles, judgeMerged, judgePatch } from '../../shared/runbooks/merging.ts';
import type { Limit } from '../../shared/runbooks/plan.ts';
import { RollbackRequest } from '../../shared/runbooks/requests.ts';
import { draftRollback } from '../../shared/runbooks/rollback-plan.ts';
import { decideReturn, judgeTarget, RollbackDetail, type ReturnSetting } from '../../shared/runbooks/rollback.ts';
import type { FailoverFacts } from '../../shared/runbooks/scene.ts';
import { LARGEST_BYTES, MOST_UPLOADS, type UploadDivergence } from '../../shared/runbooks/uploads.ts';
import {
  aliasTo,
  ago,
  balancer,
  databaseOf,
  estate,
  factsWith,
  healthOf,
  listenerWith,
  main,
  nameFacts,
  now,
  runWith,
  spare,
} from './small-facts.ts';
import { divergence as divergenceWith } from './small-restore.ts';

const NAMES = ['app.orders.test.', 'api.orders.test.'];
const there = (name: string) => [aliasTo(name, 'A', spare.loadBalancer), aliasTo(name, 'AAAA', spare.loadBalancer)];
const here = (name: string) => [aliasTo(name, 'A', main.loadBalancer), aliasTo(name, 'AAAA', main.loadBalancer)];
const upsert = (record: ReturnType<typeof aliasTo>) => ({ action: 'UPSERT' as const, record });
const departure: Departure = {
  run: 'night-7',
  openedAt: ago(3600),
  from: 'main',
  to: 'spare',
  flights: Object.fromEntries(
    NAMES.map((name) => [
      name,
      {
        run: 'night-7',
        zone: estate.names[0]?.zone ?? '',
        before: here(name),
        after: there(name),
        changes: there(name).map(upsert),
        inverse: here(name).map(upsert),
      },
    ]),
  ),
  webFence: { kind: 'web-fence', environment: 'main', run: 'night-7', listeners: ['arn:listener/orders-main/https'] },
  databaseFence: { kind: 'database-fence', environment: 'main', database: 'orders', connect: ['orders_owner', 'public'] },
  since: '745',
};
const fenced = balancer('orders-main', {
  listeners: [listenerWith({ arn: 'arn:listener/orders-main/https', fencedBy: 'night-7', priorities: [1, 10] })],
  targets: [{ group: 'web', id: 'i-1', health: 'unhealthy', reason: 'Target.ResponseCodeMismatch' }],
});
const facts = (change: Partial<FailoverFacts> = {}): FailoverFacts =>
  factsWith({
    lease: { app: 'orders', writer: 'spare', epoch: 7, fencing: 12, since: ago(3600), holder: null },
    doors: { from: spare, to: { loadBalancer: fenced, distribution: main.distribution } },
    databases: { from: databaseOf('spare'), to: databaseOf('main', { fenced: true, connect: ['postgres'] }) },
    names: NAMES.map((name) =>
      nameFacts(name, spare.loadBalancer, {
        records: there(name),
        health: { from: healthOf('spare'), to: healthOf('main', { status: 503 }) },
      }),
    ),
    ...change,
  });

const table = (name: string, change: Partial<TableDivergence> = {}): TableDivergence => ({
  table: name,
  keyed: true,
  same: false,
  rows: { here: 10, there: 12 },
  ...noCounts(),
  ...change,
});
const divergence = (change: Partial<Divergence> = {}): Divergence => divergenceWith({ here: 'main', there: 'spare', ...change });

const NO_FILES: UploadDivergence = { there: [], here: [], more: false, keepsVersions: null };

const filesOf = (there: [string, number?][], here: [string, number?][] = []): UploadDivergence => {
  const listed = (all: [string, number?][]) => all.map(([key, size = 5]) => ({ key, size, etag: `"${key}-${size}"` }));
  return { ...NO_FILES, there: listed(there), here: listed(here), keepsVersions: here.length > 0 ? false : null };
};
const many = (count: number): [string][] => Array.from({ length: count }, (_, i) => [`upload-${i}`]);
const MERGE = { divergence: 'merge' };

interface Given {
  readonly request?: object;
  readonly rows?: Partial<Divergence> | null;
  readonly files?: UploadDivergence | null;
  readonly change?: Partial<ReturnSetting>;
}
const planOf = ({ request = {}, rows = {}, files = NO_FILES, change = {} }: Given = {}) =>
  draftRollback({
    run: { ...runWith(), runbook: 'rollback', machine: 'rollback-dev', request: { ...request } },
    estate,
    sides: { from: 'spare', to: 'main' },
    facts: facts(),
    now,
    request: RollbackRequest.parse(request),
    departure,
    compared: { readAt: ago(1), divergence: rows && divergence(rows), trouble: rows ? null : 'connection refused' },
    uploads: { readAt: ago(1), found: files, trouble: files ? null : 'access denied' },
    copied: null,
    ...change,
  });
const exceeded = (given: Given = {}): string[] =>
  planOf(given)
    .limits.filter(({ verdict }: Limit) => verdict === 'exceeded')
    .map(({ name }) => name);
const detailOf = (given: Given = {}) => RollbackDetail.parse(planOf(given).detail);

describe('a rollback’s plan', () => {
  it('takes the move back in an order in which nobody ever writes on two sides', () => {
    const acts = planOf({ request: { divergence: 'merge' } }).changes.map(({ act }) => act);

    expect([...new Set(acts)]).toEqual([
      'FenceWeb',
      'FenceDatabase',
      'MergeData',
      'MergeUploads',
      'GapSequences',
      'LiftDatabase',
      'LiftWeb',
      'SwapNames',
      'DeclareWriter',
    ]);
  });

  it('leads the names where the flight record says, by its inverse', () => {
    const [zone] = detailOf().zones;

    expect(zone?.changes).toEqual(NAMES.flatMap(here).map(upsert));
    expect(zone?.before).toEqual(NAMES.flatMap(there));
    expect(zone?.inverse).toEqual(NAMES.flatMap(there).map(upsert));
  });

  it('lifts exactly the fences that were left, and gives CONNECT back to whom it was taken from', () => {
    expect(detailOf().lift).toEqual({
      web: { run: 'night-7', listeners: ['arn:listener/orders-main/https'], skipped: null },
      database: { connect: ['orders_owner', 'public'], skipped: null },
    });
  });

  it('exceeds no limit where both sides hold the same rows', () => {
    expect(exceeded()).toEqual([]);
    expect(planOf().loss).toMatchObject({ how: 'none', rows: 0 });
  });
});

describe('a rollback is held to', () => {
  const taken = { tables: [table('orders', { onlyThere: 3, onlyHere: 2 })] };
  const torn = { tables: [table('orders', { changedBoth: 1 })] };

  it.each<[string, Given, string[]]>([
    ['rows that only the other side has', { rows: taken }, ['divergence']],
    ['nothing, where they are merged', { rows: taken, request: { divergence: 'merge' } }, []],
    ['nothing, where they are discarded', { rows: taken, request: { divergence: 'discard' } }, []],
    ['a winner, where a row was changed on both', { rows: torn, request: { divergence: 'merge' } }, ['conflicts']],
    ['nothing, where one wins', { rows: torn, request: { divergence: 'merge', wins: 'main' } }, []],
    ['a winner that there is', { rows: torn, request: { divergence: 'merge', wins: 'moon' } }, ['wins', 'conflicts']],
    [
      'places that two rows ask for',
      { rows: { collisions: [{ table: 'people', index: 'mail', key: '(5)', other: '(3)' }] }, request: { divergence: 'merge' } },
      ['collisions'],
    ],
    [
      'keys, where rows are to be told apart',
      { rows: { tables: [table('notes', { keyed: false })] }, request: { divergence: 'merge' } },
      ['keyless-table'],
    ],
    ['schemas that are alike', { rows: { schema: ['people is only on main'] } }, ['schema-differs']],
    ['a whole comparison', { rows: { uncompared: ['orders: no time was left'] } }, ['uncompared']],
    ['a comparison at all', { rows: null }, ['uncompared']],
    ['a flight record', { change: { departure: undefined } }, ['no-flight-record']],
    [
      'a flight record of every name',
      {
        change: { departure: { ...departure, flights: { 'app.orders.test.': departure.flights['app.orders.test.'] as never } } },
      },
      ['no-flight-record'],
    ],
  ])('%s', (_says, given, names) => {
    expect(exceeded(given)).toEqual(names);
  });

  it.each<[string, Given, string[]]>([
    ['a word about files that only the other side has', { files: filesOf([['a.png']]) }, ['divergence']],
    ['nothing more, where they are brought along', { files: filesOf([['a.png']]), request: MERGE }, []],
    ['buckets that can be listed', { files: null }, ['uploads']],
    ['no bucket, where everything is left behind', { files: null, request: { divergence: 'discard' } }, []],
    ['buckets that are listed to their ends', { files: { ...filesOf([['a.png']]), more: true }, request: MERGE }, ['uploads']],
    ['no more files than can be copied', { files: filesOf(many(MOST_UPLOADS + 1)), request: MERGE }, ['uploads']],
    ['no file that S3 does not copy', { files: filesOf([['film', LARGEST_BYTES + 1]]), request: MERGE }, ['uploads']],
    ['a winner, where both have a name', { files: filesOf([['a.png']], [['a.png', 7]]), request: MERGE }, ['upload-conflicts']],
    [
      'a bucket that keeps versions, where a file is written over',
      { files: filesOf([['a.png']], [['a.png', 7]]), request: { ...MERGE, wins: 'spare' } },
      ['upload-conflicts'],
    ],
    [
      'nothing more, where it keeps them',
      { files: { ...filesOf([['a.png']], [['a.png', 7]]), keepsVersions: true }, request: { ...MERGE, wins: 'spare' } },
      [],
    ],
    ['nothing, where both have the same file', { files: filesOf([['a.png']], [['a.png']]), request: {} }, []],
  ])('%s', (_says, given, names) => {
    expect(exceeded(given)).toEqual(names);
  });

  it('records as the move left them', () => {
    const moved = facts().names.map((one) => ({ ...one, records: [aliasTo(one.name, 'A', balancer('maintenance'))] }));

    expect(exceeded({ change: { facts: facts({ names: moved }) } })).toContain('record-moved');
  });

  it('an old side that lives: silent behind its fence is alive, refusing connections is not', () => {
    const dead = { ...fenced, targets: [{ group: 'web', id: 'i-1', health: 'unhealthy', reason: 'Target.FailedHealthChecks' }] };
    const silent = databaseOf('main', { reachable: false, trouble: 'connection refused' });

    expect(exceeded({ change: { facts: facts({ doors: { from: spare, to: { ...main, loadBalancer: dead } } }) } })).toContain(
      'primary-ill',
    );
    expect(exceeded({ change: { facts: facts({ databases: { from: databaseOf('spare'), to: silent } }) } })).toContain(
      'primary-ill',
    );
  });

  it('a way back: who is the writer already is not led back to', () => {
    const lease = { app: 'orders', writer: 'main', epoch: 8, fencing: 13, since: ago(60), holder: null };

    expect(exceeded({ change: { facts: facts({ lease }) } })).toContain('already-writer');
    expect(decideReturn(estate, lease, undefined)).toEqual({ from: 'main', to: 'spare' });
  });
});

describe('uploaded files', () => {
  it('are brought from when the names were moved, and not at all where a bucket could not be listed', () => {
    expect(detailOf({ request: MERGE }).uploadsSince).toBe(departure.openedAt);
    expect(detailOf({ request: MERGE, files: null }).uploadsSince).toBeNull();
    expect(planOf({ request: MERGE, files: null }).skipped).toContainEqual({
      act: 'MergeUploads',
      why: 'the buckets could not be compared',
    });
  });
});

describe('what a rollback leaves behind', () => {
  const taken = { tables: [table('orders', { onlyThere: 3, changedThere: 1, changedBoth: 2 })] };

  it.each<[string, object, number]>([
    ['everything of the other side, where it is discarded', { divergence: 'discard' }, 6],
    ['nothing, where it is merged and the other side wins', { divergence: 'merge', wins: 'spare' }, 0],
    ['the rows that lose, where this side wins', { divergence: 'merge', wins: 'main' }, 2],
  ])('is %s', (_says, request, rows) => {
    expect(planOf({ rows: taken, request }).loss.rows).toBe(rows);
  });

  it.each<[string, object, number | null, UploadDivergence | null]>([
    ['every file of the other side, where it is discarded', { divergence: 'discard' }, 2, filesOf([['a'], ['b']], [['b', 7]])],
    ['the file that loses, where this side wins', { divergence: 'merge', wins: 'main' }, 1, filesOf([['a'], ['b']], [['b', 7]])],
    ['what nobody can count, where a bucket is gone', { divergence: 'discard' }, null, null],
  ])('is %s', (_says, request, uploads, files) => {
    expect(planOf({ files, request }).loss.uploads).toBe(uploads);
  });

  it('is not known where nobody could compare', () => {
    expect(planOf({ rows: null }).loss).toMatchObject({ how: 'unknown', rows: null });
  });
});

describe('a merge behind the fence', () => {
  const merging = { divergence: 'merge', winner: 'nobody', overridden: [] } as const;
  const row = { table: 'orders', key: '(5)', how: 'onlyThere' as const, there: '(5)', here: null };

  it('brings what came while the plan was read', () => {
    expect(judgePatch(divergence({ tables: [table('orders', { onlyThere: 1 })], rows: [row] }), merging)).toEqual([row]);
  });

  it('stops at a conflict that nobody has seen, and where rows came that nobody spoke of', () => {
    const conflict = divergence({ tables: [table('orders', { changedBoth: 1 })] });

    expect(() => judgePatch(conflict, merging)).toThrow(/changed on both sides/);
    expect(() => judgePatch(conflict, { ...merging, divergence: 'refuse' })).toThrow(/nobody said what becomes of them/);
    expect(judgePatch(conflict, { ...merging, divergence: 'discard' })).toEqual([]);
  });

  it('copies the files that came while the plan was read, and stops at what nobody has seen', () => {
    const found = filesOf([['a'], ['b']]);
    const ours = { ...merging, from: 'spare' };

    expect(judgeFiles(found, ours)).toEqual(['a', 'b']);
    expect(judgeFiles(found, { ...ours, divergence: 'discard' })).toEqual([]);
    expect(() => judgeFiles(found, { ...ours, divergence: 'refuse' })).toThrow(/2 files came to the bucket of spare/);
    expect(() => judgeFiles(filesOf([['a']], [['a', 7]]), ours)).toThrow(/same name on both sides: a/);
    expect(judgeFiles({ ...found, more: true }, { ...ours, overridden: ['uploads'] })).toEqual([]);
    expect(() => judgeFiles({ ...found, more: true }, ours)).toThrow(expect.objectContaining({ name: 'PlanStale' }));
  });

  it('has brought a file when it stands there as large as it was', () => {
    expect(judgeBrought(filesOf([['a']], [['a']]), 'main', ['a'])).toContain('1 file more');
    expect(() => judgeBrought(filesOf([['a'], ['b']], [['a', 7]]), 'main', ['a', 'b'])).toThrow(/has not, or not whole: a and b/);
  });

  it('is proven by another comparison', () => {
    expect(judgeMerged(divergence(), 'nobody', 3)).toContain('3 rows brought');
    expect(() => judgeMerged(divergence({ tables: [table('orders', { onlyThere: 1 })] }), 'nobody', 3)).toThrow(
      expect.objectContaining({ name: 'VerifyFailed' }),
    );
  });
});

describe('the side that is to serve again', () => {
  const shadow = { name: 'api.orders.test.', api: true, health: healthOf('main'), page: null };

  it('serves when it answers as itself', () => {
    expect(judgeTarget('main', [shadow])).toContain('answers through its own doors');
  });

  it.each([
    ['nobody', { ...shadow, health: null }],
    ['an error', { ...shadow, health: healthOf('main', { status: 503 }) }],
    ['the other side', { ...shadow, health: healthOf('spare') }],
    ['no page', { ...shadow, page: { status: 404, html: false, trouble: null } }],
  ])('is asked again while %s answers', (_who, one) => {
    expect(() => judgeTarget('main', [one])).toThrow(expect.objectContaining({ name: 'NotYet' }));
  });
});
