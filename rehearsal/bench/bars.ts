// The bars of docs/benchmarks.md, and what was measured held against each.
import type { Failover } from './failover.ts';
import type { Size } from './sizes.ts';
import { spreadOf } from './spread.ts';

export interface Row {
  readonly what: string;
  readonly measured: string;
  /** Empty for what is only told. */
  readonly bar: string;
  readonly met: boolean | undefined;
}

const MOST_RATIO = 1.1;
const MOST_TRANSITIONS = 60;
const MOST_DOLLARS = 0.01;
const KILOBYTE = 1024;
const MOST_KILOBYTES = { plain: 200, lookingAround: 240, inNetwork: 300, dumping: 1536 } as const;
/** Those that touch RDS and must know all that leads there: five services' clients are in their bundles. */
const LOOKS_AROUND = /-(planRetention|stopShelves|retireInstance)$/;
/** The one that has pg_dump in its bundle. */
const DUMPS = /-layCopy$/;
const MOST_START_SECONDS = 60;
const MOST_TEST_SECONDS = 600;

export const told = (what: string, measured: string): Row => ({ what, measured, bar: '', met: undefined });
export const atMost = (
  what: string,
  { value, most }: { value: number; most: number },
  say: (value: number) => string,
  more = '',
): Row => ({
  what,
  measured: `${say(value)}${more}`,
  bar: `≤ ${say(most)}`,
  met: value <= most,
});

export const ratio = (value: number): string => value.toFixed(2);
export const seconds = (value: number): string => `${value.toFixed(1)} s`;
const dollars = (value: number): string => `$${value.toFixed(4)}`;
const kilobytes = (value: number): string => `${Math.round(value)} KB`;

export const spread = (values: readonly number[], say: (value: number) => string): string => {
  const { median, least, most } = spreadOf(values);
  return values.length === 1 ? say(median) : `${say(median)} (${say(least)} to ${say(most)})`;
};

/** The ratio has the bar; the seconds beside it are what no long wait can hide. */
export function failoverRows(insyncSeconds: number, runs: readonly Failover[]): Row[] {
  const at = `failover, INSYNC ${insyncSeconds} s`;
  const { median, least, most } = spreadOf(runs.map((run) => run.ratio));
  const others = runs.length === 1 ? '' : ` (${ratio(least)} to ${ratio(most)})`;
  const each = (read: (run: Failover) => number): string => spread(runs.map(read), seconds);
  return [
    atMost(`${at}: wall time over critical path`, { value: median, most: MOST_RATIO }, ratio, others),
    told(
      `${at}: wall time`,
      each(({ wallSeconds }) => wallSeconds),
    ),
    told(
      `${at}: critical path`,
      `${each(({ criticalSeconds }) => criticalSeconds)}, of it resolvers ${each(({ resolverSeconds }) => resolverSeconds)}`,
    ),
    told(
      `${at}: overhead`,
      each(({ overheadSeconds }) => overheadSeconds),
    ),
    told(
      `${at}: overhead, warm`,
      each(({ overheadSeconds, coldSeconds }) => overheadSeconds - coldSeconds),
    ),
  ];
}

/** Of every run the dearest counts. */
export function costRows(runs: readonly Failover[]): Row[] {
  const transitions = Math.max(...runs.map((run) => run.transitions));
  const costUsd = Math.max(...runs.map((run) => run.costUsd));
  const calls = Math.max(...runs.map((run) => run.calls));
  return [
    atMost('failover: state transitions, the most', { value: transitions, most: MOST_TRANSITIONS }, String),
    atMost('failover: transitions and Lambdas, the dearest', { value: costUsd, most: MOST_DOLLARS }, dollars, `, ${calls} calls`),
  ];
}

export function sizeRows(sizes: readonly Size[]): Row[] {
  const rowsOf = (what: string, is: (size: Size) => boolean, most: number): Row[] => {
    const ordered = sizes.filter(is).sort((a, b) => b.bytes - a.bytes);
    const [largest] = ordered;
    if (!largest) return [];
    const over = ordered.filter(({ bytes }) => bytes > most * KILOBYTE);
    const named = (over.length > 0 ? over : [largest]).map(({ functionName }) => functionName).join(', ');
    return [
      atMost(
        `code, ${what}, the largest of ${ordered.length}`,
        { value: largest.bytes / KILOBYTE, most },
        kilobytes,
        `, ${named}`,
      ),
    ];
  };
  return [
    ...rowsOf(
      'without PostgreSQL',
      ({ inNetwork, functionName }) => !inNetwork && !LOOKS_AROUND.test(functionName),
      MOST_KILOBYTES.plain,
    ),
    ...rowsOf(
      'with RDS and all that leads there',
      ({ functionName }) => LOOKS_AROUND.test(functionName),
      MOST_KILOBYTES.lookingAround,
    ),
    ...rowsOf(
      'with PostgreSQL',
      ({ inNetwork, functionName }) => inNetwork && !DUMPS.test(functionName),
      MOST_KILOBYTES.inNetwork,
    ),
    ...rowsOf('with pg_dump', ({ functionName }) => DUMPS.test(functionName), MOST_KILOBYTES.dumping),
  ];
}

export const startRow = (value: number): Row => atMost('npm start in a fresh copy', { value, most: MOST_START_SECONDS }, seconds);

export const testsRow = (value: number | undefined): Row =>
  value === undefined
    ? told('npm test', 'not measured: --tests')
    : atMost('npm test', { value, most: MOST_TEST_SECONDS }, seconds);
