import { describe, expect, it } from '@jest/globals';
import { draftEstate } from '../../commands/drafting/draft.ts';
import type { Choice } from '../../commands/drafting/grouping.ts';
import { openIn, plainOf, type Sheet } from '../../commands/drafting/sheet.ts';
import type { Account } from '../../shared/cloud/account.ts';
import { dotted } from '../../shared/estate-rules/mistake.ts';
import { account, balancer, bucket, distribution, hostOf, instance, ordinary, record, zone } from './accounts.ts';

interface Plain {
  readonly app: string;
  readonly strategy: string | null;
  readonly environments: Record<
    string,
    {
      readonly role: string | null;
      readonly database: { readonly instance: string | null; readonly name: string | null };
      readonly web: { readonly loadBalancer: string | null; readonly distribution?: string | null };
      readonly buckets: { readonly uploads: string | null };
      readonly network: { readonly subnets: string[] | null };
    }
  >;
  readonly names: { name: string | null; zone: string | null; types: string[] | null; via?: Record<string, string> }[];
}

/** The draft as a reader of the file would have it. */
function drafted(from: Account, choice: Choice = {}) {
  const { sheet, leftOut } = draftEstate(from, choice);
  return { ...(plainOf(sheet) as Plain), leftOut, sheet };
}
/** Why a field is open. */
const hintAt = (sheet: Sheet, path: string): string | undefined =>
  openIn(sheet).find((each) => dotted(each.path) === path)?.open.hint;
const rolesOf = ({ environments }: Pick<Plain, 'environments'>) =>
  Object.fromEntries(Object.entries(environments).map(([name, { role }]) => [name, role]));

describe('environments', () => {
  it('are told apart by what differs in the names of their things', () => {
    const { app, environments } = drafted(
      account({
        instances: [instance('khorium-webdev-db'), instance('khorium-staging-db')],
        loadBalancers: [balancer('khorium-webdev-alb'), balancer('khorium-staging-alb'), balancer('wiki-main')],
        buckets: [bucket('khorium-webdev-uploads-eu-west-1'), bucket('staging.khorium.media'), bucket('wiki-uploads')],
      }),
    );

    expect(app).toBe('khorium');
    expect(environments).toMatchObject({
      webdev: {
        database: { instance: 'khorium-webdev-db' },
        web: { loadBalancer: 'khorium-webdev-alb' },
        buckets: { uploads: 'khorium-webdev-uploads-eu-west-1' },
      },
      staging: { web: { loadBalancer: 'khorium-staging-alb' }, buckets: { uploads: 'staging.khorium.media' } },
    });
  });

  it('are told apart by tags before names, however the key is written', () => {
    const { environments } = drafted(
      account({
        instances: [
          instance('orders-a', { tags: { Env: 'Production' } }),
          instance('orders-b', { tags: { ENVIRONMENT: 'spare' } }),
        ],
        // Its name says the one, its tag the other.
        loadBalancers: [
          balancer('orders-a', { tags: { environment: 'spare' } }),
          balancer('orders-x', { tags: { stage: 'production' } }),
        ],
      }),
    );

    expect(environments).toMatchObject({
      production: { database: { instance: 'orders-a' }, web: { loadBalancer: 'orders-x' } },
      spare: { database: { instance: 'orders-b' }, web: { loadBalancer: 'orders-a' } },
    });
  });

  it('have a thing without a tag that is called as their tagged database is', () => {
    const { environments } = drafted(
      account({
        instances: [
          instance('orders-a', { tags: { environment: 'live' } }),
          instance('orders-b', { tags: { environment: 'dr' } }),
        ],
        loadBalancers: [balancer('orders-a'), balancer('orders-b')],
      }),
    );

    expect(environments).toMatchObject({
      live: { web: { loadBalancer: 'orders-a' } },
      dr: { web: { loadBalancer: 'orders-b' } },
    });
  });

  it('may be one alone, whose things need no word for it', () => {
    const { app, environments, strategy } = drafted(
      account({
        instances: [instance('orders-db', { multiAz: true })],
        loadBalancers: [balancer('orders-alb')],
        buckets: [bucket('orders-uploads'), bucket('orders-logs')],
      }),
    );

    expect({ app, strategy }).toEqual({ app: 'orders', strategy: 'multi-az' });
    expect(environments).toMatchObject({
      main: { role: 'primary', web: { loadBalancer: 'orders-alb' }, buckets: { uploads: 'orders-uploads' } },
    });
  });

  it('keep apart two labels that come out as one name', () => {
    const { environments } = drafted(account({ instances: [instance('orders'), instance('orders-main')] }));

    expect(Object.keys(environments)).toEqual(['main', 'main-2']);
  });

  it('leave open which of two databases is theirs, and what only it would tell', () => {
    const both = ordinary({ instances: [instance('orders-main-1'), instance('orders-main-2'), instance('orders-spare')] });

    const { environments, sheet } = drafted(both);

    expect(environments['main']).toMatchObject({ database: { instance: null, name: null }, network: { subnets: null } });
    expect(hintAt(sheet, 'environments.main.database.instance')).toBe('found orders-main-1, orders-main-2');
  });

  it('do not take a replica for the database that it replicates', () => {
    const replica = instance('orders-main-replica', { replicaOf: 'orders-main' });

    const { environments } = drafted(ordinary({ instances: [instance('orders-main'), replica, instance('orders-spare')] }));

    expect(environments['main']?.database.instance).toBe('orders-main');
    expect(Object.keys(environments)).toEqual(['main', 'spare']);
  });

  it('leave out members of clusters, other engines and what is being deleted, and say so', () => {
    const { environments, leftOut } = drafted(
      ordinary({
        instances: [
          ...ordinary().instances,
          instance('orders-aurora-1', { engine: 'aurora-postgresql', cluster: 'orders-aurora' }),
          instance('orders-legacy', { engine: 'mysql' }),
          instance('orders-old', { status: 'deleting' }),
        ],
      }),
    );

    expect(Object.keys(environments)).toEqual(['main', 'spare']);
    expect(leftOut).toEqual([
      'database orders-aurora-1: a member of the cluster orders-aurora; an instance of its own is needed',
      'database orders-legacy: its engine is mysql, not postgres',
      'database orders-old: it is being deleted',
    ]);
  });

  it('never take an internal load balancer, nor one of another kind', () => {
    const { environments, leftOut } = drafted(
      ordinary({
        loadBalancers: [
          balancer('orders-main', { internal: true, dnsName: `internal-${hostOf('orders-main')}` }),
          balancer('orders-spare', { type: 'network' }),
        ],
      }),
    );

    expect(environments).toMatchObject({ main: { web: { loadBalancer: null } }, spare: { web: { loadBalancer: null } } });
    expect(leftOut).toContain('load balancer orders-main: it is internal, and no public name can lead there');
    expect(leftOut.join()).toContain('load balancer orders-spare: it is a network load balancer');
  });

  it('have of several load balancers the one that people are led to', () => {
    const { environments, sheet } = drafted(
      ordinary({
        loadBalancers: ['orders-main', 'orders-main-web', 'orders-spare', 'orders-spare-web'].map((name) => balancer(name)),
      }),
    );

    expect(environments).toMatchObject({
      main: { web: { loadBalancer: 'orders-main' } },
      spare: { web: { loadBalancer: null } },
    });
    expect(hintAt(sheet, 'environments.spare.web.loadBalancer')).toBe('found orders-spare, orders-spare-web');
  });

  it('have the distribution whose origin is theirs, whatever it is called, unless it is disabled', () => {
    const { environments, leftOut } = drafted(
      ordinary({
        distributions: [
          distribution('E1AAAAAAA', { origins: [hostOf('orders-main')] }),
          distribution('E2BBBBBBB', { origins: ['orders-spare-uploads.s3.eu-west-1.amazonaws.com.'], enabled: false }),
          distribution('E3CCCCCCC', { origins: [hostOf('wiki')] }),
        ],
      }),
    );

    expect(environments['main']?.web.distribution).toBe('E1AAAAAAA');
    expect(environments['spare']?.web).not.toHaveProperty('distribution');
    expect(leftOut).toEqual(['distribution E2BBBBBBB: it is disabled']);
  });

  it('leave open which bucket has the uploads where none is called so', () => {
    const { sheet } = drafted(ordinary({ buckets: [bucket('orders-main-files'), bucket('orders-main-backup')] }));

    expect(hintAt(sheet, 'environments.main.buckets.uploads')).toBe('perhaps orders-main-files, orders-main-backup');
    expect(hintAt(sheet, 'environments.spare.buckets.uploads')).toBe('found no bucket of it');
  });
});

describe('the application', () => {
  const two = ordinary({ instances: [...ordinary().instances, instance('billing-prod')] });

  it('is asked for where the account has several', () => {
    expect(() => draftEstate(two)).toThrow(
      'app: found 2 applications, orders (orders-main, orders-spare) and billing (billing-prod), expected one; say --app orders, or --tag KEY=VALUE',
    );
  });

  it('is the one that was said, by name or by tag', () => {
    const tagged = ordinary({
      instances: [instance('db1', { tags: { project: 'orders', env: 'main' } }), instance('db2', { tags: { project: 'wiki' } })],
    });

    expect(Object.keys(drafted(two, { app: 'billing' }).environments)).toEqual(['prod']);
    expect(drafted(tagged, { tag: { key: 'project', value: 'orders' } })).toMatchObject({
      app: 'orders',
      environments: { main: { database: { instance: 'db1' } } },
    });
  });

  it.each([
    [account(), {}, 'databases: found none, expected a PostgreSQL instance in eu-west-1'],
    [
      ordinary(),
      { app: 'wiki' },
      'found none, but orders-main, orders-spare, expected a PostgreSQL instance of wiki in eu-west-1',
    ],
    [ordinary(), { tag: { key: 'a', value: 'b' } }, 'expected a PostgreSQL instance tagged a=b in eu-west-1'],
    [account({ instances: [instance('x', { engine: 'mysql' })] }), {}, 'found none, but database x: its engine is mysql'],
    [account({ instances: [instance('db-1'), instance('db-2')] }), {}, "app: found no application's name in db-1, db-2"],
  ])('is refused in one line that names the way out where there is nothing of it', (from, choice, told) => {
    expect(() => draftEstate(from, choice)).toThrow(expect.objectContaining({ name: 'InputInvalid' }));
    expect(() => draftEstate(from, choice)).toThrow(told);
  });
});

describe('roles', () => {
  it('make primary what the public names lead to, and standby what is called like one', () => {
    const { strategy, ...draft } = drafted(ordinary());

    expect(rolesOf(draft)).toEqual({ main: 'primary', spare: 'standby' });
    expect(strategy).toBe('warm');
  });

  it('stay open for one that is called like nothing of the sort', () => {
    const from = account({
      instances: [instance('orders-blue'), instance('orders-green')],
      loadBalancers: [balancer('orders-blue'), balancer('orders-green')],
      zones: [zone([record('app.orders.test.', hostOf('orders-green'))])],
    });

    const { strategy, ...draft } = drafted(from);

    expect(rolesOf(draft)).toEqual({ blue: null, green: 'primary' });
    expect(strategy).toBeNull();
  });

  it('make standby the replica of the primary, and the strategy hot', () => {
    const replica = instance('orders-blue', { replicaOf: 'orders-main' });

    const { strategy, ...draft } = drafted(ordinary({ instances: [instance('orders-main'), replica] }));

    expect([rolesOf(draft), strategy]).toEqual([{ main: 'primary', blue: 'standby' }, 'hot']);
  });

  it('stay open where names lead to two', () => {
    const zones = [zone([record('app.orders.test.', hostOf('orders-main')), record('api.orders.test.', hostOf('orders-spare'))])];

    const { sheet, ...draft } = drafted(ordinary({ zones }));

    expect(rolesOf(draft)).toEqual({ main: null, spare: null });
    expect(hintAt(sheet, 'environments.main.role')).toBe('public names lead to main and spare');
  });

  it('stay open where the names lead to what is called like a standby: somebody may have failed over', () => {
    const { sheet, ...draft } = drafted(ordinary({ zones: [zone([record('app.orders.test.', hostOf('orders-spare'))])] }));

    expect(rolesOf(draft)).toEqual({ main: null, spare: null });
    expect(hintAt(sheet, 'environments.spare.role')).toBe('the public names lead to it, and it is called like a standby');
  });

  it('stay open where two could stand by', () => {
    const more = [...ordinary().instances, instance('orders-dr'), instance('orders-dev')];

    const { sheet, ...draft } = drafted(ordinary({ instances: more }));

    expect(rolesOf(draft)).toEqual({ main: 'primary', spare: null, dr: null, dev: 'sandbox' });
    expect(hintAt(sheet, 'environments.dr.role')).toBe('spare and dr could stand by, and one does');
  });
});

describe('public names', () => {
  const withRecords = (...records: Parameters<typeof zone>[0]) => ordinary({ zones: [zone(records)] });

  it('are those that lead to a door of ours, with every type there is', () => {
    const { names } = drafted(
      withRecords(
        record('app.orders.test.', hostOf('orders-main')),
        record('app.orders.test.', hostOf('orders-main'), 'AAAA'),
        { name: 'app.orders.test.', type: 'HTTPS', targets: [] },
        record('wiki.orders.test.', hostOf('wiki')),
        { name: 'old.orders.test.', type: 'A', targets: [] },
      ),
    );

    expect(names).toEqual([{ name: 'app.orders.test.', zone: 'Z0ORDERSTEST0001', types: ['A', 'AAAA', 'HTTPS'] }]);
  });

  it('are read through a chain of names, and never round a circle', () => {
    const { names, leftOut } = drafted(
      withRecords(
        record('app.orders.test.', 'entry.orders.test.', 'CNAME'),
        record('entry.orders.test.', hostOf('orders-main')),
        record('a.orders.test.', 'b.orders.test.', 'CNAME'),
        record('b.orders.test.', 'a.orders.test.', 'CNAME'),
      ),
    );

    expect(names.map(({ name }) => name)).toEqual(['entry.orders.test.']);
    expect(leftOut).toEqual(['name app.orders.test.: follows entry.orders.test. wherever that leads']);
  });

  it('are not those of a private zone', () => {
    const hidden = zone([record('db.orders.test.', hostOf('orders-main'))], { isPrivate: true });

    const { names, sheet } = drafted(ordinary({ zones: [hidden] }));

    expect(names).toEqual([{ name: null, zone: null, types: null }]);
    expect(hintAt(sheet, 'names[0].name')).toBe('found none in Route 53 that leads here');
  });

  it('are not those that are called after their environment, unless all are', () => {
    const own = record('spare.orders.test.', hostOf('orders-spare'));

    const { names, leftOut, ...draft } = drafted(withRecords(record('app.orders.test.', hostOf('orders-main')), own));
    const alone = drafted(withRecords(record('main.orders.test.', hostOf('orders-main'))));

    expect(names.map(({ name }) => name)).toEqual(['app.orders.test.']);
    expect(rolesOf(draft)).toEqual({ main: 'primary', spare: 'standby' });
    expect(leftOut).toEqual(['name spare.orders.test.: leads to spare and is called after it; add it if people use it']);
    expect(alone.names.map(({ name }) => name)).toEqual(['main.orders.test.']);
  });

  it('are not called after an environment by what their whole zone is called', () => {
    const from = account({
      instances: [instance('orders-test'), instance('orders-live')],
      loadBalancers: [balancer('orders-test'), balancer('orders-live')],
      zones: [zone([record('app.orders.test.', hostOf('orders-test')), record('live.orders.test.', hostOf('orders-live'))])],
    });

    expect(drafted(from).names.map(({ name }) => name)).toEqual(['app.orders.test.']);
  });

  it('leave the zone open where two have the name, and tell a type that leads elsewhere', () => {
    const records = [record('app.orders.test.', hostOf('orders-main')), { name: 'app.orders.test.', type: 'AAAA', targets: [] }];

    const { names, sheet } = drafted(ordinary({ zones: [zone(records), zone(records, { id: 'Z0OTHER' })] }));

    expect(names).toMatchObject([{ name: 'app.orders.test.', zone: null }]);
    expect(hintAt(sheet, 'names[0].zone')).toBe('found Z0ORDERSTEST0001, Z0OTHER');
    expect(JSON.stringify(sheet)).toContain('check AAAA, which leads elsewhere');
  });

  it('leave out a wildcard, which the estate does not take', () => {
    const { leftOut } = drafted(withRecords(record('*.orders.test.', hostOf('orders-main'))));

    expect(leftOut).toEqual(['name *.orders.test.: leads to main, and is no name that the estate takes']);
  });

  it('say by which door they are served where that is not the one by default', () => {
    const distributions = [distribution('E1AAAAAAA', { origins: [hostOf('orders-main')] })];
    const records = [record('app.orders.test.', 'e1aaaaaaa.cloudfront.net.'), record('api.orders.test.', hostOf('orders-main'))];

    const { names } = drafted(ordinary({ distributions, zones: [zone(records)] }));

    expect(names.map(({ name, via }) => [name, via])).toEqual([
      ['app.orders.test.', undefined],
      ['api.orders.test.', { main: 'loadBalancer' }],
    ]);
  });
});
