// A step that is killed after its write and before its return, at every write from Act on: it runs again, finds its own work, and the
// end is the same. Hundreds of whole runs: `npm run soak`.
import { describe, expect, it } from '@jest/globals';
import { loadSituation } from '../../rehearsal/run/situation.ts';
import { actingSituations, killEverywhere } from './landed.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const MOST_KILLS = 80;

const small = useSmallCloud();

describe.each(['failover', 'rollback'].flatMap(actingSituations))('%s', (name) => {
  it(
    'ends the same wherever a step is killed, and each effect has landed exactly once',
    async () => {
      const { clean, tasks, kills, different } = await killEverywhere(small(), name);

      expect(clean.red).toEqual([]);
      expect(different).toEqual([]);
      // Every task from Act on was killed somewhere.
      expect([...new Set(kills.map(({ state }) => state))].sort()).toEqual([...tasks].sort());
      const { status, world } = loadSituation(name).expect;
      expect(clean.effects.lease).toMatchObject(world?.lease ?? { holder: null });
      expect([...new Set(clean.effects.approvals)]).toEqual(['approve']);
      // Once there, and once back where the run was undone.
      expect(clean.effects.changesOfRecords).toBeLessThanOrEqual(status === 'SUCCEEDED' ? 1 : 2);
    },
    PATIENCE * MOST_KILLS,
  );
});
