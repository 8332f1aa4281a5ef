// A database from a snapshot as its master and its application find it, on real PostgreSQL.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fenceDatabase } from '../../shared/cloud/aws/postgres/fence.ts';
import { admitRoles, examine, liftFence } from '../../shared/cloud/aws/postgres/restored.ts';
import type { Login } from '../../shared/cloud/aws/postgres/session.ts';
import type { Database } from '../../shared/estate.ts';
import { useTwins, type Twins } from './twins.ts';

const DATABASE = { name: 'orders', owner: 'orders_owner', application: 'orders_app' } as Database;
const makeTwins = useTwins(`
  CREATE TABLE customers (id int PRIMARY KEY, name text);
  CREATE TABLE changeover_heartbeat (environment text NOT NULL, written_at timestamptz NOT NULL, note text);
  INSERT INTO customers SELECT n, 'x' FROM generate_series(1, 300) n`);

let twins: Twins;
let master: Login;
let application: Login;
beforeEach(async () => {
  twins = await makeTwins();
  await onIt(
    `CREATE ROLE orders_app LOGIN PASSWORD 'of one'`,
    'GRANT orders_app TO boss WITH ADMIN OPTION',
    'GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO orders_app',
  );
  master = twins.spare.login;
  application = { ...master, username: 'orders_app', password: 'of one', secret: 'orders/application' };
});
afterEach(() => twins.stop());
const onIt = (...statements: string[]) => twins.spare.on(...statements);
const look = () => examine(master, application, 'main', DATABASE);

describe('a restored database', () => {
  it('is counted row by row, and tried as the application, which leaves nothing behind', async () => {
    const found = await look();

    expect(found).toMatchObject({
      rows: { customers: 300, changeover_heartbeat: 0 },
      invalid: [],
      application: { reads: null, writes: null },
    });
    expect(found.bytes).toBeGreaterThan(1_000_000);
    expect(await onIt('SELECT * FROM changeover_heartbeat')).toEqual([]);
  });

  it('tells what the application may not, and which index PostgreSQL does not trust', async () => {
    await onIt(
      'REVOKE INSERT ON changeover_heartbeat FROM orders_app',
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'customers_pkey'::regclass`,
    );

    expect(await look()).toMatchObject({
      invalid: ['the index customers_pkey'],
      application: { reads: null, writes: expect.stringMatching(/^42501/) as unknown },
    });
  });

  it('gives the application the password that its secret has by now', async () => {
    application = { ...application, password: 'of today' };
    expect((await look()).application.reads).toMatch(/^28P01/);

    await admitRoles(master, application, null);
    await admitRoles(master, application, null);

    expect((await look()).application).toEqual({ reads: null, writes: null });
  });

  it('refuses that in PostgreSQL’s words where the master may not', async () => {
    await onIt('REVOKE orders_app FROM boss');

    await expect(admitRoles(master, { ...application, password: 'of today' }, null)).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('needs no right where the password is known that came with it', async () => {
    await onIt('REVOKE orders_app FROM boss');
    const came = application;
    application = { ...application, password: 'of the other side' };

    await expect(admitRoles(master, application, { ...came, password: 'of neither' })).rejects.toMatchObject({ code: '42501' });
    await admitRoles(master, application, came);

    expect((await look()).application).toEqual({ reads: null, writes: null });
  });

  it('lets in again exactly those who are named where a fence was restored along, and changes nothing where there is none', async () => {
    await fenceDatabase(master, application, DATABASE);
    expect((await look()).facts.fenced).toBe(true);

    await liftFence(master, DATABASE, ['orders_app']);
    await liftFence(master, DATABASE, ['public']);

    const { facts, application: tried } = await look();
    expect([facts.fenced, facts.connect.includes('orders_app'), facts.connect.includes('public')]).toEqual([false, true, false]);
    expect(tried).toEqual({ reads: null, writes: null });
  });
});
