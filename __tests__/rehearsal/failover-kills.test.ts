// A step that is killed after its write and before its return, at every write from Act on: it runs again, finds its own work, and the
// end is the same. Hundreds of whole failovers: `npm run soak`.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { killsOf, liveWith, tasksFromAct } from './landed.ts';
import { startSmallCloud, type SmallCloud } from './small-cloud.ts';

const acts = (name: string): boolean => {
  const { expect: said, earlier, deadlineSeconds } = loadSituation(name);
  // What is stopped from outside has no end of its own to be compared with.
  if (earlier !== undefined || deadlineSeconds !== undefined || said.status === 'ABORTED') return false;
  return said.status === 'SUCCEEDED' || ['NotYet', 'VerifyFailed', 'CloudRefused'].includes(said.error ?? '');
};
const ACTING = listSituations().filter((name) => name.startsWith('failover/') && name !== 'failover/plan-only' && acts(name));
/** As long as a situation may take on a busy machine. */
const PATIENCE = 240_000;
const MOST_KILLS = 80;

let small: SmallCloud;
beforeAll(async () => {
  small = await startSmallCloud();
}, PATIENCE);
afterAll(() => small.stop());

describe.each(ACTING)('%s', (name) => {
  it(
    'ends the same wherever a step is killed, and each effect has landed exactly once',
    async () => {
      const clean = await liveWith(small, name);
      const tasks = (await tasksFromAct(small.cloud, 'failover')).filter((task) => clean.entered.has(task));
      const kills = killsOf(clean.calls, tasks);

      const different: unknown[] = [];
      for (const kill of kills) {
        const { red, effects } = await liveWith(small, name, kill);
        const same = JSON.stringify(effects) === JSON.stringify(clean.effects);
        if (red.length > 0 || !same) different.push({ kill, red, ...(!same && { effects }) });
      }

      expect(clean.red).toEqual([]);
      expect(different).toEqual([]);
      // Every task from Act on was killed somewhere.
      expect([...new Set(kills.map(({ state }) => state))].sort()).toEqual([...tasks].sort());
      const moved = loadSituation(name).expect.status === 'SUCCEEDED';
      expect(clean.effects.lease.epoch).toBe(moved ? 2 : clean.effects.lease.epoch);
      expect(clean.effects).toMatchObject({ approvals: ['approve'], lease: { holder: null } });
      // Once there, and once back where the run was undone.
      expect(clean.effects.changesOfRecords).toBeLessThanOrEqual(moved ? 1 : 2);
    },
    PATIENCE * MOST_KILLS,
  );
});
