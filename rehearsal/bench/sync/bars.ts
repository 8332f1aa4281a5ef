// A copy's bars of docs/benchmarks.md, and what was measured held against each.
import { atMost, ratio, seconds, spread, told, type Row } from '../bars.ts';
import { spreadOf } from '../spread.ts';
import type { Compared, Growth, OursRun, SeedsRun } from './measure.ts';
import type { Ours } from './ours.ts';

const MOST_COPY_RATIO = 0.5;
const MOST_WHOLE_RATIO = 1;
const MEGABYTE = 1024 ** 2;

const megabytes = (bytes: number): string => `${Math.round(bytes / MEGABYTE)} MB`;
const milliseconds = (value: number): string => `${Math.round(value)} ms`;
const count = (value: number): string => String(value);

export function copyRows({ bytes, seeds, ours, alone }: Compared): Row[] {
  const each = (read: (run: OursRun) => number, say: (value: number) => string): string => spread(ours.map(read), say);
  const built = spread(
    alone.map(({ times }) => times.built),
    seconds,
  );
  const size = megabytes(bytes);
  return [
    ...ratioRows(seeds, ours, alone),
    ...seedRows(seeds, size),
    told(`ours, ${size}: the copy alone`, `${built}, of it ${shares(alone)}`),
    told(
      `ours, ${size}: whole`,
      `${each(({ times }) => times.renamed, seconds)}, of it ${shares(ours)}, proof ${each(({ times }) => times.proven - times.built, seconds)}`,
    ),
    told(
      'ours: peak RSS',
      `${each(({ peakBytes }) => peakBytes, megabytes)}, after laying ${each((run) => run.laidBytes, megabytes)}`,
    ),
    told('ours: a reader’s failed probes', readerOf(ours)),
    told(
      'ours: undo',
      each(({ undoMilliseconds }) => undoMilliseconds, milliseconds),
    ),
  ];
}

/** Each run's own two: what slowed one down at that time slowed the other. */
function ratioRows(seeds: readonly SeedsRun[], ours: readonly OursRun[], alone: readonly Ours[]): Row[] {
  if (seeds.length === 0)
    return [told('copy over the seed’s way', 'no ratio: no pg_dump and pg_restore of the servers’ major here')];
  const row = (what: string, most: number, took: readonly number[]): Row => {
    const values = took.map((own, place) => own / (seeds[place]?.wholeSeconds ?? Number.NaN));
    const { median, least, most: worst } = spreadOf(values);
    const others = values.length === 1 ? '' : ` (${ratio(least)} to ${ratio(worst)})`;
    return atMost(what, { value: median, most }, ratio, others);
  };
  return [
    row(
      'the copy alone over the seed’s whole time',
      MOST_COPY_RATIO,
      alone.map(({ times }) => times.built),
    ),
    row(
      'with proof, files and swap over the seed’s whole time',
      MOST_WHOLE_RATIO,
      ours.map(({ times }) => times.renamed),
    ),
  ];
}

function seedRows(seeds: readonly SeedsRun[], size: string): Row[] {
  if (seeds.length === 0) return [];
  const each = (read: (run: SeedsRun) => number): string => spread(seeds.map(read), seconds);
  const acts = `dump ${each((run) => run.dumpSeconds)}, upload ${each((run) => run.uploadSeconds)}, restore ${each((run) => run.restoreSeconds)}`;
  return [
    told(`the seed’s, ${size}: whole`, `${each((run) => run.wholeSeconds)}, of it ${acts}`),
    told('the seed’s: a reader’s failed probes', readerOf(seeds)),
  ];
}

function shares(ours: readonly Ours[]): string {
  const each = (read: (run: Ours) => number): string => seconds(spreadOf(ours.map(read)).median);
  return [
    `start ${each(({ times }) => times.held)}`,
    `lay ${each(({ times }) => times.laid - times.held)}`,
    `pour ${each(({ times }) => times.poured - times.laid)}`,
    `build ${each(({ times }) => times.built - times.poured)}`,
  ].join(', ');
}

function readerOf(runs: readonly { readonly probes: OursRun['probes'] }[]): string {
  const each = (read: (probes: OursRun['probes']) => number, say: (value: number) => string): string =>
    spread(
      runs.map(({ probes }) => read(probes)),
      say,
    );
  const failed = each(({ failed: value }) => value, count);
  const asked = each((probes) => probes.asked, count);
  const short = each((probes) => probes.short, count);
  return `${failed} of ${asked}, and ${short} with rows missing; longest without an answer ${each((probes) => probes.longestMilliseconds, milliseconds)}`;
}

export const growthRows = (found: readonly Growth[]): Row[] =>
  found.map(({ bytes, times, peakBytes }) =>
    told(
      `growth, ${megabytes(bytes)}: with files, for 100 MB`,
      `${seconds((times.built / bytes) * 100 * MEGABYTE)} (pour and build ${seconds(((times.built - times.laid) / bytes) * 100 * MEGABYTE)}), peak RSS ${megabytes(peakBytes)}`,
    ),
  );
