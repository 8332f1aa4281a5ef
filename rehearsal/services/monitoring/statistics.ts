// One number out of the measurements of a period.
import { type Measurement, placeOf, type Series } from './metrics.ts';

const PLAIN = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;
type Plain = (typeof PLAIN)[number];

export const isPlainStatistic = (stat: string): stat is Plain => PLAIN.includes(stat as Plain);

/** `p99`, `p99.9`: undefined when it is no percentile. */
export function percentileOf(stat: string): number | undefined {
  const found = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(stat)?.[1];
  return found === undefined ? undefined : Number(found);
}

export const isStatistic = (stat: string): boolean => isPlainStatistic(stat) || percentileOf(stat) !== undefined;

/** Measurements of `from` up to, and not at, `to`; of one unit when one is named. */
export function within(series: Series | undefined, from: number, to: number, unit?: string): Measurement[] {
  const measurements = series?.measurements ?? [];
  const inside = measurements.slice(placeOf(measurements, from), placeOf(measurements, to));
  return unit === undefined ? inside : inside.filter((m) => m.unit === unit);
}

/** Undefined when nothing was measured, or a percentile is wanted of summaries. */
export function statisticOf(stat: string, measurements: readonly Measurement[]): number | undefined {
  if (measurements.length === 0) return undefined;
  return isPlainStatistic(stat) ? plainOf(stat, measurements) : rankOf(percentileOf(stat) ?? 50, measurements);
}

function plainOf(stat: Plain, measurements: readonly Measurement[]): number {
  const total = (pick: (m: Measurement) => number): number => measurements.reduce((sum, m) => sum + pick(m), 0);
  if (stat === 'SampleCount') return total((m) => m.count);
  if (stat === 'Sum') return total((m) => m.sum);
  if (stat === 'Average') return total((m) => m.sum) / total((m) => m.count);
  const every = measurements.map((m) => (stat === 'Minimum' ? m.minimum : m.maximum));
  return stat === 'Minimum' ? Math.min(...every) : Math.max(...every);
}

function rankOf(percentile: number, measurements: readonly Measurement[]): number | undefined {
  if (measurements.some((m) => m.samples === undefined)) return undefined;
  const known = measurements.flatMap((m) => [...(m.samples ?? [])]).sort((a, b) => a.value - b.value);
  const total = known.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { value, count } of known) {
    seen += count;
    if (seen >= (percentile / 100) * total) return value;
  }
  return known.at(-1)?.value;
}
