// Every situation of rollback: another runbook's run first, both sides written to, then the way back or the reason why not.
import { describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { DYING, EVERYTHING_THROTTLED } from './landed.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

/** Those with an estate of their own are in examples.test.ts, the main one in deaths.test.ts. */
const SITUATIONS = listSituations().filter((name) => name.startsWith('rollback/') && loadSituation(name).estate === undefined);
const HERE = SITUATIONS.filter((name) => !DYING.includes(name));
/** `npm run soak` throttles them all. */
const THROTTLED = process.env['CHANGEOVER_SOAK'] === undefined ? [] : SITUATIONS;

const small = useSmallCloud();

describe('a situation', () => {
  it.each([
    ...HERE.map((name) => ({ name, how: '' })),
    ...THROTTLED.map((name) => ({ name, how: ' with every service throttled' })),
  ])(
    '$name$how goes as it says',
    async ({ name, how }) => {
      const { outcome, told, red } = await small().live(name, {}, how === '' ? [] : EVERYTHING_THROTTLED);

      const { expect: said, request } = loadSituation(name);
      expect(red).toEqual([]);
      expect(outcome.status).toBe(said.status);
      // With a merge nothing that anybody was promised is missing, on whichever side it was promised.
      const merged = said.status === 'SUCCEEDED' && request.includes('merge');
      expect(merged ? told?.account?.lost : []).toEqual([]);
      expect(told?.account?.doubled ?? []).toEqual([]);
    },
    PATIENCE,
  );
});
