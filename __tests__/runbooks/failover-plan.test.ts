import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MoveDetail } from '../../shared/runbooks/move.ts';
import { summariseFailover } from '../../shared/runbooks/failover-plan.ts';
import type { Front } from '../../shared/runbooks/facts.ts';
import { Plan } from '../../shared/runbooks/plan.ts';
import { canonical, hashInput } from '../../shared/runbooks/plan-hash.ts';
import type { FailoverFacts } from '../../shared/runbooks/scene.ts';
import {
  ago,
  aliasTo,
  balancer,
  databaseOf,
  estateWith,
  execution,
  healthOf,
  listenerWith,
  main,
  nameFacts,
  now,
  planOf,
  spare,
  type World,
} from './small-facts.ts';

const plainHttp = listenerWith({ protocol: 'HTTP', port: 80, certificates: [] });
const dead = databaseOf('main', {
  reachable: false,
  trouble: 'connection refused',
  heartbeats: {},
  identity: null,
  since: [],
  connect: [],
});
/** As PostgreSQL is read behind its own fence: outside the database the cluster tells who it is, and that nobody may connect. */
const fencedDatabase = databaseOf('main', {
  reachable: false,
  trouble: 'nobody may connect to orders: it is fenced',
  heartbeats: {},
  migration: null,
  since: [],
  connect: [],
});
const detailOf = (world: World = {}): MoveDetail => MoveDetail.parse(planOf(world).detail);
const listeners = (...listed: Front['listeners'][number][]): Partial<FailoverFacts> => ({
  doors: { from: { ...main, loadBalancer: balancer('orders-main', { listeners: listed }) }, to: spare },
});
const unwell: Partial<FailoverFacts> = {
  names: [
    nameFacts('app.orders.test.', main.distribution, {
      health: { from: healthOf('main', { status: 502 }), to: healthOf('spare') },
    }),
    nameFacts('api.orders.test.', main.loadBalancer, { health: { from: null, to: healthOf('spare') } }),
  ],
};

describe('a failover’s plan', () => {
  it('is one the ledger takes, with its changes in their order', () => {
    const plan = planOf();

    expect(Plan.parse({ ...plan, id: 'night-7/1', hash: 'x' })).toMatchObject({
      epoch: 6,
      title: 'Failover of orders from main to spare',
    });
    expect(plan.changes.map(({ act, target }) => `${act}: ${target}`)).toEqual([
      'FenceWeb: arn:balancer/orders-main',
      'FenceDatabase: orders-main',
      'GapSequences: the sequences of spare',
      'SwapNames: app.orders.test. A',
      'SwapNames: app.orders.test. AAAA',
      'SwapNames: api.orders.test. A',
      'SwapNames: api.orders.test. AAAA',
      'DeclareWriter: lease/orders.json',
    ]);
    expect(plan.changes.at(-1)).toMatchObject({ before: 'main, epoch 6', after: 'spare, epoch 7' });
    expect(plan.changes[3]).toMatchObject({
      before: 'd111111abcdef8.cloudfront.net. (alias in Z2FDTNDATAQYW2)',
      after: 'orders-spare-1.eu-west-1.elb.amazonaws.com. (alias in Z32O12XQLNTSW2)',
    });
  });

  it('moves all names of a zone in one batch, with the whole record sets kept', () => {
    const { zones } = detailOf();

    expect(zones).toHaveLength(1);
    expect(zones[0]?.changes).toHaveLength(4);
    expect(zones[0]?.before).toHaveLength(6);
  });

  it('moves names of two zones in a batch each', () => {
    const [app, api] = estateWith().names;
    const { zones } = detailOf({ estate: estateWith({ names: [app, { ...api, zone: 'Z0ORDERSTEST0002' }] }) });

    expect(zones.map(({ zone, changes }) => [zone, changes.length])).toEqual([
      ['Z0ORDERSTEST0001', 2],
      ['Z0ORDERSTEST0002', 2],
    ]);
  });

  it('fences what it can reach and gives CONNECT back to exactly those who had it', () => {
    const { fence, invert } = detailOf();

    expect(fence).toEqual({
      web: { listeners: ['arn:listener/orders-main/https'], skipped: null },
      database: { connect: ['orders_app', 'public'], skipped: null },
    });
    expect(invert).toBe('yes');
  });

  it('leaves a database out that does not answer, and says so', () => {
    const plan = planOf({ facts: { databases: { from: dead, to: databaseOf('spare') } } });

    expect(plan.changes.map(({ act }) => act)).not.toContain('FenceDatabase');
    expect(plan.skipped).toEqual([{ act: 'FenceDatabase', why: 'the database of main cannot be reached: connection refused' }]);
  });

  it('goes on where the old side’s database is full: without its fence, by its last rates, and it says both', () => {
    const full = { ...dead, trouble: '53300: sorry, too many clients already' };

    const plan = planOf({ facts: { databases: { from: full, to: databaseOf('spare') } } });

    expect(plan.limits.filter(({ verdict }) => verdict === 'exceeded')).toEqual([]);
    expect(plan.skipped).toEqual([{ act: 'FenceDatabase', why: `the database of main cannot be reached: ${full.trouble}` }]);
    expect(plan.loss).toMatchObject({ how: 'estimated' });
    expect(plan.facts).toContainEqual(expect.objectContaining({ value: `does not answer: ${full.trouble}` }));
  });

  it('tells which tables of a database there was no time for', () => {
    const from = databaseOf('main', { trouble: 'no time was left to read orders' });

    expect(planOf({ facts: { databases: { from, to: databaseOf('spare') } } }).facts).toContainEqual(
      expect.objectContaining({ name: 'the database of main was not read whole', value: 'no time was left to read orders' }),
    );
  });

  it('leads nobody back to a side that did not serve', () => {
    expect(detailOf({ facts: unwell }).invert).toEqual({ no: expect.stringContaining('main did not serve') });
  });

  it('takes a fence for no sign of death: its database tells', () => {
    const fenced = listeners(listenerWith({ priorities: [1], fencedBy: 'night-6' }));

    expect(detailOf({ facts: { ...unwell, ...fenced } }).invert).toBe('yes');
    expect(detailOf({ facts: { ...unwell, ...fenced, databases: { from: dead, to: databaseOf('spare') } } }).invert).not.toBe(
      'yes',
    );
  });

  it.each<[string, World, RegExp]>([
    [
      'there is no load balancer',
      { facts: { doors: { from: { loadBalancer: null }, to: spare } } },
      /has no load balancer orders-main/,
    ],
    ['it has no listener', { facts: listeners() }, /has no listener/],
    [
      'somebody fenced it',
      { facts: listeners(listenerWith({ priorities: [1], fencedBy: 'night-6' })) },
      /answers 503 already, by the fence of night-6/,
    ],
    [
      'there is no room, and the request lives with it',
      { request: { override: ['fence-room'] }, facts: listeners(listenerWith({ priorities: [1] })) },
      /no room/,
    ],
  ])('leaves the load balancer out where %s', (_why, world, why) => {
    const { skipped } = planOf(world);

    expect(skipped).toContainEqual({ act: 'FenceWeb', why: expect.stringMatching(why) });
  });

  it('fences the listeners that have room where the request lives without the others', () => {
    const facts = listeners(listenerWith({ arn: 'arn:1', priorities: [1] }), listenerWith({ arn: 'arn:2' }));

    expect(detailOf({ request: { override: ['fence-room'] }, facts }).fence.web).toEqual({ listeners: ['arn:2'], skipped: null });
  });

  it('goes on with a run whose fences stand: they are held to again, so that their proof is made', () => {
    const facts = {
      ...listeners(listenerWith({ arn: 'arn:1', priorities: [1], fencedBy: 'night-6' })),
      databases: { from: fencedDatabase, to: databaseOf('spare') },
    };

    const { fence, invert } = detailOf({ request: { resume: execution('night-6') }, facts });

    expect(fence).toEqual({ web: { listeners: ['arn:1'], skipped: null }, database: { connect: [], skipped: null } });
    expect(invert).toBe('yes');
  });

  it('fences a database that somebody has fenced: whoever did may have died before its sessions ended', () => {
    const { fence } = detailOf({ facts: { databases: { from: fencedDatabase, to: databaseOf('spare') } } });

    expect(fence.database).toEqual({ connect: [], skipped: null });
  });

  it('says where nothing is left to swap', () => {
    const names = ['app.orders.test.', 'api.orders.test.'].map((name) => nameFacts(name, spare.loadBalancer));

    const plan = planOf({ request: { resume: execution('night-6') }, facts: { names } });

    expect(plan.skipped).toEqual([{ act: 'SwapNames', why: 'every name leads there already' }]);
    expect(detailOf({ request: { resume: execution('night-6') }, facts: { names } }).zones).toEqual([]);
  });

  it('says which records stay where they lead, where the request lives with that', () => {
    const names = [
      nameFacts('app.orders.test.', main.distribution, {
        records: [aliasTo('app.orders.test.', 'A', spare.loadBalancer), aliasTo('app.orders.test.', 'AAAA', main.distribution)],
      }),
    ];
    const owned = estateWith({ names: [{ ...estateWith().names[0], types: ['A'] }] });

    const { skipped, limits } = planOf({
      estate: owned,
      request: { override: ['a-and-aaaa-disagree'], resume: execution('night-6') },
      facts: { names },
    });

    expect(limits.filter(({ verdict }) => verdict === 'exceeded')).toEqual([]);
    expect(skipped).toEqual([
      {
        act: 'SwapNames',
        why: expect.stringMatching(/no record of ours to move: app\.orders\.test\. AAAA is not ours to move and/),
      },
    ]);
  });

  it.each<[string, string[], Partial<Front>, string]>([
    ['by HTTPS as a rule', [], {}, 'https'],
    [
      'without, where there is no other way and the request lives with that',
      ['https-missing'],
      { listeners: [plainHttp] },
      'http',
    ],
    ['by HTTPS all the same where the door has it', ['https-missing'], {}, 'https'],
    ['under any certificate where the request lives with that', ['certificate'], {}, 'any certificate'],
  ])('has the names asked %s', (_what, override, change, asking) => {
    const { detail } = planOf({
      request: { override },
      facts: { doors: { from: main, to: { loadBalancer: balancer('orders-spare', change) } } },
    });

    expect(Object.values(MoveDetail.parse(detail).asked)).toEqual([asking, asking]);
  });

  it('predicts less where there is less to do', () => {
    const whole = planOf().predictedSeconds;
    const part = planOf({ facts: { databases: { from: dead, to: databaseOf('spare') } } }).predictedSeconds;

    expect(part).toBeLessThan(whole);
    expect(whole).toBeLessThan(estateWith().objectives.rtoSeconds);
  });

  it('costs under a cent', () => {
    expect(planOf().costUsd).toBeGreaterThan(0);
    expect(planOf().costUsd).toBeLessThan(0.01);
  });

  it('is told in a line, with what is overridden in capitals', () => {
    const world: World = {
      request: { override: ['stale-data'] },
      facts: {
        databases: { from: databaseOf('main'), to: databaseOf('spare', { heartbeats: { main: ago(32_520), spare: ago(5) } }) },
        copy: null,
      },
    };

    expect(summariseFailover(planOf())).toBe(
      'Failover of orders from main to spare: 8 changes, about 147 s, loss under 100 rows, under 100 uploads',
    );
    expect(summariseFailover(planOf(world))).toMatch(/loss unknown; OVERRIDES STALE-DATA$/);
  });

  it('shows where each fact is from and when it was read', () => {
    const { facts } = planOf();

    expect(facts.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'the writer',
        'app.orders.test. leads to',
        'api.orders.test. through spare',
        'the database of main is',
        'the last copy',
      ]),
    );
    expect(facts.every(({ source, readAt }) => source !== '' && !Number.isNaN(Date.parse(readAt)))).toBe(true);
  });
});

describe('the hash of a plan', () => {
  const input = (world: World = {}): string => hashInput(planOf(world));
  const databases = (from: object, to: object = {}): Partial<FailoverFacts> => ({
    databases: { from: databaseOf('main', from), to: databaseOf('spare', to) },
  });

  it.each<[string, World]>([
    ['time passes', { now: new Date(now.getTime() + 240_000) }],
    ['a few rows are written', { facts: databases({ since: [{ table: 'orders', rows: 29, by: 'key' }] }) }],
    ['heartbeats go on', { facts: databases({ heartbeats: { main: ago(1) } }) }],
    ['facts are read again', { facts: { readAt: now.toISOString(), dataReadAt: now.toISOString() } }],
    [
      'a build is deployed',
      {
        facts: {
          names:
            unwell.names?.map((one) => ({
              ...one,
              health: { from: healthOf('main', { build: '42' }), to: healthOf('spare') },
            })) ?? [],
        },
      },
    ],
  ])('outlives that %s', (_what, world) => {
    expect(input(world)).toBe(input());
  });

  it.each<[string, World]>([
    [
      'a record is moved',
      { facts: { names: [nameFacts('app.orders.test.', main.loadBalancer), nameFacts('api.orders.test.', main.loadBalancer)] } },
    ],
    [
      'a record appears',
      {
        facts: {
          names: [
            nameFacts('app.orders.test.', main.distribution, { records: [aliasTo('app.orders.test.', 'A', main.distribution)] }),
            nameFacts('api.orders.test.', main.loadBalancer),
          ],
        },
      },
    ],
    ['a limit is exceeded', { facts: databases({}, { migration: '0041' }) }],
    ['the old side stops answering', { facts: { databases: { from: dead, to: databaseOf('spare') } } }],
    ['the loss grows by a magnitude', { facts: databases({ since: [{ table: 'orders', rows: 300, by: 'key' }] }) }],
    ['the loss is unknown', { facts: { copy: null } }],
    [
      'the writer changes',
      { facts: { lease: { app: 'orders', writer: 'main', epoch: 8, fencing: 1, since: ago(9), holder: null } } },
    ],
    ['somebody else may connect', { facts: databases({ connect: ['public', 'orders_app', 'auditor'] }) }],
    ['a listener is added', { facts: listeners(listenerWith(), listenerWith({ arn: 'arn:2', protocol: 'HTTP', port: 80 })) }],
  ])('is void when %s', (_what, world) => {
    expect(input(world)).not.toBe(input());
  });

  it('is of one text for one value, whatever the order of its keys', () => {
    const shuffled = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shuffled)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, item]) => [key, shuffled(item)]),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonical(shuffled(value))).toBe(canonical(value));
        expect(canonical(JSON.parse(canonical(value)))).toBe(canonical(value));
      }),
    );
  });

  it('tells values apart', () => {
    expect(canonical({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
  });
});
