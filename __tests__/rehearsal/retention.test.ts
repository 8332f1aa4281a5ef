// Every situation of retention: what expires goes, the last of everything stays, and a person is asked before an instance is gone.
import { describe, expect, it } from '@jest/globals';
import { killsOf, liveWith, tasksFromAct } from './landed.ts';
import { describeSituations, greenOf, situationsOf } from './situations-of.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const SITUATIONS = situationsOf('retention');
/** One for each act: hundreds of runs, so `npm run soak` alone has them; the situations named `killed-…` are every commit's. */
const KILLED = ['monthly', 'shelf-stopped-again', 'shelf-retired'];
const inSoak = process.env['CHANGEOVER_SOAK'] === undefined ? describe.skip : describe;
const MOST_KILLS = 40;

const small = useSmallCloud();

describeSituations(small, SITUATIONS, { always: ['retention/monthly'], inSoak: greenOf(SITUATIONS) });

inSoak('a situation of which something dies', () => {
  it.each(KILLED.map((name) => `retention/${name}`))(
    '%s goes as it says wherever one of its steps is killed',
    async (name) => {
      const clean = await liveWith(small(), name);
      const kills = killsOf(clean.calls, await tasksFromAct(small().cloud, 'retention'));

      const red: unknown[] = [];
      for (const kill of kills) {
        const found = await liveWith(small(), name, kill);
        if (found.red.length > 0) red.push({ kill, red: found.red });
      }

      expect(kills.length).toBeGreaterThan(0);
      expect(red).toEqual([]);
    },
    PATIENCE * MOST_KILLS,
  );
});
