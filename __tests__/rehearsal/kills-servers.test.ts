// What restores, rewinds, copies by snapshot and clears away, killed after its writes one at a time, from what is made beside people's
// database before Act: whatever died runs again and finds its own work; no instance and no snapshot is made, renamed, stopped or
// removed twice. `npm run soak -- kills`.
import { describe, expect, it } from '@jest/globals';
import { loadSituation } from '../../rehearsal/run/situation.ts';
import { killEverywhere } from './landed.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

/** One for each way and each act. */
const KILLED = [
  ...['newest', 'take-now', 'by-rename'].map((name) => `restore/${name}`),
  ...['before-the-bad-deploy', 'rows-only'].map((name) => `rewind/${name}`),
  ...['monthly', 'shelf-stopped-again', 'shelf-retired'].map((name) => `retention/${name}`),
  'sync/by-snapshot',
];
/** These hold no lease, and make what nobody is led to yet. */
const PREPARING = ['Snapshot', 'Restore', 'Dress', 'Prove', 'ProveRestored', 'ProveAgainstSource', 'KeepProven'];
const MOST_KILLS = 45;

const small = useSmallCloud();

describe.each(KILLED)('%s', (name) => {
  it(
    'ends the same wherever a step is killed, and each effect has landed exactly once',
    async () => {
      const { clean, tasks, kills, different } = await killEverywhere(small(), name, PREPARING);

      expect(clean.red).toEqual([]);
      expect(different).toEqual([]);
      expect([...new Set(kills.map(({ state }) => state))].sort()).toEqual([...tasks].sort());
      expect(kills.length).toBeLessThanOrEqual(MOST_KILLS);
      expect(clean.effects.lease).toMatchObject(loadSituation(name).expect.world?.lease ?? { holder: null });
    },
    PATIENCE * MOST_KILLS,
  );
});
