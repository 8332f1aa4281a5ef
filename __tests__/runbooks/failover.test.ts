import { describe, expect, it } from '@jest/globals';
import { readHealth } from '../../shared/runbooks/facts.ts';
import { judgeFence, judgeOutside, judgeWrite, LATE_SECONDS, patienceFrom, type Sight } from '../../shared/runbooks/failover.ts';
import { readPage } from '../../shared/runbooks/scene.ts';
import { estate, estateWith, healthOf, now } from './small-facts.ts';

const error = (name: string, message: RegExp): unknown =>
  expect.objectContaining({ name, message: expect.stringMatching(message) });

describe('a fence', () => {
  const proof = { openSession: 'terminating connection', newSession: 'permission denied', ended: 3, spared: 0 };

  it('that held says what PostgreSQL said', () => {
    const { says, notes } = judgeFence('main', { ...proof, spared: 1 });

    expect(says).toBe(
      'nobody writes to the database of main: 3 sessions ended, an open session said "terminating connection", a new one "permission denied"',
    );
    expect(notes).toEqual([expect.stringMatching(/^spared on main: 1 superuser's session, /)]);
  });

  it.each([
    [{ openSession: null }, /a session that was open before the fence of the application still wrote/],
    [{ newSession: null }, /a new session of the application still wrote/],
    [{ openSession: null, newSession: null }, /a session that was open before the fence and a new session/],
  ])('through which a write went is none: %j', (hole, message) => {
    expect(() => judgeFence('main', { ...proof, ...hole })).toThrow(error('VerifyFailed', message));
  });
});

describe('the outside', () => {
  const sight = (name: string, change: Partial<Sight> = {}): Sight => ({
    name,
    server: 'ns-1.awsdns.test',
    kind: 'authority',
    silent: false,
    addresses: ['198.51.100.1'],
    answers: [{ address: '198.51.100.1', health: healthOf('spare') }],
    ...change,
  });
  const [app, api] = ['app.orders.test.', 'api.orders.test.'];
  const answered = (health: object): Sight[] => [
    sight(app),
    sight(api, { answers: [{ address: '192.0.2.1', health: healthOf('spare', health) }] }),
  ];
  const patience = (seconds: number) =>
    patienceFrom(new Date(now.getTime() - seconds * 1000).toISOString(), { ttlSeconds: 60 }, now);

  it('that reaches the new side everywhere is told with its names', () => {
    expect(judgeOutside(estate, 'spare', [sight(app), sight(api), sight(api, { server: '1.1.1.1', kind: 'resolver' })])).toBe(
      'spare answers under app.orders.test. and api.orders.test., by 2 servers',
    );
  });

  it.each<[string, Sight[], RegExp]>([
    ['the old side answers', answered({ environment: 'main' }), /192\.0\.2\.1 is answered by main/],
    ['the fence answers', answered({ status: 503, environment: null }), /answered 503/],
    ['nobody answers', answered({ status: null, trouble: 'connection refused' }), /connection refused/],
    ['the certificate is another’s', answered({ trouble: 'certificate covers x, not y' }), /certificate covers x/],
    ['nobody says who answers', answered({ environment: null }), /does not say which environment/],
    [
      'there is no address',
      [sight(app), sight(api, { addresses: [], answers: [] })],
      /api\.orders\.test\. by ns-1\.awsdns\.test: no address/,
    ],
    ['nobody was asked at its addresses', [sight(app), sight(api, { answers: [] })], /nobody was asked/],
    ['a name was asked of nobody', [sight(app)], /api\.orders\.test\. was asked of nobody/],
    [
      'one of two addresses is the old side’s',
      [sight(app), sight(api, { answers: [...sight(api).answers, { address: '192.0.2.9', health: healthOf('main') }] })],
      /192\.0\.2\.9 is answered by main/,
    ],
  ])('is asked again while %s, and failed when it is too late', (_what, sights, message) => {
    const judge = (seconds: number) => () => judgeOutside(estate, 'spare', sights, patience(seconds));

    expect(() => judgeOutside(estate, 'spare', sights)).toThrow(error('NotYet', message));
    expect(judge(0)).toThrow(error('NotYet', message));
    expect(judge(60 + LATE_SECONDS - 1)).toThrow(error('NotYet', message));
    expect(judge(60 + LATE_SECONDS)).toThrow(error('VerifyFailed', message));
  });

  it('excuses a server that stays silent while another of its kind answers, and no more than that', () => {
    const silent = (server: string): Sight => sight(api, { server, silent: true, addresses: [], answers: [] });

    expect(judgeOutside(estate, 'spare', [sight(app), sight(api), silent('ns-2.awsdns.test')])).toMatch(/^spare answers/);
    expect(() => judgeOutside(estate, 'spare', [sight(app), silent('ns-1.awsdns.test'), silent('ns-2.awsdns.test')])).toThrow(
      error('NotYet', /ns-1\.awsdns\.test: it stayed silent; .*ns-2/),
    );
  });

  it('does not ask a name without an API who it is', () => {
    const [first, second] = estate.names;
    const owned = estateWith({ names: [{ ...first, needs: { frontEnd: true, api: false } }, second] });
    const sights = [
      sight(app, { answers: [{ address: '198.51.100.1', health: healthOf('spare', { status: 404, environment: null }) }] }),
      sight(api),
    ];

    expect(judgeOutside(owned, 'spare', sights)).toMatch(/^spare answers/);
  });

  it('shows the first three troubles and counts the rest', () => {
    const sights = [1, 2, 3, 4, 5].map((n) => sight(app, { server: `10.0.0.${n}`, addresses: [] }));

    expect(() => judgeOutside(estate, 'spare', [...sights, sight(api)])).toThrow(
      error('NotYet', /10\.0\.0\.3: no address; and 2 more/),
    );
  });
});

describe('the write through the public name', () => {
  it('is proven by its row', () => {
    expect(judgeWrite('spare', 'n', { environment: 'spare', writtenAt: '2026-01-15T09:12:00.000Z' })).toMatch(
      /is in the database of spare/,
    );
  });

  it.each([
    ['is not there', undefined, /it is not there/],
    ['was written by another', { environment: 'main', writtenAt: '2026-01-15T09:12:00.000Z' }, /main wrote it/],
  ])('that %s fails the verification', (_what, found, message) => {
    expect(() => judgeWrite('spare', 'n', found)).toThrow(error('VerifyFailed', message));
  });
});

describe('an answer', () => {
  const answer = { status: 200, headers: {}, trouble: null };

  it('that says who gave it is read', () => {
    const body = JSON.stringify({
      status: 'ok',
      environment: 'spare',
      database: 'h/orders',
      build: '41',
      migration: '0042',
      extra: 1,
    });

    expect(readHealth({ ...answer, body })).toEqual({
      status: 200,
      environment: 'spare',
      database: 'h/orders',
      build: '41',
      migration: '0042',
      trouble: null,
    });
  });

  it.each(['<html>', '', '[]', '"spare"', 'null', '{"environment":7}'])('%j says nothing of who gave it', (body) => {
    expect(readHealth({ ...answer, body })).toMatchObject({ status: 200, environment: null, database: null });
  });

  it.each([
    [{ 'content-type': 'text/html; charset=utf-8' }, true],
    [{ 'Content-Type': 'text/html' }, true],
    [{ 'content-type': 'application/json' }, false],
    [{}, false],
  ])('with %j is a page: %s', (headers, html) => {
    expect(readPage({ ...answer, headers, body: '' }).html).toBe(html);
  });
});
