// Two clusters of one origin on real PostgreSQL: main, and spare as a copy of it.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { createAuthority } from '../../rehearsal/world/authority.ts';
import type { Cluster, PostgresHost } from '../../rehearsal/world/contract.ts';
import { createPostgresHost } from '../../rehearsal/world/postgres/host.ts';
import { compareDatabases } from '../../shared/cloud/aws/postgres/compare.ts';
import type { Login } from '../../shared/cloud/aws/postgres/session.ts';
import { readInstant } from '../../shared/cloud/aws/postgres/sequences.ts';
import type { Database } from '../../shared/estate.ts';
import type { Divergence } from '../../shared/runbooks/divergence.ts';
import { asRootOf } from './root.ts';
import { trust } from './trust.ts';

const MASTER = { username: 'boss', password: 'of all' };
export const ORDERS = { name: 'orders' } as Database;

export interface Twin {
  readonly environment: 'main' | 'spare';
  readonly cluster: Cluster;
  readonly login: Login;
  /** The transaction from which on its rows are its own. */
  since: string;
  /** As the superuser; answers the last statement's rows. */
  on(...statements: string[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}
export interface Twins {
  readonly main: Twin;
  readonly spare: Twin;
  stop(): Promise<void>;
}

/** The host stands for the whole test file; twins are made as often as they are asked for. */
export function useTwins(schema: string): () => Promise<Twins> {
  let folder: string;
  let host: PostgresHost;
  let distrust: () => void;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'twins-'));
    chmodSync(folder, 0o755);
    const authority = await createAuthority(folder, Date.now);
    host = createPostgresHost({ folder, authority });
    distrust = trust(authority.pem);
  });
  afterAll(async () => {
    distrust();
    await host.stop();
    rmSync(folder, { recursive: true });
  });
  return async () => {
    const main = twinOf('main', await host.create({ name: 'orders-main', endpoint: 'localhost', master: MASTER }));
    await asRootOf(main.cluster, 'postgres', [
      'CREATE ROLE orders_owner',
      'GRANT orders_owner TO boss',
      'CREATE DATABASE orders OWNER orders_owner',
    ]);
    await asRootOf(main.cluster, ORDERS.name, ['GRANT CREATE ON SCHEMA public TO orders_owner', 'SET ROLE orders_owner', schema]);
    main.since = await readInstant(main.login, ORDERS);
    const copy = await host.copy(main.cluster, { name: 'orders-spare', endpoint: 'localhost', master: MASTER });
    const spare = twinOf('spare', copy);
    spare.since = await readInstant(spare.login, ORDERS);
    const stop = () => Promise.all([main.stop(), spare.stop()]).then(() => undefined);
    return { main, spare, stop };
  };
}

export const compareTwins = (here: Twin, there: Twin, since: { here?: string | null; there?: string | null } = {}) => {
  const side = ({ environment, login, since: own }: Twin, said: string | null | undefined) => ({
    ...{ environment, login, database: ORDERS.name },
    since: said === undefined ? own : said,
  });
  return compareDatabases(side(here, since.here), side(there, since.there), 60) satisfies Promise<Divergence>;
};

function twinOf(environment: Twin['environment'], cluster: Cluster): Twin {
  // One session for all of it: opening one takes longer than what is asked.
  let root: ReturnType<Cluster['open']> | undefined;
  return {
    environment,
    cluster,
    login: { ...MASTER, secret: 'orders/master', host: 'localhost', port: cluster.port },
    since: '',
    async on(...statements) {
      const session = await (root ??= cluster.open(ORDERS.name));
      let rows: Record<string, unknown>[] = [];
      for (const sql of statements) rows = (await session.query<Record<string, unknown>>(sql)).rows;
      return rows;
    },
    async stop() {
      await (await root)?.end();
      await cluster.stop('immediate');
    },
  };
}
