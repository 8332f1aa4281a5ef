import { describe, expect, it } from '@jest/globals';
import { judgeOutside, judgeTaken, LATE_SECONDS, patienceFrom, type Sight } from '../../shared/runbooks/outside.ts';
import { estate, estateWith, healthOf, now } from './small-facts.ts';

const error = (name: string, message: RegExp): unknown =>
  expect.objectContaining({ name, message: expect.stringMatching(message) });

describe('the outside', () => {
  const sight = (name: string, change: Partial<Sight> = {}): Sight => ({
    name,
    server: 'ns-1.awsdns.test',
    kind: 'authority',
    silent: false,
    addresses: ['198.51.100.1'],
    answers: [{ address: '198.51.100.1', health: healthOf('spare') }],
    keepsSeconds: {},
    ...change,
  });
  const [app, api] = ['app.orders.test.', 'api.orders.test.'];
  const answered = (health: object): Sight[] => [
    sight(app),
    sight(api, { answers: [{ address: '192.0.2.1', health: healthOf('spare', health) }] }),
  ];
  const old = sight(api, {
    server: '10.0.0.1',
    kind: 'resolver',
    addresses: ['192.0.2.1'],
    answers: [{ address: '192.0.2.1', health: healthOf('main') }],
  });
  const patience = (seconds: number) => patienceFrom(new Date(now.getTime() - seconds * 1000).toISOString(), 60, now);

  it('that reaches the new side everywhere is told with its names', () => {
    const sights = [sight(app), sight(api), sight(api, { server: '1.1.1.1', kind: 'resolver' })];

    expect(judgeOutside(estate, 'spare', sights, patience(0))).toEqual({
      waitSeconds: 0,
      says: 'spare answers under app.orders.test. and api.orders.test., by 2 servers',
    });
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
    const judge = (seconds: number) => judgeOutside(estate, 'spare', sights, patience(seconds));

    expect(judge(0)).toEqual({ waitSeconds: 5, says: expect.stringMatching(message) as unknown });
    expect(judge(60 + LATE_SECONDS - 1)).toMatchObject({ waitSeconds: 1 });
    expect(() => judge(60 + LATE_SECONDS)).toThrow(error('VerifyFailed', message));
  });

  it.each([
    ['until the last one is about to forget', [12, 3], 11],
    ['half a minute at most: somebody may flush it', [3600, 3], 30],
    ['a second at least', [2], 1],
    ['no more than a moment while it forgets', [1], 0.1],
  ])('waits for a resolver %s', (_what, keeps, waitSeconds) => {
    const resolvers = keeps.map((seconds, i) => ({ ...old, server: `10.0.0.${i}`, keepsSeconds: { '192.0.2.1': seconds } }));
    const fine = sight(api, { server: '10.0.0.9', kind: 'resolver', keepsSeconds: { '198.51.100.1': 29 } });

    expect(judgeOutside(estate, 'spare', [sight(app), sight(api), ...resolvers, fine], patience(0))).toMatchObject({
      waitSeconds,
    });
  });

  it('waits for a resolver that remembers one type of address and has forgotten the other', () => {
    const both = { addresses: ['198.51.100.1', '2001:db8::1'] };
    const half = { ...old, addresses: ['192.0.2.1', '2001:db8::1'], keepsSeconds: { '192.0.2.1': 17, '2001:db8::1': 60 } };

    expect(judgeOutside(estate, 'spare', [sight(app), sight(api, both), half], patience(0))).toMatchObject({ waitSeconds: 16 });
  });

  it('does not wait for a resolver that leads to the right address, where somebody answers wrongly', () => {
    const ill = { answers: [{ address: '198.51.100.1', health: healthOf('spare', { status: 502 }) }] };
    const sights = [
      sight(app),
      sight(api, ill),
      sight(api, { ...ill, server: '10.0.0.1', kind: 'resolver', keepsSeconds: { '198.51.100.1': 29 } }),
    ];

    expect(judgeOutside(estate, 'spare', sights, patience(0))).toMatchObject({ waitSeconds: 5 });
  });

  it('waits no longer than there is patience', () => {
    const late = { ...old, keepsSeconds: { '192.0.2.1': 20 } };

    expect(judgeOutside(estate, 'spare', [sight(app), sight(api), late], patience(60 + LATE_SECONDS - 7))).toMatchObject({
      waitSeconds: 7,
    });
  });

  it('excuses a server that stays silent while another of its kind answers, and no more than that', () => {
    const silent = (server: string): Sight => sight(api, { server, silent: true, addresses: [], answers: [] });

    const judge = (...sights: Sight[]) => judgeOutside(estate, 'spare', [sight(app), ...sights], patience(0));

    expect(judge(sight(api), silent('ns-2.awsdns.test')).waitSeconds).toBe(0);
    expect(judge(silent('ns-1.awsdns.test'), silent('ns-2.awsdns.test'))).toMatchObject({
      waitSeconds: 5,
      says: expect.stringMatching(/ns-1\.awsdns\.test: it stayed silent; .*ns-2/) as unknown,
    });
  });

  it('does not ask a name without an API who it is', () => {
    const [first, second] = estate.names;
    const owned = estateWith({ names: [{ ...first, needs: { frontEnd: true, api: false } }, second] });
    const sights = [
      sight(app, { answers: [{ address: '198.51.100.1', health: healthOf('spare', { status: 404, environment: null }) }] }),
      sight(api),
    ];

    expect(judgeOutside(owned, 'spare', sights, patience(0)).says).toMatch(/^spare answers/);
  });

  it('shows the first three troubles and counts the rest', () => {
    const sights = [1, 2, 3, 4, 5].map((n) => sight(app, { server: `10.0.0.${n}`, addresses: [] }));

    expect(judgeOutside(estate, 'spare', [...sights, sight(api)], patience(0)).says).toMatch(
      /10\.0\.0\.3: no address; and 2 more/,
    );
  });
});

describe('a write through the public name', () => {
  const late = { until: now, now };
  const patient = { until: new Date(now.getTime() + 60_000), now };
  const answer = { name: 'app.orders.test', status: 201, environment: 'spare', trouble: null };

  it('is taken by the new side', () => {
    expect(judgeTaken('spare', answer, late)).toEqual({
      waitSeconds: 0,
      says: 'a write through app.orders.test was taken by spare',
    });
  });

  it.each([
    ['the fence answers', { status: 503, environment: null }, /answered 503, expected 201 by spare/],
    ['the old side takes it', { environment: 'main' }, /answered 201 by main, expected/],
    ['nobody answers', { status: null, environment: null, trouble: 'the connection is refused' }, /the connection is refused/],
  ])('is tried again while %s, and failed when it is too late', (_what, change, says) => {
    expect(judgeTaken('spare', { ...answer, ...change }, patient)).toEqual({
      waitSeconds: 5,
      says: expect.stringMatching(says) as unknown,
    });
    expect(() => judgeTaken('spare', { ...answer, ...change }, late)).toThrow(error('VerifyFailed', says));
  });
});
