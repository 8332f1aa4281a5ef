// The estates under examples/, each with its own package: every situation that names one goes as it says.
import { describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

/** Half a minute of packaging each: every commit pays for the one that goes there and back and for the one in which two must agree, `npm run soak` for all of them. */
const PAID =
  process.env['CHANGEOVER_SOAK'] === undefined ? ['examples/khorium.yml', 'rehearsal/estates/two-agree.yml'] : undefined;
const OWN = listSituations().filter((name) => {
  const { estate } = loadSituation(name);
  return estate !== undefined && (PAID?.includes(estate) ?? true);
});

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
