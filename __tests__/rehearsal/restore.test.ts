// Every situation of restore and rewind: beside, proven, swapped, shelved; or nobody is led to it, and it is said why.
import { describe, expect, it } from '@jest/globals';
import { readEntry } from '../../rehearsal/world/builder/ledger.ts';
import { describeSituations, greenOf, situationsOf } from './situations-of.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const SITUATIONS = situationsOf('restore', 'rewind');

const small = useSmallCloud();

describeSituations(small, SITUATIONS, { always: ['restore/newest', 'rewind/rows-only'], inSoak: greenOf(SITUATIONS) });

describe('a rewind', () => {
  it(
    'brings back exactly the rows that were committed before the second, by the ledger of who wrote them',
    async () => {
      const { deployed, outcome, red } = await small().live('rewind/before-the-bad-deploy');

      const { world } = deployed;
      if (!world) throw new Error('there is no world');
      const at = (world.deedsAt[0] ?? 0) - 1000;
      const second = at - (at % 1000);
      const cluster = await world.clusterOf('main');
      const session = await cluster?.open('orders');
      const found = await session?.query<{ number: string }>("SELECT number FROM orders WHERE starts_with(number, 'client-')");
      const seeded = await session?.query<{ rows: number }>(
        "SELECT count(*)::integer AS rows FROM orders WHERE NOT starts_with(number, 'client-')",
      );
      await session?.end();
      const swapped = outcome.states.find(({ name }) => name === 'Swap')?.enteredAt ?? Infinity;
      const told = world.client.acknowledged.filter((one) => one.at <= second || one.at >= swapped).map(({ number }) => number);
      expect(red).toEqual([]);
      expect(found?.rows.map(({ number }) => number).sort()).toEqual(told.sort());
      expect(seeded?.rows[0]?.rows).toBe(world.file.rows.orders);
    },
    PATIENCE,
  );
});

describe('a snapshot of ours that has come back whole', () => {
  const taken = async () => {
    const { DBSnapshots = [] } = await small().cloud.call('rds', 'DescribeDBSnapshots', { SnapshotType: 'manual' });
    const tagsOf = ({ TagList = [] }: (typeof DBSnapshots)[number]) => TagList.map(({ Key, Value }) => [Key, Value] as const);
    return DBSnapshots.map((one) => new Map(tagsOf(one))).find((tags) => tags.get('changeover:what') === 'snapshot');
  };

  it(
    'bears since when, whatever a person says afterwards',
    async () => {
      const { outcome } = await small().live('restore/take-now', { approve: 'deny' });

      const proved = outcome.states.find(({ name }) => name === 'Prove');
      const at = Date.parse((await taken())?.get('changeover:proven') ?? '');
      expect(outcome.error).toBe('ApprovalRefused');
      expect(at).toBeGreaterThanOrEqual(proved?.enteredAt ?? Infinity);
      expect(at).toBeLessThanOrEqual(proved?.exitedAt ?? 0);
    },
    PATIENCE,
  );

  it(
    'stops nobody’s restore where the tag cannot be put, and the report says so',
    async () => {
      const denied = { kind: 'denied', state: 'KeepProven', operation: 'rds:AddTagsToResource' } as const;

      const { outcome, red } = await small().live('restore/take-now', {}, [denied]);

      const run = outcome.execution.slice(outcome.execution.lastIndexOf(':') + 1);
      const { notes } = (await readEntry(small().cloud, `reports/${run}.json`)) as { notes: string[] };
      expect(red).toEqual([]);
      expect((await taken())?.has('changeover:proven')).toBe(false);
      expect(notes).toContainEqual(
        expect.stringMatching(/^orders-main-s\w{8} was proven, and may lack the tag changeover:proven/),
      );
    },
    PATIENCE,
  );
});
