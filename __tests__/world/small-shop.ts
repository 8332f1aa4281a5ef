// One application over its own PostgreSQL cluster; uploads are kept in memory.
import { randomUUID } from 'node:crypto';
import { createFolders } from '../../rehearsal/folders.ts';
import { createTimeline, type Timeline } from '../../rehearsal/time/timeline.ts';
import { startApplication, type Application, type ApplicationOptions } from '../../rehearsal/world/app/app.ts';
import { createAuthority } from '../../rehearsal/world/authority.ts';
import { foundDatabase } from '../../rehearsal/world/builder/database.ts';
import type { Cluster } from '../../rehearsal/world/contract.ts';
import { createPostgresHost } from '../../rehearsal/world/postgres/host.ts';

export const NIGHT = Date.UTC(2026, 0, 15, 3, 12, 0);
const ENDPOINT = 'orders-main.abc.eu-west-1.rds.amazonaws.com';
const ROLES = { master: 'postgres', owner: 'orders_owner', application: 'orders_app' };

export interface SmallShop {
  readonly cluster: Cluster;
  readonly timeline: Timeline;
  readonly application: Application;
  /** The rows that the superuser is answered. */
  ask<Row>(sql: string, database?: string): Promise<Row[]>;
  stop(): Promise<void>;
}

export async function openShop(change: Partial<ApplicationOptions> = {}): Promise<SmallShop> {
  const folders = createFolders();
  const timeline = createTimeline({ pace: { kind: 'virtual' }, startsAt: NIGHT });
  const authority = await createAuthority(folders.folder('authority'), timeline.now);
  const postgres = createPostgresHost({ folder: folders.folder('pg'), authority, now: timeline.now });
  const master = { username: ROLES.master, password: 'master' };
  const cluster = await postgres.create({ name: 'orders-main', endpoint: ENDPOINT, master });
  const passwords = { owner: 'owner', application: 'application' };
  await foundDatabase(cluster, {
    name: 'orders',
    roles: ROLES,
    passwords,
    rows: { customers: 3, orders: 5 },
    at: new Date(NIGHT),
  });
  const objects = new Map<string, Buffer>();
  const application = await startApplication({
    environment: 'main',
    build: '2026.01.12-1',
    timeline,
    database: {
      endpoint: ENDPOINT,
      name: 'orders',
      username: ROLES.application,
      password: passwords.application,
      authority: authority.pem,
      place: () => ({ host: '127.0.0.1', port: cluster.port }),
    },
    uploads: {
      put: (key, body) => Promise.resolve(void objects.set(key, body)),
      get: (key) => Promise.resolve(objects.get(key)),
    },
    apiUrl: 'https://api.orders.test',
    corsOrigins: ['https://app.orders.test'],
    frontEnd: true,
    paths: { health: '/api/health', heartbeat: '/api/heartbeat' },
    uuid: randomUUID,
    ...change,
  });
  return {
    cluster,
    timeline,
    application,
    async ask<Row>(sql: string, database = 'orders') {
      const session = await cluster.open(database);
      try {
        return (await session.query(sql)).rows as Row[];
      } finally {
        await session.end();
      }
    },
    async stop() {
      await application.stop();
      timeline.stop();
      await postgres.stop();
      folders.remove();
    },
  };
}
