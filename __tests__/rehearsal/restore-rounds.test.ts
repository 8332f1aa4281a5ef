// Runs of restore and rewind, each killed somewhere and continued by a new one: no data set is ever without a copy, and people are on
// exactly one of old and new. `npm run soak -- restore` lives through two hundred, every commit through one of each kind.
import { describe } from '@jest/globals';
import { KINDS } from './killed-rounds.ts';
import { describeRounds, HALF, isSoak } from './restore-rounds.ts';

describe('a run that is killed and continued', () => {
  describeRounds(1, isSoak ? HALF : KINDS.length);
});
