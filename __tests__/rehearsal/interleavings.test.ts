// Failover and rollback with merge, a hundred times, each with other chances and other writes past the application on both sides: what
// the client was promised through the public name is in the database that serves in the end. `npm run soak`; the databases' own part of
// it is in __tests__/cloud/interleavings.test.ts, for every commit.
import { expect, it } from '@jest/globals';
import { createChance } from '../../rehearsal/random.ts';
import type { Happening } from '../../rehearsal/run/happening.ts';
import { loadSituation } from '../../rehearsal/run/situation.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const ROUNDS = 100;
const MOST_WRITES = 8;
const SITUATION = 'rollback/diverged-merged';

const small = useSmallCloud();

it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
  'interleaving %s loses no acknowledged write and doubles none',
  async (seed) => {
    const { after } = loadSituation(SITUATION);
    if (!after) throw new Error(`${SITUATION} comes after another run`);
    const request = seed % 2 === 0 ? 'events/rollback/merge-standby-wins.json' : 'events/rollback/merge.json';

    // Without a winner only one side changes what stood when they parted.
    const { told, red } = await small().live(SITUATION, {
      seed,
      request,
      after: { ...after, seconds: 5 + (seed % 90), then: writesOf(seed, seed % 2 === 0) },
    });

    expect(red).toEqual([]);
    expect(told?.account?.lost).toEqual([]);
    expect(told?.account?.doubled).toEqual([]);
  },
  PATIENCE,
);

function writesOf(seed: number, conflicts: boolean): Happening[] {
  const { random } = createChance(seed);
  const among = (most: number): number => Math.floor(random() * most);
  return Array.from({ length: 1 + among(MOST_WRITES) }, (_, n): Happening => {
    const environment = random() < 0.5 ? 'main' : 'spare';
    const said = { at: 'between', environment } as const;
    if (random() < 0.2) return { ...said, environment: 'spare', do: 'upload', count: 1 + among(3) };
    if (random() < 0.4) {
      const id = 1 + among(20) * 2 + (!conflicts && environment === 'main' ? 1 : 0);
      return { ...said, do: 'write', sql: `UPDATE customers SET name = '${environment} ${seed} ${n}' WHERE id = ${id}` };
    }
    return {
      ...said,
      do: 'write',
      sql: `INSERT INTO orders (number, customer_id, placed_at) SELECT '${environment}-${seed}-${n}', min(id), now() FROM customers`,
    };
  });
}
