// The other half of the rounds, for the other worker: `npm run soak -- restore`.
import { describe } from '@jest/globals';
import { describeRounds, HALF } from './restore-rounds.ts';

describe('a run that is killed and continued', () => {
  describeRounds(HALF + 1, 2 * HALF);
});
