// Every situation of sync: a copy by day and by night, and whatever is in its way; somebody reads the standby all the while.
import { describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { EVERYTHING_THROTTLED } from './landed.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const SITUATIONS = listSituations().filter((name) => name.startsWith('sync/') && loadSituation(name).estate === undefined);
/** Every commit pays for the main one; `npm run soak` throttles them all. */
const THROTTLED = process.env['CHANGEOVER_SOAK'] === undefined ? ['sync/nightly'] : SITUATIONS;

const small = useSmallCloud();

describe('a situation', () => {
  it.each([
    ...SITUATIONS.map((name) => ({ name, how: '' })),
    ...THROTTLED.map((name) => ({ name, how: ' with every service throttled' })),
  ])(
    '$name$how goes as it says',
    async ({ name, how }) => {
      const { outcome, red } = await small().live(name, {}, how === '' ? [] : EVERYTHING_THROTTLED);

      expect(red).toEqual([]);
      expect(outcome.status).toBe(loadSituation(name).expect.status);
    },
    PATIENCE,
  );
});
