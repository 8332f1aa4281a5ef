// Small accounts, as `npm run estate:new` would have read them.
import type { Account, Distribution, Instance, LoadBalancer, NameRecord, Tags, Thing, Zone } from '../../shared/cloud/account.ts';

export const ZONE = 'Z0ORDERSTEST0001';

export const instance = (name: string, more: Partial<Instance> = {}): Instance => ({
  name,
  tags: {},
  engine: 'postgres',
  status: 'available',
  database: 'orders',
  multiAz: false,
  keepsBackups: true,
  subnets: ['subnet-0a1b'],
  securityGroups: ['sg-0a1b'],
  ...more,
});
export const hostOf = (name: string): string => `${name}-123.eu-west-1.elb.amazonaws.com.`;
export const balancer = (name: string, more: Partial<LoadBalancer> = {}): LoadBalancer => ({
  name,
  tags: {},
  dnsName: hostOf(name),
  type: 'application',
  internal: false,
  ...more,
});
export const distribution = (name: string, more: Partial<Distribution> = {}): Distribution => ({
  name,
  tags: {},
  dnsName: `${name.toLowerCase()}.cloudfront.net.`,
  comment: '',
  enabled: true,
  aliases: [],
  origins: [],
  ...more,
});
export const bucket = (name: string, tags: Tags = {}): Thing => ({ name, tags });
export const record = (name: string, target: string, type = 'A'): NameRecord => ({ name, type, targets: [target] });
export const zone = (records: readonly NameRecord[], more: Partial<Zone> = {}): Zone => ({
  id: ZONE,
  name: 'orders.test.',
  isPrivate: false,
  records,
  ...more,
});
export const account = (more: Partial<Account> = {}): Account => ({
  id: '123456789012',
  region: 'eu-west-1',
  instances: [],
  loadBalancers: [],
  distributions: [],
  zones: [],
  buckets: [],
  ...more,
});

/** Two environments, main before the public and spare behind it. */
export const ordinary = (more: Partial<Account> = {}): Account =>
  account({
    instances: [instance('orders-main'), instance('orders-spare')],
    loadBalancers: [balancer('orders-main'), balancer('orders-spare')],
    buckets: [bucket('orders-main-uploads'), bucket('orders-spare-uploads')],
    zones: [zone([record('app.orders.test.', hostOf('orders-main'))])],
    ...more,
  });
