import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { NEXT_MIGRATION, SYNTHETIC_USER } from '../../rehearsal/world/app/schema.ts';
import { applyMigration } from '../../rehearsal/world/builder/database.ts';
import { NIGHT, openShop, type SmallShop } from './small-shop.ts';

let shop: SmallShop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${shop.application.url}${path}`, { headers });
const post = (path: string, body: unknown) =>
  fetch(`${shop.application.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const readJson = async (answer: Response): Promise<Record<string, unknown>> => (await answer.json()) as Record<string, unknown>;

describe('health', () => {
  it('says which environment, database, build and migration answer', async () => {
    const answer = await get('/api/health');

    expect(answer.status).toBe(200);
    expect(await readJson(answer)).toEqual({
      status: 'ok',
      environment: 'main',
      database: 'orders-main.abc.eu-west-1.rds.amazonaws.com/orders',
      build: '2026.01.12-1',
      migration: '20251120083000_heartbeat',
    });
  });

  it('knows the newest migration when one is applied under it', async () => {
    const roles = { master: 'postgres', owner: 'orders_owner', application: 'orders_app' };

    await applyMigration(shop.cluster, 'orders', roles, NEXT_MIGRATION, new Date(NIGHT));

    expect((await readJson(await get('/api/health')))['migration']).toBe(NEXT_MIGRATION.version);
    await shop.ask(`DELETE FROM schema_migrations WHERE version = '${NEXT_MIGRATION.version}'`);
  });
});

describe('what people do', () => {
  it('an order is in the database with its lines, at the instant of the timeline', async () => {
    const before = shop.timeline.now();

    const answer = await post('/api/orders', { number: 'mine-1', customer: 2, lines: [{ sku: 'sku-9', quantity: 3 }] });

    expect(answer.status).toBe(201);
    const [row] = await shop.ask<{ customer_id: string; placed_at: Date; sku: string; quantity: number; state: string }>(
      "SELECT * FROM orders JOIN order_lines ON order_id = orders.id WHERE number = 'mine-1'",
    );
    expect(row).toMatchObject({ customer_id: '2', sku: 'sku-9', quantity: 3, state: 'placed' });
    expect((row?.placed_at.getTime() ?? 0) - before).toBeGreaterThanOrEqual(0);
    expect((row?.placed_at.getTime() ?? 0) - before).toBeLessThan(60_000);
  });

  it('an order for nobody is refused and leaves no line behind', async () => {
    const [before] = await shop.ask<{ lines: string }>('SELECT count(*) AS lines FROM order_lines');

    const answer = await post('/api/orders', { number: 'nobody-1', customer: 999 });

    expect(answer.status).toBe(409);
    expect(await shop.ask<{ lines: string }>('SELECT count(*) AS lines FROM order_lines')).toEqual([before]);
  });

  it('a heartbeat with a note is a row that says who wrote it', async () => {
    const answer = await post('/api/heartbeat', { note: 'a note of a run' });

    const said = await readJson(answer);
    expect([answer.status, said['environment'], said['note']]).toEqual([201, 'main', 'a note of a run']);
    const rows = await shop.ask<{ written_at: Date }>(
      "SELECT environment, written_at FROM changeover_heartbeat WHERE note = 'a note of a run'",
    );
    expect(rows.map(({ written_at }) => written_at.toISOString())).toEqual([said['writtenAt']]);
  });

  it('logs in with the password and with no other', async () => {
    const right = await post('/api/auth/login', SYNTHETIC_USER);
    const wrong = await post('/api/auth/login', { ...SYNTHETIC_USER, password: 'another' });

    expect([right.status, wrong.status]).toEqual([200, 401]);
    const { token } = await readJson(right);
    expect(await shop.ask(`SELECT customer_id FROM sessions WHERE token = '${String(token)}'`)).toEqual([{ customer_id: '1' }]);
  });

  it('an upload comes back as it was', async () => {
    const bytes = new Uint8Array([0, 1, 2, 254, 255]);
    const headers = { 'content-type': 'image/png' };

    const taken = await fetch(`${shop.application.url}/api/uploads`, { method: 'POST', headers, body: bytes });
    const { id } = await readJson(taken);
    const given = await get(`/api/uploads/${String(id)}`);

    expect([taken.status, given.headers.get('content-type')]).toEqual([201, 'image/png']);
    expect(new Uint8Array(await given.arrayBuffer())).toEqual(bytes);
  });

  it('the front end carries the address of its API and the asset it names', async () => {
    const page = await (await get('/')).text();
    const asset = /src="([^"]+)"/.exec(page)?.[1] ?? '';

    expect(asset).toMatch(/^\/assets\/app-[0-9a-f]{10}\.js$/);
    expect(await (await get(asset)).text()).toContain('const API_URL = "https://api.orders.test"');
  });

  it.each([
    ['https://app.orders.test', 'https://app.orders.test'],
    ['https://evil.test', null],
  ])('pages of %s may read the API: %s', async (origin, allowed) => {
    const answer = await get('/api/orders', { origin });

    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
  });

  it.each([
    ['{', 1, 400],
    ['{"number":""}', 1, 400],
    ['{"number":"a","surprise":1}', 1, 400],
    ['"x"', 400_000, 413],
  ])('a body of %j, %d times, is answered %d', async (text, times, status) => {
    const answer = await fetch(`${shop.application.url}/api/orders`, { method: 'POST', body: text.repeat(times) });

    expect(answer.status).toBe(status);
  });

  it('an unknown path is 404, and another method 405 with what is allowed', async () => {
    const [unknown, method] = [await get('/api/nothing'), await fetch(`${shop.application.url}/api/orders`, { method: 'PUT' })];

    expect([unknown.status, method.status, method.headers.get('allow')]).toEqual([404, 405, 'GET, POST']);
  });
});

describe('the heartbeat', () => {
  it('is written every ten seconds of the timeline, and a long wait leaves only the last ones', async () => {
    await shop.timeline.passTo(shop.timeline.now() + 3_600_000);

    const rows = await shop.ask<{ written_at: Date }>(
      "SELECT written_at FROM changeover_heartbeat WHERE environment = 'main' AND note IS NULL ORDER BY written_at DESC LIMIT 3",
    );
    const ages = rows.map(({ written_at }) => shop.timeline.now() - written_at.getTime());
    expect(ages).toHaveLength(3);
    expect(Math.max(...ages)).toBeLessThan(60_000);
    expect(Math.round(((ages[2] ?? 0) - (ages[0] ?? 0)) / 1000)).toBe(20);
  });
});

describe('a database that is taken away', () => {
  const sessions = () => shop.ask("SELECT FROM pg_stat_activity WHERE datname = 'orders' AND usename = 'orders_app'", 'postgres');
  const fence = async (): Promise<void> => {
    await shop.ask(
      `REVOKE CONNECT ON DATABASE orders FROM PUBLIC;
       SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'orders' AND usename = 'orders_app'`,
      'postgres',
    );
    while ((await sessions()).length > 0) await new Promise((resolve) => setImmediate(resolve));
  };
  afterEach(async () => {
    await shop.cluster.start();
    await shop.ask('GRANT CONNECT ON DATABASE orders TO PUBLIC', 'postgres');
  });

  it('by a fence is told with 503, writes nothing, and is used again when the fence is lifted', async () => {
    await get('/api/health');
    await fence();
    const ended = await get('/api/health'); // may still meet a connection that was ended
    const during = [await get('/api/health'), await post('/api/orders', { number: 'fenced-1' })];
    await shop.ask('GRANT CONNECT ON DATABASE orders TO PUBLIC', 'postgres');

    const after = await get('/api/health');

    expect([ended, ...during].map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(await readJson(during[0] as Response)).toMatchObject({ reasons: [expect.stringContaining('42501')] });
    expect(after.status).toBe(200);
    expect(await shop.ask("SELECT FROM orders WHERE number = 'fenced-1'")).toEqual([]);
  });

  it('by a rename is told with 503 and found again under its old name', async () => {
    await get('/api/health');
    const rename = async (from: string, to: string): Promise<void> => {
      // The superuser's own session is in every database, and would be in the way.
      await shop.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${from}'`, 'postgres');
      await shop.ask(`ALTER DATABASE ${from} RENAME TO ${to}`, 'postgres');
    };
    await rename('orders', 'orders__previous');
    const during = await get('/api/orders');
    await rename('orders__previous', 'orders');

    const after = await get('/api/orders');

    expect([during.status, during.headers.get('retry-after'), after.status]).toEqual([503, '5', 200]);
  });

  it('by a crash is told with 503, and the application recovers with the server', async () => {
    await shop.cluster.stop('immediate');
    const during = await get('/api/health');
    await shop.cluster.start();

    const after = await get('/api/health');

    expect([during.status, after.status]).toEqual([503, 200]);
  });
});

it('an application that is stopped refuses connections, beats no more, and comes back at its address', async () => {
  await shop.application.stop();
  await get('/api/health').catch(() => undefined); // a connection that was kept alive hears of it first
  const refused = await get('/api/health').catch((error: unknown) => (error as { cause?: { code?: string } }).cause?.code);
  const beats = () => shop.ask('SELECT count(*) AS beats FROM changeover_heartbeat');
  const before = await beats();
  await shop.timeline.passTo(shop.timeline.now() + 600_000);
  const silent = await beats();

  await shop.application.start();

  expect(refused).toBe('ECONNREFUSED');
  expect(silent).toEqual(before);
  expect((await get('/api/health')).status).toBe(200);
});
