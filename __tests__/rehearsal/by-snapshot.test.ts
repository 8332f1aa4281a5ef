// A database that is copied by snapshot: what the standby has afterwards is asked of both servers, by nothing of ours.
import { describe, expect, it } from '@jest/globals';
import type { Deployed } from '../../rehearsal/run/rehearse.ts';
import { EVERYTHING_THROTTLED } from './landed.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const small = useSmallCloud();
const NAME = 'sync/by-snapshot';

async function ask<Row extends object>({ world }: Deployed, environment: string, sql: string): Promise<Row[]> {
  const session = await (await world?.clusterOf(environment))?.open('orders');
  if (!session) throw new Error(`${environment} has no server`);
  try {
    return (await session.query<Row & Record<string, unknown>>(sql)).rows;
  } finally {
    await session.end();
  }
}

/** Nobody changes these once they are there. */
const ORDERS = "SELECT md5(string_agg(o::text, ';' ORDER BY id)) AS sum, count(*)::integer AS rows FROM orders o";

describe('a copy by snapshot', () => {
  it(
    'is the source as of its snapshot: the same cluster’s files, the same rows, on a server of its own',
    async () => {
      const { deployed, red } = await small().live(NAME);

      const identity = 'SELECT system_identifier::text AS cluster FROM pg_control_system()';
      const [here, there] = await Promise.all(
        ['spare', 'main'].map((name) => ask<{ cluster: string }>(deployed, name, identity)),
      );
      const [last] = await ask<{ id: number }>(deployed, 'spare', 'SELECT max(id)::integer AS id FROM orders');
      const upTo = `${ORDERS} WHERE id <= ${last?.id ?? 0}`;
      const [copied, original] = await Promise.all(['spare', 'main'].map((name) => ask<{ rows: number }>(deployed, name, upTo)));
      expect(red).toEqual([]);
      expect(here).toEqual(there);
      expect(copied).toEqual(original);
      expect(copied?.[0]?.rows).toBeGreaterThan(100);
    },
    PATIENCE,
  );
});

/** Every commit pays for the calm one. */
const inSoak = process.env['CHANGEOVER_SOAK'] === undefined ? describe.skip : describe;
inSoak('a copy by snapshot with every service throttled', () => {
  it(
    'goes as it says',
    async () => {
      const { red } = await small().live(NAME, {}, EVERYTHING_THROTTLED);

      expect(red).toEqual([]);
    },
    PATIENCE,
  );
});
