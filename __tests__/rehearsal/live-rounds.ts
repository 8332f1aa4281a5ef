// The rounds of one test file, as tests; each leaves a line for the table that `npm run soak` prints.
import { appendFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { RoundLine } from '../../rehearsal/soak/table.ts';
import { liveKilled, type Lived } from './killed-restores.ts';
import { drawRound } from './killed-rounds.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

export const isSoak = process.env['CHANGEOVER_SOAK'] !== undefined;
/** Half of the two hundred: two files, for two workers. */
export const HALF = 100;

export function describeRounds(first: number, last: number): void {
  const small = useSmallCloud();
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  it.each(seeds.map((seed) => ({ ...drawRound(seed), seed })))(
    'round $seed: $kind, killed in $kill.state ($kill.how), leaves one database, with everything that was promised kept',
    async (round) => {
      const lived = await liveKilled(small(), round);

      tell(lived);
      expect(lived.findings).toEqual([]);
    },
    PATIENCE,
  );
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
