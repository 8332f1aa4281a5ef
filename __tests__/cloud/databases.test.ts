import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { createAuthority } from '../../rehearsal/world/authority.ts';
import type { Authority, Cluster, PostgresHost } from '../../rehearsal/world/contract.ts';
import { createPostgresHost } from '../../rehearsal/world/postgres/host.ts';
import { awsDatabases } from '../../shared/cloud/aws/databases.ts';
import { readFacts } from '../../shared/cloud/aws/postgres/facts.ts';
import type { Database } from '../../shared/estate.ts';
import { standOn } from './on-aws.ts';
import { asRootOf } from './root.ts';
import { trust } from './trust.ts';

const MASTER = { username: 'boss', password: 'of all' };
const DATABASE: Database = {
  instance: 'orders-main',
  name: 'orders',
  owner: 'orders_owner',
  application: 'orders_app',
  secrets: { master: 'orders/main/master', application: 'orders/main/application' },
  swap: { by: 'connection' },
};
const BEAT = 'INSERT INTO changeover_heartbeat VALUES ($1, $2, $3)';

let folder: string;
let authority: Authority;
let host: PostgresHost;
let cloud: Cloud;
let cluster: Cluster;
let restore: () => void;
let distrust: () => void;
const open: Client[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'databases-'));
  chmodSync(folder, 0o755);
  authority = await createAuthority(folder, Date.now);
  host = createPostgresHost({ folder, authority });
  cloud = await startCloud({ pace: { kind: 'virtual' } });
  restore = standOn(cloud);
});
afterAll(async () => {
  restore();
  await cloud.stop();
  await host.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  distrust = trust(authority.pem);
  cluster = await host.create({ name: 'orders-main', endpoint: 'localhost', master: MASTER });
  await asRoot('postgres', [
    `CREATE ROLE orders_owner`,
    `GRANT orders_owner TO boss`,
    `CREATE ROLE orders_app LOGIN PASSWORD 'of one'`,
    `CREATE DATABASE orders OWNER orders_owner`,
  ]);
  await asRoot('orders', [
    `SET ROLE orders_owner`,
    `CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)`,
    `CREATE TABLE sessions (token uuid PRIMARY KEY DEFAULT gen_random_uuid())`,
    `CREATE TABLE schema_migrations (version text PRIMARY KEY)`,
    `CREATE TABLE changeover_heartbeat (environment text NOT NULL, written_at timestamptz NOT NULL, note text)`,
    `GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO orders_app`,
    `RESET ROLE`,
  ]);
  await keep('orders/main/master', { ...MASTER, host: 'localhost', port: cluster.port, dbname: 'orders' });
  await keep('orders/main/application', { username: 'orders_app', password: 'of one', host: 'localhost', port: cluster.port });
});
afterEach(async () => {
  distrust();
  await Promise.all(open.splice(0).map((client) => client.end()));
  await cluster.stop('immediate');
  await cloud.reset();
});

async function keep(name: string, secret: object): Promise<void> {
  await cloud.call('secretsmanager', 'CreateSecret', { Name: name, SecretString: JSON.stringify(secret) });
}
const asRoot = (database: string, statements: readonly string[]) => asRootOf(cluster, database, statements);
/** A session as the application's pool keeps one. */
async function asApplication(): Promise<Client> {
  const ssl = { ca: authority.pem };
  const login = { host: 'localhost', port: cluster.port, user: 'orders_app', password: 'of one', database: 'orders', ssl };
  const client = new Client(login);
  client.on('error', () => undefined);
  await client.connect();
  open.push(client);
  return client;
}
const SUPERUSERS = `
  SELECT a.pid FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
  WHERE a.datname = 'orders' AND r.rolsuper AND a.query = ''`;
/** RDS's own session comes into a new database by itself, in a moment. */
async function superuserIsIn(): Promise<void> {
  const deadline = Date.now() + 10_000;
  while ((await asRoot('postgres', [SUPERUSERS])).length === 0) {
    if (Date.now() > deadline) throw new Error('no superuser has a session in orders');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const beats = () => asRoot('orders', ['SELECT note FROM changeover_heartbeat']);
const NOON = new Date('2026-01-15T12:00:00.000Z');

describe('a database that is read', () => {
  it('tells its heartbeats, its migration, its rows with the keys that grow, and who may connect', async () => {
    await asRoot('orders', [
      `INSERT INTO customers (name) VALUES ('Ada'), ('Grace')`,
      `INSERT INTO sessions DEFAULT VALUES`,
      `INSERT INTO schema_migrations VALUES ('20250101_first'), ('20250202_second')`,
      `INSERT INTO changeover_heartbeat VALUES ('main', '2026-01-15T03:12:00Z'), ('main', '2026-01-15T03:12:10Z'), ('spare', '2026-01-15T03:00:00Z')`,
    ]);

    const facts = await awsDatabases().read('main', DATABASE, []);

    expect(facts).toMatchObject({
      environment: 'main',
      reachable: true,
      trouble: null,
      endpoint: 'localhost/orders',
      heartbeats: { main: '2026-01-15T03:12:10.000Z', spare: '2026-01-15T03:00:00.000Z' },
      migration: '20250202_second',
      connect: ['orders_owner', 'public'],
      since: [],
    });
    expect(facts.tables).toEqual([
      { table: 'changeover_heartbeat', rows: 3, key: null },
      { table: 'customers', rows: 2, key: { column: 'id', max: '2' } },
      { table: 'schema_migrations', rows: 2, key: null },
      { table: 'sessions', rows: 1, key: null },
    ]);
  });

  it('counts the rows since a mark by the key where one grows, so that a deleted row hides no new one', async () => {
    await asRoot('orders', [`INSERT INTO customers (name) VALUES ('Ada'), ('Grace')`, `INSERT INTO sessions DEFAULT VALUES`]);
    const { tables } = await awsDatabases().read('main', DATABASE, []);
    await asRoot('orders', [
      `DELETE FROM customers WHERE name = 'Ada'`,
      `INSERT INTO customers (name) VALUES ('Edith')`,
      `INSERT INTO sessions DEFAULT VALUES`,
      `CREATE TABLE invoices AS SELECT 1 AS id`,
    ]);

    const { since } = await awsDatabases().read('main', DATABASE, tables);

    expect(since).toEqual([
      { table: 'changeover_heartbeat', rows: 0, by: 'count' },
      { table: 'customers', rows: 1, by: 'key' },
      { table: 'invoices', rows: 1, by: 'count' },
      { table: 'schema_migrations', rows: 0, by: 'count' },
      { table: 'sessions', rows: 1, by: 'count' },
    ]);
  });

  it('counts a partitioned table once, under its own name, and one outside the public schema with it', async () => {
    await asRoot('orders', [
      `CREATE SCHEMA audit`,
      `CREATE TABLE audit.trail (id bigint, at date) PARTITION BY RANGE (at)`,
      `CREATE TABLE audit.trail_2026 PARTITION OF audit.trail FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
      `INSERT INTO audit.trail VALUES (1, '2026-03-04'), (2, '2026-03-05')`,
      `GRANT USAGE ON SCHEMA audit TO orders_owner`,
      `GRANT SELECT ON audit.trail TO orders_owner`,
    ]);

    const { tables } = await awsDatabases().read('main', DATABASE, []);

    expect(tables.filter(({ table }) => table.startsWith('audit'))).toEqual([{ table: 'audit.trail', rows: 2, key: null }]);
  });

  it('is told apart from its own physical copy, whose system identifier is the same', async () => {
    const copy = await host.copy(cluster, { name: 'orders-copy', endpoint: 'localhost', master: MASTER });
    await keep('copy', { ...MASTER, host: 'localhost', port: copy.port });

    const one = await awsDatabases().read('main', DATABASE, []);
    const other = await awsDatabases().read('spare', { ...DATABASE, secrets: { master: 'copy', application: 'copy' } }, []);

    expect([one.reachable, other.reachable]).toEqual([true, true]);
    expect(one.identity?.split('@')[0]).toBe(other.identity?.split('@')[0]);
    expect(one.identity).not.toBe(other.identity);
    await copy.stop('immediate');
  });

  it('tells all it can when one of its tables is locked, and which that is', async () => {
    await asRoot('orders', [`INSERT INTO customers (name) VALUES ('Ada')`, 'ANALYZE customers']);
    const root = await cluster.open('orders');
    await root.query('BEGIN');
    await root.query('LOCK TABLE customers IN ACCESS EXCLUSIVE MODE');

    const facts = await awsDatabases().read('main', DATABASE, [{ table: 'customers', rows: 9, key: null }]);

    expect(facts).toMatchObject({ reachable: true, trouble: 'no answer in time about customers' });
    expect(facts.since.map(({ table }) => table)).not.toContain('customers');
    expect(facts.tables).toContainEqual({ table: 'customers', rows: 1, key: null });
    await root.end();
  });

  it('is read for as long as it was given, and tells which tables it had no time for', async () => {
    const tables = ['one', 'two', 'three', 'four', 'five'];
    await asRoot('orders', ['SET ROLE orders_owner', ...tables.map((name) => `CREATE TABLE locked_${name} (id int)`)]);
    const root = await cluster.open('orders');
    await root.query('BEGIN');
    for (const name of tables) await root.query(`LOCK TABLE locked_${name} IN ACCESS EXCLUSIVE MODE`);
    const began = performance.now();

    const facts = await readFacts({ secret: 'x', ...MASTER, host: 'localhost', port: cluster.port }, 'main', DATABASE, [], 3_000);

    expect(performance.now() - began).toBeLessThan(7_000);
    expect(facts).toMatchObject({
      reachable: true,
      trouble:
        'no answer in time about locked_five, locked_four; no time was left to read locked_one, locked_three, locked_two, schema_migrations, sessions',
    });
    await root.end();
  });

  it('that stays full is a fact with the reason: whoever cannot ask it cannot fence it either', async () => {
    await asRoot('postgres', ['ALTER ROLE boss CONNECTION LIMIT 0']);

    const facts = await awsDatabases().read('main', DATABASE, []);

    expect(facts).toMatchObject({
      reachable: false,
      trouble: '53300: too many connections for role "boss"',
      identity: null,
      connect: [],
    });
  });

  it('that was full for a moment is asked again', async () => {
    await asRoot('postgres', ['ALTER ROLE boss CONNECTION LIMIT 0']);
    const reading = awsDatabases().read('main', DATABASE, []);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await asRoot('postgres', ['ALTER ROLE boss CONNECTION LIMIT -1']);

    expect(await reading).toMatchObject({ reachable: true, trouble: null });
  });

  it('that does not answer is a fact, with the reason', async () => {
    await cluster.stop('immediate');

    const facts = await awsDatabases().read('main', DATABASE, []);

    expect(facts).toMatchObject({
      reachable: false,
      trouble: expect.stringContaining('ECONNREFUSED') as unknown,
      identity: null,
    });
  });

  it('whose password the secret does not know is refused, naming the secret and nothing in it', async () => {
    await keep('wrong', { ...MASTER, password: 'of nobody', host: 'localhost', port: cluster.port });

    const read = awsDatabases().read('main', { ...DATABASE, secrets: { master: 'wrong', application: 'wrong' } }, []);

    await expect(read).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('secret wrong') as unknown,
    });
    await expect(read).rejects.not.toMatchObject({ message: expect.stringContaining('of nobody') as unknown });
  });

  it('whose certificate nobody vouches for is refused before the password is sent', async () => {
    distrust();

    await expect(awsDatabases().read('main', DATABASE, [])).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS') as unknown,
    });
  });

  it('lacks a field of its secret, which is named', async () => {
    await keep('half', { username: 'boss', password: 'of all' });

    await expect(
      awsDatabases().read('main', { ...DATABASE, secrets: { master: 'half', application: 'half' } }, []),
    ).rejects.toMatchObject({
      name: 'CloudRefused',
      message: 'the secret half lacks host; it holds username, password, host and port as JSON',
    });
  });
});

describe('a database that is fenced', () => {
  it('lets nobody in, ends who was in, and spares the superuser', async () => {
    const pool = await asApplication();
    await superuserIsIn();

    const proof = await awsDatabases().fence(DATABASE);

    expect(proof).toEqual({
      openSession: '57P01: terminating connection due to administrator command',
      newSession: expect.stringMatching(/^42501: permission denied for database "orders"/) as unknown,
      ended: 2,
      spared: 1,
    });
    await expect(pool.query(BEAT, ['main', NOON, 'after'])).rejects.toThrow();
    await expect(asApplication()).rejects.toMatchObject({ code: '42501' });
    expect(await beats()).toEqual([]);
  });

  it('is the same after a second time, and what PostgreSQL says is the proof', async () => {
    await awsDatabases().fence(DATABASE);

    const again = await awsDatabases().fence(DATABASE);

    expect(again).toMatchObject({
      openSession: expect.stringMatching(/^42501/) as unknown,
      newSession: expect.stringMatching(/^42501/) as unknown,
      ended: 0,
    });
  });

  it('keeps out every other role that was granted, and those who were let in by one of them', async () => {
    await asRoot('orders', [
      `CREATE ROLE analyst LOGIN PASSWORD 'x'`,
      `GRANT CONNECT ON DATABASE orders TO analyst WITH GRANT OPTION`,
      `CREATE ROLE guest LOGIN PASSWORD 'x'`,
      `SET ROLE analyst`,
      `GRANT CONNECT ON DATABASE orders TO guest`,
    ]);

    await awsDatabases().fence(DATABASE);

    const [who] = await asRoot('postgres', [
      `SELECT has_database_privilege('analyst', 'orders', 'CONNECT') AS analyst, has_database_privilege('guest', 'orders', 'CONNECT') AS guest`,
    ]);
    expect(who).toEqual({ analyst: false, guest: false });
  });

  it('is read by its master alone, and says that it is fenced', async () => {
    await awsDatabases().fence(DATABASE);

    const facts = await awsDatabases().read('main', DATABASE, []);

    expect(facts).toMatchObject({ reachable: true, trouble: null, connect: ['boss'], fenced: true });
    expect(facts.identity).toContain('/orders');
  });

  it('is no fence where the master is no member of the owner, and that is said', async () => {
    await asRoot('postgres', ['REVOKE orders_owner FROM boss']);
    const pool = await asApplication();

    await expect(awsDatabases().fence(DATABASE)).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('GRANT orders_owner TO boss') as unknown,
    });
    await expect(pool.query(BEAT, ['main', NOON, 'still here'])).resolves.toMatchObject({ rowCount: 1 });
  });

  it('is not begun by an application that could not write before', async () => {
    await asRoot('orders', ['REVOKE INSERT ON changeover_heartbeat FROM orders_app']);

    await expect(awsDatabases().fence(DATABASE)).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('before the fence') as unknown,
    });
    await expect(asApplication()).resolves.toBeDefined();
  });

  it('is proven without the table of heartbeats too', async () => {
    await asRoot('orders', ['DROP TABLE changeover_heartbeat']);

    await expect(awsDatabases().fence(DATABASE)).resolves.toMatchObject({
      openSession: expect.stringMatching(/^57P01/) as unknown,
    });
  });

  it('is asked again when it cannot be reached', async () => {
    await cluster.stop('immediate');

    await expect(awsDatabases().fence(DATABASE)).rejects.toMatchObject({ name: 'CloudTransient' });
  });
});

describe('a database that is given back', () => {
  it('lets in exactly those who could connect before', async () => {
    const { connect } = await awsDatabases().read('main', DATABASE, []);
    await awsDatabases().fence(DATABASE);

    await awsDatabases().unfence(DATABASE, connect);
    await awsDatabases().unfence(DATABASE, connect);

    expect((await awsDatabases().read('main', DATABASE, [])).connect).toEqual(connect);
    const pool = await asApplication();
    await expect(pool.query(BEAT, ['main', NOON, 'again'])).resolves.toMatchObject({ rowCount: 1 });
  });
});

describe('a note', () => {
  it('is found with who wrote it and when', async () => {
    const pool = await asApplication();
    await pool.query(BEAT, ['spare', NOON, 'run-7 abc']);

    const found = await awsDatabases().findNote(DATABASE, 'run-7 abc');

    expect(found).toEqual({ environment: 'spare', writtenAt: NOON.toISOString() });
    await expect(awsDatabases().findNote(DATABASE, 'run-8')).resolves.toBeUndefined();
  });
});
