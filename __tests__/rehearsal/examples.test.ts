// The estates under examples/, each with its own package: every situation that names one goes as it says.
import { describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const OWN = listSituations().filter((name) => loadSituation(name).estate !== undefined);

const small = useSmallCloud();

describe('a situation of an estate of its own', () => {
  it.each(OWN)(
    '%s goes as it says',
    async (name) => {
      const { outcome, red } = await small().live(name);

      expect(red).toEqual([]);
      expect(outcome.status).toBe(loadSituation(name).expect.status);
    },
    PATIENCE,
  );
});
