// The rounds that a test file lives through; each leaves a line for the table that `npm run soak` prints.
import { appendFileSync } from 'node:fs';
import type { RoundLine } from '../../rehearsal/soak/table.ts';
import { liveKilled, type Lived } from './killed-restores.ts';
import { drawRound, type Round } from './killed-rounds.ts';
import type { SmallCloud } from './small-cloud.ts';

export const isSoak = process.env['CHANGEOVER_SOAK'] !== undefined;
/** Half of the two hundred: two files, for two workers. */
export const HALF = 100;

export const roundsFrom = (first: number, last: number): Round[] =>
  Array.from({ length: last - first + 1 }, (_, index) => drawRound(first + index));

/** What it found that must never be. */
export async function findingsOf(small: SmallCloud, round: Round): Promise<readonly string[]> {
  const lived = await liveKilled(small, round);
  tell(lived);
  return lived.findings;
}

function tell({ round, killed, first, next, onOld, findings }: Lived): void {
  const file = process.env['CHANGEOVER_SOAK_LINES'];
  if (file === undefined) return;
  const { seed, kind, kill } = round;
  const continued = `${round.next.when}${round.next.resume ? ', resumed' : ''}`;
  const ended = [first, next].map(({ status, error, cause }) => ({ status, error: error ?? null, cause: cause ?? null }));
  const line: RoundLine = { seed, kind, kill, killed, ended, continued, onOld, findings };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}
