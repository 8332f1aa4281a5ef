// A small world as a failover's plan reads it: everything is well, and each test changes what it is about.
import { Estate } from '../../shared/estate.ts';
import type { CopyMark } from '../../shared/runbooks/copies.ts';
import type { DatabaseFacts, Front, Health, Listener } from '../../shared/runbooks/facts.ts';
import { draftFailover } from '../../shared/runbooks/failover-plan.ts';
import type { RecordSet } from '../../shared/runbooks/journal.ts';
import { draftRun } from '../../shared/runbooks/opening.ts';
import type { Run } from '../../shared/runbooks/run.ts';
import type { FailoverFacts, NameFacts } from '../../shared/runbooks/scene.ts';
import { decideSides } from '../../shared/runbooks/sides.ts';

export const now = new Date('2026-01-15T09:12:00.000Z');
export const ago = (seconds: number): string => new Date(now.getTime() - seconds * 1000).toISOString();

const network = { subnets: ['subnet-0a1b'], securityGroups: ['sg-0a1b'] };
const environment = (name: string, role: string, web: object) => ({
  role,
  database: {
    instance: `orders-${name}`,
    name: 'orders',
    owner: 'orders_owner',
    application: 'orders_app',
    secrets: { master: `orders/${name}/master`, application: `orders/${name}/application` },
  },
  web,
  buckets: { uploads: `orders-${name}-uploads` },
  network,
});

export const estateWith = (change: object = {}): Estate =>
  Estate.parse({
    app: 'orders',
    region: 'eu-west-1',
    strategy: 'warm',
    objectives: { rtoSeconds: 300, rpoSeconds: 21_600, retentionDays: 30 },
    environments: {
      main: environment('main', 'primary', { loadBalancer: 'orders-main', distribution: 'E1MAINORDERS00' }),
      spare: environment('spare', 'standby', { loadBalancer: 'orders-spare' }),
    },
    names: [
      { name: 'app.orders.test.', zone: 'Z0ORDERSTEST0001', types: ['A', 'AAAA'], needs: { frontEnd: true, api: true } },
      {
        name: 'api.orders.test.',
        zone: 'Z0ORDERSTEST0001',
        types: ['A', 'AAAA'],
        needs: { api: true },
        via: { main: 'loadBalancer' },
      },
    ],
    copies: [{ from: 'main', to: 'spare', class: 'raw', everySeconds: 21_600 }],
    approvers: [{ name: 'cto', email: 'cto@orders.test' }],
    ...change,
  });
export const estate = estateWith();

export const execution = (name: string, machine = 'failover-dev'): string =>
  `arn:aws:states:eu-west-1:123456789012:execution:${machine}:${name}`;
export const runWith = (request: object = {}, name = 'night-7'): Run =>
  draftRun({ request, execution: execution(name), machine: 'failover-dev', app: 'orders', openedAt: ago(30) });

export const listenerWith = (change: Partial<Listener> = {}): Listener => ({
  arn: 'arn:listener/https',
  protocol: 'HTTPS',
  port: 443,
  certificates: [{ arn: 'arn:certificate', names: ['*.orders.test'], notAfter: ago(-8_640_000), status: 'ISSUED' }],
  priorities: [10],
  fencedBy: null,
  ...change,
});

export const balancer = (name: string, change: Partial<Front> = {}): Front => ({
  kind: 'loadBalancer',
  id: name,
  arn: `arn:balancer/${name}`,
  dnsName: `${name}-1.eu-west-1.elb.amazonaws.com.`,
  zoneId: 'Z32O12XQLNTSW2',
  ipv6: true,
  active: true,
  listeners: [listenerWith({ arn: `arn:listener/${name}/https` })],
  alternateNames: null,
  targets: [{ group: 'web', id: 'i-1', health: 'healthy', reason: '' }],
  ...change,
});

export const distribution = (change: Partial<Front> = {}): Front =>
  balancer('E1MAINORDERS00', {
    kind: 'distribution',
    dnsName: 'd111111abcdef8.cloudfront.net.',
    zoneId: 'Z2FDTNDATAQYW2',
    alternateNames: ['app.orders.test'],
    targets: [],
    ...change,
  });

export const aliasTo = (name: string, type: string, front: Front, change: object = {}): RecordSet => ({
  Name: name,
  Type: type,
  AliasTarget: { HostedZoneId: front.zoneId, DNSName: front.dnsName, EvaluateTargetHealth: false },
  ...change,
});

export const healthOf = (side: string, change: Partial<Health> = {}): Health => ({
  status: 200,
  environment: side,
  database: `orders-${side}.rds.test/orders`,
  build: '41',
  migration: '0042',
  trouble: null,
  ...change,
});

export const databaseOf = (side: string, change: Partial<DatabaseFacts> = {}): DatabaseFacts => ({
  environment: side,
  reachable: true,
  trouble: null,
  identity: `${side === 'main' ? '71' : '72'}@10.0.0.1/orders`,
  endpoint: `orders-${side}.rds.test:5432`,
  heartbeats: side === 'main' ? { main: ago(5) } : { main: ago(11_640), spare: ago(5) },
  migration: '0042',
  tables: [],
  since: [
    { table: 'customers', rows: 3, by: 'key' },
    { table: 'orders', rows: 17, by: 'key' },
    { table: 'changeover_heartbeat', rows: 1164, by: 'count' },
  ],
  connect: ['public', 'orders_app'],
  fenced: false,
  sequences: [{ sequence: 'orders_id_seq', last: '100', most: '9223372036854775807', falling: false }],
  ...change,
});

export const copy: CopyMark = {
  from: 'main',
  to: 'spare',
  at: ago(11_640),
  since: '730',
  tables: [
    { table: 'customers', rows: 100, key: { column: 'id', max: '100' }, rowsPerHour: 1.5 },
    { table: 'orders', rows: 400, key: { column: 'id', max: '400' }, rowsPerHour: 6 },
    { table: 'changeover_heartbeat', rows: 5000, key: null, rowsPerHour: 360 },
  ],
  uploadsPerHour: 4,
  bytesPerSecond: null,
  run: null,
  dump: null,
};

export const main = { loadBalancer: balancer('orders-main'), distribution: distribution() };
export const spare = { loadBalancer: balancer('orders-spare') };

export const nameFacts = (name: string, front: Front, change: Partial<NameFacts> = {}): NameFacts => ({
  name,
  records: [
    aliasTo(name, 'A', front),
    aliasTo(name, 'AAAA', front),
    { Name: name, Type: 'TXT', TTL: 300, ResourceRecords: [{ Value: '"x"' }] },
  ],
  answers: [{ server: 'ns-1.awsdns.test', addresses: ['192.0.2.1'] }],
  addresses: { from: ['192.0.2.1'], to: ['198.51.100.1'] },
  health: { from: healthOf('main'), to: healthOf('spare') },
  page: name.startsWith('app') ? { status: 200, html: true, trouble: null } : null,
  ...change,
});

export const factsWith = (change: Partial<FailoverFacts> = {}): FailoverFacts => ({
  lease: { app: 'orders', writer: 'main', epoch: 6, fencing: 11, since: '2026-01-02T10:00:00.000Z', holder: null },
  names: [nameFacts('app.orders.test.', main.distribution), nameFacts('api.orders.test.', main.loadBalancer)],
  doors: { from: main, to: spare },
  databases: { from: databaseOf('main'), to: databaseOf('spare') },
  copy,
  uploads: { count: 12, more: false },
  readAt: ago(1),
  dataReadAt: ago(2),
  ...change,
});

export interface World {
  readonly request?: object;
  readonly estate?: Estate;
  readonly facts?: Partial<FailoverFacts>;
  readonly now?: Date;
}

/** The plan as the step drafts it. */
export function planOf({ request = {}, estate: owned = estate, facts = {}, now: at = now }: World = {}) {
  const run = runWith(request);
  const read = factsWith(facts);
  return draftFailover({ run, estate: owned, sides: decideSides(run, owned, read.lease), facts: read, now: at });
}
