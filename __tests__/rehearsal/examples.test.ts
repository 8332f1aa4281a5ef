// The estates under examples/, each with its own package: every situation that names one goes as it says.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { startSmallCloud, type SmallCloud } from './small-cloud.ts';

const OWN = listSituations().filter((name) => loadSituation(name).estate !== undefined);
/** A package of an estate that was never packaged takes half a minute. */
const PATIENCE = 240_000;

let small: SmallCloud;
beforeAll(async () => {
  small = await startSmallCloud();
}, PATIENCE);
afterAll(() => small.stop());

describe('a situation of an estate of its own', () => {
  it.each(OWN)(
    '%s goes as it says',
    async (name) => {
      const { outcome, red } = await small.live(name);

      expect(red).toEqual([]);
      expect(outcome.status).toBe(loadSituation(name).expect.status);
    },
    PATIENCE,
  );
});
