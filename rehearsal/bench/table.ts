// What was measured, as text in columns.
import type { Row } from './bars.ts';
import type { Failover } from './failover.ts';

export function tableOf(rows: readonly Row[]): string {
  const verdict = ({ met }: Row): string => (met === undefined ? '' : met ? 'met' : 'MISSED');
  return columns([['what', 'measured', 'bar', ''], ...rows.map((row) => [row.what, row.measured, row.bar, verdict(row)])]);
}

/** Shorter than this nobody would look at it. */
const WORTH_TELLING_SECONDS = 0.02;

/** Where the seconds went that nothing unavoidable fills. */
export function sharesTable({ shares, overheadSeconds, coldSeconds }: Failover): string {
  const told = shares.filter((share) => share.overheadSeconds >= WORTH_TELLING_SECONDS);
  const sum = (read: (share: Failover['shares'][number]) => number): string =>
    shares.reduce((total, share) => total + read(share), 0).toFixed(2);
  return columns([
    ['state', 'overhead', 'cold start', 'work', 'waiting'],
    ...told.map((share) => [
      share.state,
      ...[share.overheadSeconds, share.coldSeconds, share.workSeconds, share.idleSeconds].map((value) => value.toFixed(2)),
    ]),
    [
      'all',
      overheadSeconds.toFixed(2),
      coldSeconds.toFixed(2),
      sum(({ workSeconds }) => workSeconds),
      sum(({ idleSeconds }) => idleSeconds),
    ],
  ]);
}

function columns(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_cell, place) => Math.max(...lines.map((line) => line[place]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `  ${line
          .map((cell, place) => cell.padEnd(widths[place] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
