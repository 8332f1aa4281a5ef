// A run whose steps die after one write after the other, from Act on: each is tried again until it comes through, and the end is the
// same. `npm run soak` kills them one at a time, everywhere.
import { describe, expect, it } from '@jest/globals';
import { DYING, killsOf, liveWith, tasksFromAct } from './landed.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

/** A state is tried again five times: it may die four times of these, and has one for what else happens. */
const MOST_DEATHS = 4;

const small = useSmallCloud();

describe('a run that dies in every step', () => {
  it.each(DYING)(
    '%s ends the same, and each effect has landed exactly once',
    async (name) => {
      const [runbook = ''] = name.split('/');
      const clean = await liveWith(small(), name);
      const tasks = (await tasksFromAct(small().cloud, runbook)).filter((task) => clean.entered.has(task));
      const kills = tasks.flatMap((task) => killsOf(clean.calls, [task]).slice(0, MOST_DEATHS));

      const died = await liveWith(small(), name, ...kills);

      expect(clean.red).toEqual([]);
      expect(died.red).toEqual([]);
      expect(died.effects).toEqual(clean.effects);
      expect([...died.retried]).toEqual(expect.arrayContaining(tasks));
    },
    PATIENCE,
  );
});
