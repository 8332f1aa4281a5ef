// The other half of the rounds, for the other worker: `npm run soak -- restore`.
import { expect, it } from '@jest/globals';
import { findingsOf, HALF, roundsFrom } from './live-rounds.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const small = useSmallCloud();

it.each(roundsFrom(HALF + 1, 2 * HALF))(
  'round $seed: $kind, killed in $kill.state ($kill.how), leaves one database, with everything that was promised',
  async (round) => {
    expect(await findingsOf(small(), round)).toEqual([]);
  },
  PATIENCE,
);
