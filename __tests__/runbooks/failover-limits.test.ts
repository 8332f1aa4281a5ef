import { describe, expect, it } from '@jest/globals';
import type { Front, Health } from '../../shared/runbooks/facts.ts';
import { covers, owns } from '../../shared/runbooks/door-limits.ts';
import { FAILOVER_LIMITS } from '../../shared/runbooks/failover-limits.ts';
import { judgeLimits, raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import type { FailoverFacts, NameFacts } from '../../shared/runbooks/scene.ts';
import {
  ago,
  aliasTo,
  balancer,
  databaseOf,
  distribution,
  estateWith,
  execution,
  factsWith,
  healthOf,
  listenerWith,
  main,
  nameFacts,
  now,
  planOf,
  spare,
  type World,
} from './small-facts.ts';

const [app, api] = ['app.orders.test.', 'api.orders.test.'];
const both = (change: (name: string, front: Front) => Partial<NameFacts>): NameFacts[] =>
  [[app, main.distribution] as const, [api, main.loadBalancer] as const].map(([name, front]) =>
    nameFacts(name, front, change(name, front)),
  );
const standby = (change: Partial<Health>): Partial<FailoverFacts> => ({
  names: both(() => ({ health: { from: healthOf('main'), to: healthOf('spare', change) } })),
});
const door = (change: Partial<Front>): Partial<FailoverFacts> => ({
  doors: { from: main, to: { loadBalancer: balancer('orders-spare', change) } },
});
const certified = (change: object): Partial<FailoverFacts> =>
  door({
    listeners: [
      listenerWith({
        certificates: [{ arn: 'arn:c', names: ['*.orders.test'], notAfter: ago(-8_640_000), status: 'ISSUED', ...change }],
      }),
    ],
  });
const lease = (change: object): Partial<FailoverFacts> => ({
  lease: { ...(factsWith().lease as object), ...change } as FailoverFacts['lease'],
});
const data = (from: object, to: object = {}): Partial<FailoverFacts> => ({
  databases: { from: databaseOf('main', from), to: databaseOf('spare', to) },
});
const leading = (records: (name: string) => NameFacts['records']): Partial<FailoverFacts> => ({
  names: both((name) => ({ records: records(name) })),
});
const edge: World['estate'] = estateWith({
  environments: {
    ...estateWith().environments,
    spare: { ...estateWith().environments['spare'], web: { loadBalancer: 'orders-spare', distribution: 'E2SPAREORDERS0' } },
  },
});
const edgeWith = (change: Partial<Front>): Partial<FailoverFacts> => ({
  doors: {
    from: main,
    to: {
      ...spare,
      distribution: distribution({
        id: 'E2SPAREORDERS0',
        dnsName: 'd222222abcdef8.cloudfront.net.',
        alternateNames: ['*.orders.test'],
        ...change,
      }),
    },
  },
});

const exceeded = (world: World): string[] =>
  planOf(world)
    .limits.filter(({ verdict }) => verdict === 'exceeded')
    .map(({ name }) => name);
const observed = (world: World, limit: string): string => planOf(world).limits.find(({ name }) => name === limit)?.observed ?? '';

/** One thing wrong, the limits it exceeds, and what is said of it. */
const WRONGS: readonly (readonly [string, World, readonly string[], RegExp])[] = [
  [
    'a standby that is the writer',
    { facts: lease({ writer: 'spare', epoch: 7, since: '2026-01-15T03:12:00.000Z' }) },
    ['already-writer'],
    /^spare is the writer since 03:12 \(epoch 7\)$/,
  ],
  ['a lease that names nobody of the estate', { facts: lease({ writer: 'gone' }) }, ['writer-disagrees'], /the lease names gone/],
  [
    'names that were moved by hand',
    { facts: leading((name) => [aliasTo(name, 'A', spare.loadBalancer)]) },
    ['writer-disagrees'],
    /app\.orders\.test\. leads to spare already/,
  ],
  [
    'a primary that writes into the standby’s database',
    { facts: data({ heartbeats: { main: ago(900) } }, { heartbeats: { main: ago(3), spare: ago(5) } }) },
    ['writer-disagrees'],
    /wrote to the database of spare/,
  ],
  [
    'a standby on the primary’s database',
    { facts: standby({ database: 'orders-main.rds.test/orders' }) },
    ['wrong-database'],
    /spare answers app\.orders\.test\. from the database of main/,
  ],
  [
    'a standby’s door that leads to the primary',
    { facts: standby({ environment: 'main' }) },
    ['wrong-database'],
    /is answered by main/,
  ],
  [
    'two environments on one cluster',
    { facts: data({ identity: 'one' }, { identity: 'one' }) },
    ['wrong-database'],
    /are one database: one/,
  ],
  [
    'two environments on one endpoint',
    { facts: data({}, { endpoint: 'ORDERS-MAIN.rds.test' }) },
    ['wrong-database'],
    /have one endpoint/,
  ],
  [
    'a standby that beats in the primary’s database',
    { facts: data({ heartbeats: { main: ago(5), spare: ago(4) } }, { heartbeats: { main: ago(900) } }) },
    ['wrong-database'],
    /writes its heartbeats into the database of main/,
  ],
  ['a standby that answers 503', { facts: standby({ status: 503 }) }, ['standby-unhealthy'], /answered 503/],
  [
    'a standby that does not answer',
    { facts: standby({ status: null, trouble: 'connection refused' }) },
    ['standby-unhealthy'],
    /no answer: connection refused/,
  ],
  [
    'a standby that does not say who it is',
    { facts: standby({ environment: null }) },
    ['standby-unhealthy'],
    /does not say which environment/,
  ],
  [
    'no healthy target',
    { facts: door({ targets: [{ group: 'web', id: 'i-1', health: 'unhealthy', reason: 'Target.Timeout' }] }) },
    ['standby-unhealthy'],
    /no healthy target: i-1 is unhealthy \(Target\.Timeout\)/,
  ],
  ['no target at all', { facts: door({ targets: [] }) }, ['standby-unhealthy'], /no healthy target$/],
  ['a door that is not active', { facts: door({ active: false }) }, ['standby-unhealthy'], /orders-spare is not active/],
  [
    'a standby’s database that does not answer',
    { facts: data({}, { reachable: false, trouble: 'timeout', heartbeats: {}, identity: null }) },
    ['standby-unhealthy', 'stale-data'],
    /spare does not answer: timeout|unknown/,
  ],
  [
    'data older than the objective',
    { facts: data({}, { heartbeats: { main: ago(32_520), spare: ago(5) } }) },
    ['stale-data'],
    /the data of spare is of 00:10, 9 h 2 m old/,
  ],
  [
    'data of unknown age',
    { facts: data({}, { heartbeats: { spare: ago(5) } }) },
    ['stale-data'],
    /unknown: it carries no heartbeat of main/,
  ],
  ['a migration behind', { facts: data({}, { migration: '0041' }) }, ['migration-differs'], /main has 0042, spare has 0041/],
  ['a standby that was never migrated', { facts: data({}, { migration: null }) }, ['migration-differs'], /spare has none/],
  [
    'somebody else’s rule before all others',
    {
      facts: {
        doors: {
          from: { ...main, loadBalancer: balancer('orders-main', { listeners: [listenerWith({ priorities: [1, 5] })] }) },
          to: spare,
        },
      },
    },
    ['fence-room'],
    /priority 1 on HTTPS:443 of main/,
  ],
  [
    'a load balancer that does not exist',
    { facts: { doors: { from: main, to: { loadBalancer: null } } } },
    ['standby-unhealthy', 'door-missing'],
    /there is no load balancer orders-spare|which does not exist/,
  ],
  [
    'a record that leads to neither side',
    { facts: leading((name) => [aliasTo(name, 'A', balancer('maintenance'))]) },
    ['unknown-record-target'],
    /app\.orders\.test\. A leads to maintenance/,
  ],
  ['a name without records', { facts: leading(() => []) }, ['unknown-record-target'], /has no record that leads anywhere/],
  [
    'an AAAA record that is not ours',
    {
      estate: estateWith({
        names: [{ name: app, zone: 'Z0ORDERSTEST0001', types: ['A'], needs: { frontEnd: true, api: true } }],
      }),
    },
    ['a-and-aaaa-disagree'],
    /^app\.orders\.test\. AAAA/,
  ],
  [
    'a wrong alias zone',
    {
      facts: leading((name) => [
        aliasTo(name, 'A', { ...(name === app ? main.distribution : main.loadBalancer), zoneId: 'Z3WRONG' }),
      ]),
    },
    ['wrong-alias-zone'],
    /zone id Z3WRONG/,
  ],
  [
    'a distribution with a load balancer’s zone id',
    { estate: edge, facts: edgeWith({ zoneId: 'Z32O12XQLNTSW2' }) },
    ['wrong-alias-zone'],
    /no distribution's/,
  ],
  [
    'a target with HTTP only',
    { facts: door({ listeners: [listenerWith({ protocol: 'HTTP', port: 80, certificates: [] })] }) },
    ['https-missing'],
    /serves app\.orders\.test\. by HTTP only/,
  ],
  [
    'a certificate for other names',
    { facts: certified({ names: ['*.test', 'orders.test', 'x.app.orders.test'] }) },
    ['certificate'],
    /does not cover it/,
  ],
  ['a certificate that has ended', { facts: certified({ notAfter: ago(60) }) }, ['certificate'], /ended 09:11/],
  [
    'a certificate that ends within a day',
    { facts: certified({ notAfter: ago(-80_000) }) },
    ['certificate'],
    /ends within a day/,
  ],
  [
    'a certificate that is not issued',
    { facts: certified({ status: 'PENDING_VALIDATION' }) },
    ['certificate'],
    /is PENDING_VALIDATION/,
  ],
  [
    'a listener without a certificate',
    { facts: door({ listeners: [listenerWith({ certificates: [] })] }) },
    ['certificate'],
    /it has no certificate/,
  ],
  [
    'a distribution that does not own the name',
    { estate: edge, facts: edgeWith({ alternateNames: ['www.orders.test'] }) },
    ['alternate-name'],
    /does not own app\.orders\.test\.: it has www\.orders\.test/,
  ],
  [
    'a target without the front end',
    { facts: { names: both((name) => ({ page: name === app ? { status: 404, html: true, trouble: null } : null })) } },
    ['front-end-missing'],
    /answered 404/,
  ],
  [
    'a front end that is JSON',
    { facts: { names: both((name) => ({ page: name === app ? { status: 200, html: false, trouble: null } : null })) } },
    ['front-end-missing'],
    /no page/,
  ],
  [
    'a front end that does not answer',
    { facts: { names: both((name) => ({ page: name === app ? { status: null, html: false, trouble: 'reset' } : null })) } },
    ['front-end-missing'],
    /no answer: reset/,
  ],
];

const FIRM = FAILOVER_LIMITS.filter(({ firm }) => firm !== null).map(({ name }) => name);
const refused = (world: World) => () => raiseIfExceeded(planOf(world));
const refusal = (message: RegExp): unknown =>
  expect.objectContaining({ name: 'PlanRefused', message: expect.stringMatching(message) });

describe('a world in which all is well', () => {
  it('keeps every limit, and each says why', () => {
    const plan = planOf();

    expect(plan.limits.map(({ verdict }) => verdict)).toEqual(FAILOVER_LIMITS.map(() => 'kept'));
    expect(plan.limits.every((limit) => [limit.observed, limit.expected, limit.wayOut].every((words) => words.length > 0))).toBe(
      true,
    );
    expect(() => raiseIfExceeded(plan)).not.toThrow();
  });

  it.each<[string, World]>([
    ['a distribution on the other side as well', { estate: edge, facts: edgeWith({}) }],
    [
      'a primary that does not answer',
      { facts: data({ reachable: false, trouble: 'timeout', heartbeats: {}, identity: null, endpoint: null, migration: null }) },
    ],
    [
      'a certificate that covers beside one that does not',
      {
        facts: door({
          listeners: [
            listenerWith({
              certificates: [{ arn: 'a', names: ['x.test'], notAfter: null, status: 'EXPIRED' }, ...listenerWith().certificates],
            }),
          ],
        }),
      },
    ],
    ['data exactly as old as the objective', { facts: data({}, { heartbeats: { main: ago(21_600), spare: ago(5) } }) }],
    [
      'a fence of an earlier run',
      {
        facts: {
          doors: {
            from: {
              ...main,
              loadBalancer: balancer('orders-main', { listeners: [listenerWith({ priorities: [1], fencedBy: 'night-6' })] }),
            },
            to: spare,
          },
        },
      },
    ],
    ['a standby that beats in both databases', { facts: data({ heartbeats: { main: ago(5), spare: ago(5) } }) }],
    [
      'names that a resumed run has moved',
      { request: { resume: execution('night-6') }, facts: leading((name) => [aliasTo(name, 'A', spare.loadBalancer)]) },
    ],
    [
      'a writer that a resumed run has declared',
      { request: { resume: execution('night-6') }, facts: lease({ writer: 'spare', epoch: 7 }) },
    ],
  ])('may have %s', (_what, world) => {
    expect(exceeded(world)).toEqual([]);
  });
});

describe('a plan', () => {
  it.each(WRONGS)('is refused for %s', (_what, world, limits, message) => {
    const names = exceeded(world);

    expect(names).toEqual(limits);
    expect(names.map((name) => observed(world, name)).every((words) => message.test(words))).toBe(true);
    expect(refused(world)).toThrow(refusal(/^refused: /));
  });

  it.each(WRONGS)('for %s goes on only with the limits lifted that can be, each by its name', (_what, world, limits) => {
    const free = limits.filter((name) => !FIRM.includes(name));
    const lifted: World = { ...world, request: { ...world.request, override: free } };

    const { limits: judged } = planOf(lifted);

    const verdicts = judged.filter(({ verdict }) => verdict !== 'kept').map(({ name, verdict }) => [name, verdict]);
    expect(verdicts).toEqual(limits.map((name) => [name, FIRM.includes(name) ? 'exceeded' : 'overridden']));
  });

  it('holds to a firm limit even where a run lifts it', () => {
    const firm = {
      name: 'door-missing',
      firm: 'nowhere',
      judge: () => ({ breaches: ['x'], otherwise: '', expected: '', wayOut: '' }),
    };

    expect(judgeLimits([firm], {}, ['door-missing'])).toEqual([expect.objectContaining({ verdict: 'exceeded' })]);
  });

  it('says all that is exceeded at once, with the way out and the override by its name', () => {
    const world: World = {
      facts: { ...standby({ status: 503 }), ...data({}, { heartbeats: { main: ago(32_520), spare: ago(5) } }) },
    };

    expect(refused(world)).toThrow(
      refusal(
        /answered 503.*"override": \["standby-unhealthy"\].*; and .*9 h 2 m old.*at most 6 h old.*"override": \["stale-data"\]/,
      ),
    );
  });

  it('sends nobody to make a copy that the estate forbids', () => {
    const estate = estateWith({ copies: [{ from: 'main', to: 'spare', class: 'forbid' }] });

    expect(refused({ estate, facts: data({}, { heartbeats: { spare: ago(5) } }) })).toThrow(
      refusal(/; copy main to spare first, which estate\.yml does not allow as it is \(class forbid\), or start with/),
    );
  });

  it('says of a firm limit why nobody can lift it', () => {
    expect(refused({ facts: lease({ writer: 'spare', epoch: 7, since: '2026-01-15T03:12:00.000Z' }) })).toThrow(
      refusal(/^refused: spare is the writer since 03:12 \(epoch 7\) .*it cannot be overridden: there is nothing to move/),
    );
  });

  it('is refused for the primary of an estate that never failed over', () => {
    const world: World = { request: { to: 'main' }, facts: { lease: undefined } };

    expect(observed(world, 'already-writer')).toBe('main is the writer (epoch 1)');
    expect(exceeded(world)).toContain('already-writer');
  });

  it('notes an override that was not needed', () => {
    const plan = planOf({ request: { override: ['stale-data'] } });

    expect(plan.limits.every(({ verdict }) => verdict === 'kept')).toBe(true);
    expect(plan.facts).toContainEqual(
      expect.objectContaining({ name: 'an override', value: expect.stringContaining('stale-data') }),
    );
  });

  it('lifts nothing where it matters who writes, or where nobody would be served', () => {
    const firm = [
      'already-writer',
      'writer-disagrees',
      'wrong-database',
      'door-missing',
      'unknown-record-target',
      'alternate-name',
    ];

    expect(FIRM).toEqual(firm);
  });
});

describe('a certificate', () => {
  it.each([
    ['app.orders.test', 'app.orders.test.', true],
    ['APP.Orders.test', 'app.orders.test.', true],
    ['*.orders.test', 'app.orders.test.', true],
    ['*.orders.test', 'orders.test.', false],
    ['*.orders.test', 'a.app.orders.test.', false],
    ['*.amygdalas.com', 'staging.api.amygdalas.com.', false],
    ['a*.orders.test', 'app.orders.test.', false],
    ['app.*.test', 'app.orders.test.', false],
    ['*', 'test.', false],
    ['orders.test', 'app.orders.test.', false],
  ])('for %s covers %s: %s', (pattern, name, covered) => {
    expect(covers(pattern, name)).toBe(covered);
  });
});

describe('a distribution', () => {
  it.each([
    ['app.orders.test', 'app.orders.test.', true],
    ['*.orders.test', 'app.orders.test.', true],
    ['*.orders.test', 'a.app.orders.test.', true],
    ['*.orders.test', 'orders.test.', false],
    ['*.orders.test', 'apporders.test.', false],
    ['www.orders.test', 'app.orders.test.', false],
  ])('with the alternate name %s owns %s: %s', (alternate, name, owned) => {
    expect(owns(alternate, name)).toBe(owned);
  });
});

describe('the instant of a plan', () => {
  it('is what ages are counted from', () => {
    const later = new Date(now.getTime() + 36_000_000);

    expect(exceeded({ now: later })).toContain('stale-data');
  });
});

describe('heartbeats that could not be read in time', () => {
  const late = { trouble: 'no answer in time about changeover_heartbeat', heartbeats: {} };

  it('of the old side accuse nobody of writing elsewhere', () => {
    const exceeded = planOf({ facts: data(late) }).limits.filter(({ verdict }) => verdict === 'exceeded');

    expect(exceeded).toEqual([]);
  });

  it('of the standby are told as such, and not as data that carries none', () => {
    const age = planOf({ facts: data({}, late) }).limits.find(({ name }) => name === 'stale-data');

    expect(age).toMatchObject({ verdict: 'exceeded', observed: expect.stringContaining('no answer in time') });
  });
});

describe('a heartbeat from the future', () => {
  it.each([
    ['within the skew of two clocks is as good as any', -60, 'kept', /0 s old$/],
    [
      'beyond that says nothing of how old data is',
      -7200,
      'exceeded',
      /unknown: its newest heartbeat of main is of 11:12, 2 h ahead of our clock/,
    ],
  ])('%s', (_what, seconds, verdict, words) => {
    const plan = planOf({ facts: data({}, { heartbeats: { main: ago(seconds), spare: ago(5) } }) });

    expect(plan.limits).toContainEqual(
      expect.objectContaining({ name: 'stale-data', verdict, observed: expect.stringMatching(words) }),
    );
  });

  it('shows nobody writing in the wrong database, and is told', () => {
    const facts = data(
      { heartbeats: { main: ago(5), spare: ago(-7200) } },
      { heartbeats: { main: ago(11_640), spare: ago(900) } },
    );

    const plan = planOf({ facts });

    expect(exceeded({ facts })).toEqual([]);
    expect(plan.facts).toContainEqual(
      expect.objectContaining({ name: 'the database of main heard of', value: 'main 5 s ago, spare 2 h ahead of our clock' }),
    );
  });

  it('does not stand for one that is fresh', () => {
    const facts = data({ heartbeats: { main: ago(5), spare: ago(5) } }, { heartbeats: { main: ago(11_640), spare: ago(-7200) } });

    expect(exceeded({ facts })).toEqual(['wrong-database']);
  });
});

describe('a limit that nobody could be asked about', () => {
  const silent = { reachable: false, trouble: 'timeout', heartbeats: {}, identity: null, migration: null };
  const late = { trouble: 'no answer in time about schema_migrations', migration: null };
  it.each<[string, Partial<FailoverFacts>, string, RegExp]>([
    ['the old side is silent', data(silent), 'migration-differs', /^not judged: main could not be asked$/],
    ['both sides are', data(silent, silent), 'migration-differs', /^not judged: main and spare could not be asked$/],
    ['a migration could not be read in time', data({}, late), 'migration-differs', /^not judged: spare could not be asked$/],
    [
      'there is no load balancer to fence',
      { doors: { from: { loadBalancer: null }, to: spare } },
      'fence-room',
      /^not judged: main has no/,
    ],
    ['there is no door', { doors: { from: main, to: { loadBalancer: null } } }, 'certificate', /^not judged: there is no door/],
  ])('is told as not judged where %s', (_why, facts, name, words) => {
    const limit = planOf({ facts }).limits.find((one) => one.name === name);

    expect(limit).toMatchObject({ verdict: 'kept', unjudged: true, observed: expect.stringMatching(words) });
  });

  it('is not called kept where its override was asked for', () => {
    const { facts } = planOf({ request: { override: ['migration-differs'] }, facts: data(silent) });

    expect(facts.filter(({ name }) => name === 'an override')).toEqual([]);
  });

  it.each<[string, Partial<FailoverFacts>, string, RegExp]>([
    [
      'the data of a silent side',
      data(silent),
      'writer-disagrees',
      /^main by the lease and by the names; the data of main could not be asked$/,
    ],
    ['a health that names no database', standby({ database: null }), 'wrong-database', /its health does not say which one/],
  ])('in part says so: %s', (_what, facts, name, words) => {
    expect(observed({ facts }, name)).toMatch(words);
  });
});
