// Every situation of failover, alone and with every service throttled at once: a file more in the folder is a test more.
import { describe, expect, it } from '@jest/globals';
import { SFN } from '@aws-sdk/client-sfn';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { bodiesOf, DYING, EVERYTHING_THROTTLED, lookAtEffects, recordCalls } from './landed.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

/** Those with an estate of their own are in examples.test.ts. */
const SITUATIONS = listSituations().filter((name) => name.startsWith('failover/') && loadSituation(name).estate === undefined);
/** Every commit pays for the main one; `npm run soak` throttles them all. */
const DIFFERENT = ['failover/primary-unreachable'];
const THROTTLED = process.env['CHANGEOVER_SOAK'] === undefined ? DIFFERENT : SITUATIONS;
/** What is looked at more closely below, or in deaths.test.ts, is not lived through twice. */
const BELOW = ['failover/primary-unreachable', 'failover/planned-maintenance', 'failover/resume-after-abort', ...DYING];

const small = useSmallCloud();

const client = () => ({ endpoint: small().cloud.endpoint, region: small().cloud.region, credentials: small().cloud.operator });
const endOf = async (executionArn: string) => {
  const sfn = new SFN(client());
  const { status, error } = await sfn.describeExecution({ executionArn });
  sfn.destroy();
  return { status, error };
};

describe('a situation', () => {
  it.each(SITUATIONS.filter((name) => !BELOW.includes(name)))(
    '%s goes as it says',
    async (name) => {
      const { outcome, red } = await small().live(name);

      const { expect: said } = loadSituation(name);
      expect(red).toEqual([]);
      expect((await endOf(outcome.execution)).status).toBe(said.status);
    },
    PATIENCE,
  );
});

describe('a situation with every service throttled', () => {
  it.each(THROTTLED)(
    '%s goes as it says all the same',
    async (name) => {
      const { red } = await small().live(name, {}, EVERYTHING_THROTTLED);

      expect(red).toEqual([]);
    },
    PATIENCE,
  );
});

describe('production that is gone', () => {
  it(
    'is back from {} within sixty transitions, under other addresses, and every acknowledged write is accounted for',
    async () => {
      const { outcome, told, red } = await small().live('failover/primary-unreachable');

      expect(await endOf(outcome.execution)).toEqual({ status: 'SUCCEEDED', error: undefined });
      expect(Object.keys(told?.before ?? {})).toEqual(['app.orders.test.', 'api.orders.test.']);
      for (const [name, before] of Object.entries(told?.before ?? {})) expect(told?.dns[name]).not.toEqual(before);
      expect(outcome.transitions).toBeLessThanOrEqual(60);
      expect(told?.recoverySeconds).toBeLessThanOrEqual(told?.objectives.rtoSeconds ?? 0);
      expect(told?.account?.acknowledged).toBeGreaterThan(0);
      expect(red).toEqual([]);
    },
    PATIENCE,
  );
});

describe('the side that is to serve', () => {
  it(
    'gives out keys that the side that was left cannot have given out',
    async () => {
      const { deployed, red } = await small().live('failover/planned-maintenance');

      const lastOf = async (id: string): Promise<Record<string, bigint>> => {
        const standing = deployed.world?.environments.get(id);
        const session = await standing?.cluster?.open(standing.environment.database.name);
        const sql = 'SELECT sequencename AS name, coalesce(last_value, 0)::text AS last FROM pg_sequences';
        const { rows = [] } = (await session?.query<{ name: string; last: string }>(sql)) ?? {};
        await session?.end();
        return Object.fromEntries(rows.map(({ name, last }) => [name, BigInt(last)]));
      };
      const [left, serving] = [await lastOf('main'), await lastOf('spare')];
      expect(red).toEqual([]);
      expect(Object.keys(left)).toContain('orders_id_seq');
      for (const [name, last] of Object.entries(left)) expect((serving[name] ?? 0n) - last).toBeGreaterThanOrEqual(1_000_000n);
    },
    PATIENCE,
  );
});

describe('what others do and see while a run is on its way', () => {
  const name = 'failover/refused';
  const { expect: said } = loadSituation(name);
  const at = 'Plan';
  const environment = 'spare';

  it(
    'is part of a situation: sessions, a migration, files that vanish, and somebody who reads all the while',
    async () => {
      const { told, red } = await small().live(name, {
        during: [
          { at, do: 'session', environment, as: 'application', idle: 'transaction' },
          { at, do: 'session', environment, as: 'superuser', idle: 'connection' },
          { at, do: 'migrate', environment, sql: 'CREATE TABLE gifts (id integer)', seconds: 5 },
          { at, do: 'remove', environment, keys: 'all' },
          { at, do: 'write', environment, sql: `DELETE FROM orders WHERE number = 'seed-1'` },
        ],
        expect: {
          ...said,
          world: {
            reader: { of: 'spare', sees: ['old', 'written'] },
            copy: { to: 'spare', is: 'old' },
            databases: { spare: ['orders'] },
          },
        },
      });

      expect(red).toEqual([]);
      expect(told?.reading).toMatchObject({ of: 'spare', halves: [], failed: 0 });
    },
    PATIENCE,
  );

  it(
    'turns it red where it is not as it says',
    async () => {
      const { red } = await small().live(name, {
        expect: {
          ...said,
          world: {
            reader: { of: 'spare', sees: ['old', 'new'] },
            copy: { to: 'spare', is: 'new' },
            databases: { spare: ['orders', 'more_*'] },
          },
        },
      });

      expect(red).toEqual([
        expect.stringMatching(/^the copy on spare is old \(newest heartbeat: 20.+\), expected new$/),
        'databases of spare: orders, expected orders, more_*',
        'who read spare saw old, expected old, new',
      ]);
    },
    PATIENCE,
  );
});

describe('a run that goes on with one that was stopped', () => {
  it(
    'takes over its journal, and does nothing twice',
    async () => {
      const recorder = recordCalls(small().cloud);

      const { deployed, outcome, red } = await small().live('failover/resume-after-abort');

      recorder.end();
      if (!deployed.world) throw new Error('the situation has no world');
      const run = outcome.execution.slice(outcome.execution.lastIndexOf(':') + 1);
      const effects = await lookAtEffects(small().cloud, deployed.world, recorder.calls, run);
      const entries = (await bodiesOf(small().cloud, 'runs/')) as { adoptedBy?: string | null }[];
      expect(red).toEqual([]);
      expect(entries.filter(({ adoptedBy }) => adoptedBy === outcome.execution)).toHaveLength(1);
      expect(effects).toMatchObject({ changesOfRecords: 1, lease: { writer: 'spare', epoch: 2, holder: null } });
      expect(effects.rules).toContain('main 443: 1, 80: 1');
    },
    PATIENCE,
  );
});
