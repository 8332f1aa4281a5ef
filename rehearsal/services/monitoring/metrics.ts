// The metrics of one Region: what was measured, when, under which name.
import type { Dimension } from '@aws-sdk/client-cloudwatch';

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly { readonly name: string; readonly value: string }[];
}

/** What was put for one instant: every value with how often it was seen, or only a summary. */
export interface Measurement {
  /** Floored to the minute, or to the second for a high-resolution metric. */
  readonly at: number;
  readonly unit: string;
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Missing when only a summary was put: percentiles cannot be told from one. */
  readonly samples: readonly { readonly value: number; readonly count: number }[] | undefined;
}

export interface Series {
  readonly metric: MetricName;
  /** In the order of their instants. */
  readonly measurements: Measurement[];
  /** When something was last put, whatever instant it was put for. */
  lastPutAt: number;
}

export interface Metrics {
  put(metric: MetricName, measurement: Measurement, at: number): void;
  series(metric: MetricName): Series | undefined;
  all(): Series[];
  /** Told after a measurement was put. */
  onPut(listener: (metric: MetricName) => void): void;
}

export function createMetrics(): Metrics {
  const known = new Map<string, Series>();
  const listeners: ((metric: MetricName) => void)[] = [];
  return {
    put(metric, measurement, at) {
      const key = keyOf(metric);
      const series = known.get(key) ?? { metric, measurements: [], lastPutAt: at };
      known.set(key, series);
      series.lastPutAt = at;
      series.measurements.splice(placeOf(series.measurements, measurement.at + 1), 0, measurement);
      for (const listener of listeners) listener(metric);
    },
    series: (metric) => known.get(keyOf(metric)),
    all: () => [...known.values()],
    onPut: (listener) => void listeners.push(listener),
  };
}

/** The index of the first measurement at that instant or after it. */
export function placeOf(measurements: readonly Measurement[], at: number): number {
  let [low, high] = [0, measurements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((measurements[middle]?.at ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A metric is its namespace, its name and all its dimensions, in any order. */
export const keyOf = ({ namespace, name, dimensions }: MetricName): string =>
  JSON.stringify([namespace, name, dimensions.map((d) => [d.name, d.value]).sort()]);

export function metricNameOf(namespace = '', name = '', dimensions: readonly Dimension[] = []): MetricName {
  return { namespace, name, dimensions: dimensions.map(({ Name = '', Value = '' }) => ({ name: Name, value: Value })) };
}
