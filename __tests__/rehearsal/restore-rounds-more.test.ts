// The other half of the rounds, for the other worker: `npm run soak -- restore`.
import { expect, it } from '@jest/globals';
import { findingsOf, HALF, roundsFrom, TITLE } from './live-rounds.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const small = useSmallCloud();

it.each(roundsFrom(HALF + 1, 2 * HALF))(
  `${TITLE}`,
  async (round) => {
    expect(await findingsOf(small(), round)).toEqual([]);
  },
  PATIENCE,
);
