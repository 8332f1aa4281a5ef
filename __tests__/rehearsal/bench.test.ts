import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { costRows, failoverRows, sizeRows, startRow, testsRow } from '../../rehearsal/bench/bars.ts';
import { copyRows, growthRows } from '../../rehearsal/bench/sync/bars.ts';
import type { OursRun, SeedsRun } from '../../rehearsal/bench/sync/measure.ts';
import { callsIn } from '../../rehearsal/bench/calls.ts';
import { measure, type Call, type Lived } from '../../rehearsal/bench/critical-path.ts';
import type { Failover } from '../../rehearsal/bench/failover.ts';
import { secondsIn, within, without } from '../../rehearsal/bench/intervals.ts';
import { dollarsOf } from '../../rehearsal/bench/price.ts';
import { codeBytes, readSizes } from '../../rehearsal/bench/sizes.ts';
import { middleOf, spreadOf } from '../../rehearsal/bench/spread.ts';
import { sharesTable, tableOf } from '../../rehearsal/bench/table.ts';
import { packageService } from '../../rehearsal/run/package.ts';

const BEGAN = Date.UTC(2026, 0, 15, 3, 12, 0);
const at = (seconds: number): number => BEGAN + seconds * 1000;

const call = (from: number, readyAt: number, to: number): Call => ({
  functionName: 'changeover-dev-step',
  from: at(from),
  readyAt: at(readyAt),
  to: at(to),
  billedMilliseconds: (to - from) * 1000,
  memoryMegabytes: 256,
});

/** Four seconds to the change, ten until it lands, twenty until resolvers forget, and three until somebody sees it. */
const small: Lived = {
  startedAt: at(0),
  verifiedAt: at(37),
  states: [
    { name: 'Plan', exitedAt: at(2) },
    { name: 'SwapNames', exitedAt: at(5) },
    { name: 'AwaitSync', exitedAt: at(16) },
    { name: 'Verify', exitedAt: at(37) },
    { name: 'Report', exitedAt: at(40) },
  ],
  calls: [call(0, 0.5, 1.5), call(2, 3, 5), call(16, 16, 17), call(35, 35, 37), call(37, 38, 40)],
  changes: [{ submittedAt: at(4), landedAt: at(14), forgottenAt: at(34) }],
};

describe('the critical path of a failover', () => {
  it('is what its change and the resolvers took, and no work', () => {
    const { wallSeconds, insyncSeconds, resolverSeconds, criticalSeconds, overheadSeconds, ratio } = measure(small);

    expect({ wallSeconds, insyncSeconds, resolverSeconds, criticalSeconds, overheadSeconds }).toEqual({
      wallSeconds: 37,
      insyncSeconds: 10,
      resolverSeconds: 20,
      criticalSeconds: 30,
      overheadSeconds: 7,
    });
    expect(ratio).toBeCloseTo(37 / 30);
  });

  it('counts two changes that are on their way at once only once', () => {
    const second = { submittedAt: at(5), landedAt: at(12), forgottenAt: at(35) };

    const { criticalSeconds } = measure({ ...small, changes: [...small.changes, second] });

    expect(criticalSeconds).toBe(31);
  });

  it('ends where the run is verified, though a resolver remembers longer', () => {
    const changes = [{ submittedAt: at(4), landedAt: at(14), forgottenAt: at(70) }];

    const { criticalSeconds, overheadSeconds } = measure({ ...small, changes });

    expect(criticalSeconds).toBe(33);
    expect(overheadSeconds).toBe(4);
  });

  it('is refused for a run in which no name was moved', () => {
    const still = { ...small, changes: [] };

    const measured = (): unknown => measure(still);

    expect(measured).toThrow('no change of a name landed in this run');
  });
});

describe('the seconds beside the critical path', () => {
  it('are told by state, as processes that start, as work, and as waiting', () => {
    const { shares } = measure(small);

    expect(shares).toEqual([
      { state: 'Plan', overheadSeconds: 2, coldSeconds: 0.5, workSeconds: 1, idleSeconds: 0.5 },
      { state: 'SwapNames', overheadSeconds: 2, coldSeconds: 1, workSeconds: 1, idleSeconds: 0 },
      { state: 'AwaitSync', overheadSeconds: 0, coldSeconds: 0, workSeconds: 0, idleSeconds: 0 },
      { state: 'Verify', overheadSeconds: 3, coldSeconds: 0, workSeconds: 2, idleSeconds: 1 },
    ]);
  });

  it('add up to all of the overhead, also where two calls overlap', () => {
    const overlapping = { ...small, calls: [...small.calls, call(1, 1.25, 2), call(35.5, 35.5, 36.5)] };

    const { shares, overheadSeconds, coldSeconds } = measure(overlapping);

    const sum = shares.reduce((all, share) => all + share.coldSeconds + share.workSeconds + share.idleSeconds, 0);
    expect(sum).toBeCloseTo(overheadSeconds);
    expect(coldSeconds).toBeCloseTo(1.75);
  });
});

describe('stretches of time', () => {
  it('are cut, framed and added up without counting an instant twice', () => {
    const busy = [
      { from: 0, to: 4000 },
      { from: 3000, to: 6000 },
      { from: 8000, to: 8000 },
    ];

    const left = without([{ from: 1000, to: 2000 }], busy);

    expect(secondsIn(busy)).toBe(6);
    expect(left).toEqual([
      { from: 0, to: 1000 },
      { from: 2000, to: 6000 },
    ]);
    expect(within({ from: 500, to: 2500 }, left)).toEqual([
      { from: 500, to: 1000 },
      { from: 2000, to: 2500 },
    ]);
  });
});

describe('a line of a function’s log', () => {
  it('that reports a cold call tells when its process began, was up and ended', () => {
    const line =
      'REPORT RequestId: r-1\tDuration: 120.50 ms\tBilled Duration: 371 ms\tMemory Size: 256 MB\tMax Memory Used: 80 MB\tInit Duration: 250.25 ms\t';

    const [found] = callsIn('changeover-dev-openRun', at(10), line);

    expect(found).toEqual({
      functionName: 'changeover-dev-openRun',
      from: at(10) - 370.75,
      readyAt: at(10) - 120.5,
      to: at(10),
      billedMilliseconds: 371,
      memoryMegabytes: 256,
    });
  });

  it.each([
    ['the function wrote itself is no call', 'INFO the plan REPORT', 0],
    [
      'reports a warm call has no start of a process',
      'REPORT RequestId: r-2\tDuration: 12.00 ms\tBilled Duration: 12 ms\tMemory Size: 256 MB\t',
      1,
    ],
  ])('that %s', (_says, line, calls) => {
    const found = callsIn('changeover-dev-openRun', at(10), line);

    expect(found).toHaveLength(calls);
    expect(found.filter(({ from, readyAt }) => from !== readyAt)).toEqual([]);
  });

  it('that reports in another form is refused rather than left out of the sum', () => {
    const read = (): unknown => callsIn('changeover-dev-openRun', at(10), 'REPORT RequestId: r-3');

    expect(read).toThrow('reported in a way nobody can read');
  });
});

describe('several runs of one thing', () => {
  it.each([
    [[3], { median: 3, least: 3, most: 3 }],
    [[5, 1, 3], { median: 3, least: 1, most: 5 }],
    [[4, 1, 2, 9], { median: 3, least: 1, most: 9 }],
  ])('%j are told by their middle and their ends', (values, spread) => {
    const found = spreadOf(values);

    expect(found).toEqual(spread);
  });

  it('have the one nearest the middle as their example', () => {
    const found = middleOf([{ ratio: 1.4 }, { ratio: 1.1 }, { ratio: 1.2 }], ({ ratio }) => ratio);

    expect(found).toEqual({ ratio: 1.2 });
  });
});

describe('the price of a run’s functions', () => {
  it('is their memory for the time they were billed, and their requests', () => {
    const gigabyteSecond = { billedMilliseconds: 1000, memoryMegabytes: 1024 };

    const dollars = dollarsOf([gigabyteSecond, { billedMilliseconds: 2000, memoryMegabytes: 512 }]);

    expect(dollars).toBeCloseTo(2 * (0.0000133334 + 0.0000002), 12);
  });
});

describe('the table', () => {
  const run = (changes: Partial<Failover>): Failover => ({
    ...measure(small),
    seed: 1,
    transitions: 40,
    calls: 30,
    costUsd: 0.001,
    ...changes,
  });

  it('holds the ratio in the middle against its bar', () => {
    const [met] = failoverRows(35, [run({ ratio: 1.04 }), run({ ratio: 1.1 }), run({ ratio: 1.3 })]);
    const [missed] = failoverRows(5, [run({ ratio: 1.11 })]);

    expect(met).toMatchObject({ measured: '1.10 (1.04 to 1.30)', bar: '≤ 1.10', met: true });
    expect(missed).toMatchObject({ measured: '1.11', bar: '≤ 1.10', met: false });
  });

  it('holds the dearest run against the bars of transitions and price', () => {
    const rows = costRows([run({}), run({ transitions: 61, costUsd: 0.0101 })]);

    expect(rows.map(({ met }) => met)).toEqual([false, false]);
  });

  it('names every function that is too large, each by the bar of its kind', () => {
    const rows = sizeRows([
      { functionName: 'small', bytes: 200 * 1024, inNetwork: false },
      { functionName: 'large', bytes: 200 * 1024 + 1, inNetwork: false },
      { functionName: 'database', bytes: 300 * 1024, inNetwork: true },
    ]);

    expect(rows.map(({ met }) => met)).toEqual([false, true]);
    expect(rows[0]?.measured).toContain('large');
    expect(rows[0]?.measured).not.toContain('small');
  });

  it('says MISSED where a bar is missed, and nothing of what has none', () => {
    const text = tableOf([startRow(61), startRow(59), testsRow(undefined)]);

    const [, missed, met, none] = text.split('\n');
    expect(missed).toMatch(/61\.0 s +≤ 60\.0 s +MISSED$/);
    expect(met).toMatch(/59\.0 s +≤ 60\.0 s +met$/);
    expect(none).toMatch(/not measured: --tests$/);
  });

  it('of where the seconds went leaves out states that took none, and sums up all', () => {
    const text = sharesTable(run({}));

    expect(text).not.toContain('AwaitSync');
    expect(text).toMatch(/Verify +3\.00 +0\.00 +2\.00 +1\.00/);
    expect(text).toMatch(/all +7\.00 +1\.50 +4\.00 +1\.50/);
  });
});

describe('the bars of a copy', () => {
  const probes = { asked: 100, failed: 2, short: 0, longestMilliseconds: 300 };
  const seed = (wholeSeconds: number): SeedsRun => ({
    ...{ dumpSeconds: 8, uploadSeconds: 1, restoreSeconds: 11, fileBytes: 1, ignored: 0, probes },
    wholeSeconds,
  });
  const own = (built: number, renamed: number): OursRun => ({
    times: { loaded: 0.1, held: 0.5, laid: 1.5, poured: 5, built, proven: built + 2, filed: built + 3, renamed },
    ...{ laidBytes: 100 * 1024 ** 2, peakBytes: 150 * 1024 ** 2, fileBytes: 1, wrong: [], undoMilliseconds: 50, probes },
  });
  const bytes = 300 * 1024 ** 2;

  it('hold each run against the seed’s of the same run, the copy alone by the runs that keep no files', () => {
    const seeds = [seed(20), seed(10)];
    const [copy, whole] = copyRows({ bytes, seeds, ours: [own(15, 20), own(8, 9)], alone: [own(8, 11), own(6, 8)] });

    expect(copy).toMatchObject({ measured: '0.50 (0.40 to 0.60)', bar: '≤ 0.50', met: true });
    expect(whole).toMatchObject({ measured: '0.95 (0.90 to 1.00)', bar: '≤ 1.00', met: true });
  });

  it('are missed by a hair’s breadth as well', () => {
    const rows = copyRows({ bytes, seeds: [seed(10)], ours: [own(8, 10.1)], alone: [own(5.1, 8)] });

    expect(rows.slice(0, 2).map(({ met }) => met)).toEqual([false, false]);
  });

  it('are none where the machine has no client to hold ours against', () => {
    const rows = copyRows({ bytes, seeds: [], ours: [own(8, 11)], alone: [own(6, 8)] });

    expect(rows.map(({ met }) => met).filter((met) => met !== undefined)).toEqual([]);
    expect(rows[0]?.measured).toContain('no pg_dump');
  });

  it('tell of its growth what a hundred megabytes take', () => {
    const [row] = growthRows([{ ...own(7.5, 12), bytes }]);

    expect(row?.measured).toBe('2.5 s (pour and build 2.0 s), peak RSS 150 MB');
  });
});

describe('the size of a function', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await packageService();
  }, 120_000);

  it('is told for every function of the package, by whether it stands in the network', async () => {
    const { Resources } = JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8')) as {
      Resources: Record<string, { Type: string; Properties?: { FunctionName?: string; VpcConfig?: object } }>;
    };
    const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');

    const sizes = await readSizes(folder);

    const inNetwork = sizes.filter((size) => size.inNetwork).map(({ functionName }) => functionName);
    expect(sizes).toHaveLength(functions.length);
    expect(inNetwork.sort()).toEqual(
      functions.flatMap(({ Properties }) => (Properties?.VpcConfig ? (Properties.FunctionName ?? []) : [])).sort(),
    );
    expect(inNetwork).toContain('changeover-dev-readData');
  });

  it('is its code without the map beside it', async () => {
    const zip = readFileSync(join(folder, 'openRun.zip'));

    const bytes = await codeBytes(zip);

    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(zip.length / 2);
  });
});
