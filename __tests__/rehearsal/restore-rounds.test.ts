// Runs of restore and rewind, each killed somewhere and continued by a new one: no data set is ever without a copy, and people are on
// exactly one of old and new. `npm run soak -- restore` lives through two hundred, every commit through one of each kind.
import { expect, it } from '@jest/globals';
import { KINDS } from './killed-rounds.ts';
import { findingsOf, HALF, isSoak, roundsFrom } from './live-rounds.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const small = useSmallCloud();

it.each(roundsFrom(1, isSoak ? HALF : KINDS.length))(
  'round $seed: $kind, killed in $kill.state ($kill.how), leaves one database, with everything that was promised',
  async (round) => {
    expect(await findingsOf(small(), round)).toEqual([]);
  },
  PATIENCE,
);
