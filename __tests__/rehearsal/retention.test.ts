// Every situation of retention: what expires goes, the last of everything stays, and a person is asked before an instance is gone.
import { describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { EVERYTHING_THROTTLED } from './landed.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const SITUATIONS = listSituations().filter((name) => name.startsWith('retention/'));

/** What is refused at once is over before enough of its calls are throttled. Every commit pays for the main one; `npm run soak` for all. */
const GREEN = SITUATIONS.filter((name) => loadSituation(name).expect.status === 'SUCCEEDED');
const THROTTLED = process.env['CHANGEOVER_SOAK'] === undefined ? ['retention/monthly'] : GREEN;

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
