// Load balancers as they stood before the story begins, and what the world does to them.
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Room, LoadBalancer, TargetGroup } from './catalog.ts';
import { newAttributes } from './load-balancers.ts';
import type { Front } from './front.ts';
import type { HealthWatch } from './health.ts';
import { newListener, SSL_POLICY } from './listeners.ts';
import { addressesOf, loadBalancerArn, zoneIdOf } from './naming.ts';
import { spreadAtOnce } from './routing.ts';
import { initialCheck, newGroup } from './target-groups.ts';
import { newTarget, targetKey } from './targets.ts';

export interface FoundLoadBalancer {
  readonly name: string;
  /** The ground's Region unless it is another. */
  readonly region?: string;
  readonly scheme?: 'internet-facing' | 'internal';
  readonly dualstack?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly listeners: readonly FoundListener[];
  readonly targetGroups: readonly FoundGroup[];
}
export interface FoundListener {
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  /** ARNs in ACM; the first is the default. */
  readonly certificates?: readonly string[];
  /** The name of a target group beside; without one the listener sends everybody to HTTPS. */
  readonly defaultTargetGroup?: string;
}
export interface FoundGroup {
  readonly name: string;
  readonly port: number;
  readonly healthPath?: string;
  /** `200` unless said otherwise. */
  readonly healthyCodes?: string;
  readonly intervalSeconds?: number;
  readonly targets: readonly { readonly id: string; readonly origin?: string }[];
}
export interface Founded {
  readonly arn: string;
  /** Without a final dot, as the API tells it. */
  readonly dnsName: string;
  readonly zoneId: string;
  readonly addresses: LoadBalancer['addresses'];
  /** By port. */
  readonly listeners: ReadonlyMap<number, string>;
  /** By name. */
  readonly targetGroups: ReadonlyMap<string, string>;
}

/** What Route 53 is told: `createRoute53(...).own` has it. */
export interface Names {
  aliasTarget(target: { dnsName: string; zoneId: string; addresses: () => LoadBalancer['addresses'] }): unknown;
}

export interface ElbOwn {
  found(given: FoundLoadBalancer): Promise<Founded>;
  /** It stops answering for good, whatever its control plane goes on saying. */
  lose(name: string): Promise<void>;
  /** Moves a target's machine; undefined stops it. Checks until now are made first, as they were before. */
  origin(name: string, targetId: string, url: string | undefined): Promise<void>;
  /** Makes every check that is due: call it before something breaks, so that what breaks is found out only in its own time. */
  settle(): Promise<void>;
}

/** Founded this long ago, by the count of checks: whatever they find is settled at the first look. */
const CHECKS_BEFORE = 100;

export function createFounding(room: Room, front: Front, watch: HealthWatch, names: Names): ElbOwn {
  const { ground } = room;
  let serial = 10;

  const named = (name: string): LoadBalancer => {
    const found = room.of
      .all()
      .flatMap(([, { loadBalancers }]) => [...loadBalancers.values()])
      .find((one) => one.name === name);
    if (!found) throw new Error(`there is no load balancer ${name}`);
    return found;
  };
  const settle = async (): Promise<void> => {
    const groups = room.of.all().flatMap(([, { targetGroups }]) => [...targetGroups.values()]);
    await Promise.all(groups.map((group) => watch.lookAt(group)));
  };

  return {
    settle,
    async found(given) {
      const { region = ground.region } = given;
      const state = room.of(region);
      const loadBalancer = foundLoadBalancer(room, region, given, serial++);
      const groups = new Map(given.targetGroups.map((group) => [group.name, foundGroup(room, region, loadBalancer, group)]));
      state.loadBalancers.set(loadBalancer.arn, loadBalancer);
      for (const group of groups.values()) state.targetGroups.set(group.arn, group);
      for (const listener of given.listeners) await foundListener(room, front, loadBalancer, listener, groups);
      for (const group of groups.values()) settleLater(group, ground.timeline.now());
      const { arn, dnsName, zoneId, addresses, listeners } = loadBalancer;
      names.aliasTarget({ dnsName: `${dnsName.toLowerCase()}.`, zoneId, addresses: () => addresses });
      return {
        arn,
        dnsName,
        zoneId,
        addresses,
        listeners: new Map([...listeners.values()].map((listener) => [listener.port, listener.arn])),
        targetGroups: new Map([...groups].map(([name, group]) => [name, group.arn])),
      };
    },
    async lose(name) {
      const loadBalancer = named(name);
      loadBalancer.lost = true;
      await Promise.all([...loadBalancer.listeners.values()].map((listener) => front.close(listener)));
    },
    async origin(name, targetId, url) {
      const { machines } = room.of(named(name).region);
      await settle();
      if (url === undefined) machines.delete(targetId);
      else machines.set(targetId, url);
    },
  };
}

function foundLoadBalancer(room: Room, region: string, given: FoundLoadBalancer, serial: number): LoadBalancer {
  const { ground } = room;
  const { name, scheme = 'internet-facing', dualstack = false, tags = {} } = given;
  if (!/^(?!-|internal-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(name)) throw new Error(`${name} cannot be the name of a load balancer`);
  const hex = (length: number): string => ground.token(length, '0123456789abcdef');
  const number = 1_000_000_000 + Math.floor(ground.random() * 1_000_000_000);
  return {
    arn: loadBalancerArn(room, region, name),
    name,
    region,
    dnsName: `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.${region}.elb.amazonaws.com`,
    zoneId: zoneIdOf(region),
    scheme,
    vpcId: `vpc-${hex(17)}`,
    zones: ['a', 'b'].map((zone) => ({ ZoneName: `${region}${zone}`, SubnetId: `subnet-${hex(17)}` })),
    securityGroups: [`sg-${hex(17)}`],
    createdAt: ground.timeline.now(),
    addresses: addressesOf(serial, dualstack),
    attributes: newAttributes(),
    tags: new Map(Object.entries(tags)),
    listeners: new Map(),
    lost: false,
  };
}

function foundGroup(room: Room, region: string, { vpcId }: LoadBalancer, given: FoundGroup): TargetGroup {
  const { name, port, healthPath: path = '/', healthyCodes = '200', intervalSeconds, targets } = given;
  const type = targets.some(({ id }) => !id.startsWith('i-')) ? 'ip' : 'instance';
  const first = initialCheck(type);
  const check = {
    ...first,
    path,
    matcher: { HttpCode: healthyCodes },
    intervalSeconds: intervalSeconds ?? first.intervalSeconds,
  };
  const group = newGroup(room, region, { name, type, port, vpcId, check });
  for (const { id, origin } of targets) {
    if (origin !== undefined) room.of(region).machines.set(id, origin);
    group.targets.set(targetKey(group, { Id: id }), newTarget(group, { Id: id }, room.ground.timeline.now()));
  }
  return group;
}

async function foundListener(
  room: Room,
  front: Front,
  loadBalancer: LoadBalancer,
  { port, protocol, certificates = [], defaultTargetGroup }: FoundListener,
  groups: ReadonlyMap<string, TargetGroup>,
): Promise<void> {
  const absent = certificates.find((arn) => !room.keyPairOf(arn));
  if (protocol === 'HTTPS' && (certificates.length === 0 || absent !== undefined))
    throw new Error(`the listener at ${port} of ${loadBalancer.name} has no certificate to show: ${absent ?? 'none is named'}`);
  const group = defaultTargetGroup === undefined ? undefined : groups.get(defaultTargetGroup);
  if (defaultTargetGroup !== undefined && !group)
    throw new Error(`${loadBalancer.name} has no target group ${defaultTargetGroup}`);
  const sslPolicy = protocol === 'HTTPS' ? SSL_POLICY : undefined;
  const listener = newListener(room, loadBalancer, { port, protocol, certificates, sslPolicy }, [defaultAction(group)]);
  loadBalancer.listeners.set(listener.arn, listener);
  spreadAtOnce(room, listener);
  await front.open(listener);
}

function defaultAction(group: TargetGroup | undefined): Action {
  if (group) {
    return {
      Type: 'forward',
      TargetGroupArn: group.arn,
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: group.arn, Weight: 1 }],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    };
  }
  const RedirectConfig = { Protocol: 'HTTPS', Port: '443', Host: '#{host}', Path: '/#{path}', Query: '#{query}' };
  return { Type: 'redirect', RedirectConfig: { ...RedirectConfig, StatusCode: 'HTTP_301' } };
}

/** It stood for a while: its checks are long begun. */
function settleLater({ targets, check }: TargetGroup, now: number): void {
  for (const target of targets.values()) {
    target.health = { ...target.health, checkedAt: now - CHECKS_BEFORE * check.intervalSeconds * 1000 };
  }
}
