// Every situation of rollback: a failover first, both sides written to, then the way back or the reason why not.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { startSmallCloud, type SmallCloud } from './small-cloud.ts';

const SITUATIONS = listSituations().filter((name) => name.startsWith('rollback/'));
const PATIENCE = 240_000;

let small: SmallCloud;
beforeAll(async () => {
  small = await startSmallCloud();
}, PATIENCE);
afterAll(() => small.stop());

describe('a situation', () => {
  it.each(SITUATIONS)(
    '%s goes as it says',
    async (name) => {
      const { outcome, told, red } = await small.live(name);

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
