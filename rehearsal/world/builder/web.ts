// An environment's doors as they stood: its load balancer over the application, and its distribution where the estate has one.
import type { Environment, Estate } from '../../../shared/estate.ts';
import type { Cloud } from '../../cloud.ts';
import { placeOf } from '../dns/places.ts';
import type { Origin } from '../contract.ts';
import type { EnvironmentWorld } from './world-file.ts';

/** Where an alias record may point. */
export interface Door {
  /** Without its final dot. */
  readonly dnsName: string;
  readonly zoneId: string;
  readonly ipv6: boolean;
}
export interface Doors {
  readonly loadBalancer: Door;
  readonly distribution: Door | undefined;
  /** The application's machine behind the load balancer. */
  readonly target: string;
}

const CLOUDFRONT_REGION = 'us-east-1';
const plain = (name: string): string => name.replace(/\.$/, '');

/** By which door an environment serves a name: what the estate says, else the distribution where there is one. */
export const doorKind = ({ via }: Estate['names'][number], id: string, { web }: Environment): 'distribution' | 'loadBalancer' =>
  via[id] ?? (web.distribution === undefined ? 'loadBalancer' : 'distribution');

export async function foundWeb(
  cloud: Cloud,
  estate: Estate,
  { id, world, application }: { id: string; world: EnvironmentWorld; application: Origin },
): Promise<Doors> {
  const environment = estate.environments[id];
  if (!environment) throw new Error(`the estate has no environment ${id}`);
  const names = estate.names.map(({ name }) => plain(name));
  const target = `i-${cloud.ground.token(17, '0123456789abcdef')}`;
  const paths = estate.application;
  const loadBalancer = await foundLoadBalancer(cloud, environment.web.loadBalancer, { world, application, names, target, paths });
  const { distribution } = environment.web;
  return {
    target,
    loadBalancer,
    distribution:
      distribution === undefined
        ? undefined
        : await foundDistribution(cloud, {
            id: distribution,
            world,
            origin: loadBalancer,
            paths,
            names: estate.names
              .filter((name) => doorKind(name, id, environment) === 'distribution')
              .map(({ name }) => plain(name)),
          }),
  };
}

interface LoadBalancerGiven {
  readonly world: EnvironmentWorld;
  readonly application: Origin;
  readonly names: readonly string[];
  readonly target: string;
  readonly paths: Estate['application'];
}
interface Founded extends Door {
  readonly address: string;
  readonly ports: readonly { readonly port: number; readonly protocol: 'HTTP' | 'HTTPS' }[];
}

async function foundLoadBalancer(
  cloud: Cloud,
  name: string,
  { world, application, names, target, paths }: LoadBalancerGiven,
): Promise<Founded> {
  const { acm, elasticloadbalancing: elb } = cloud.services;
  const wanted = world.listeners ?? [
    { port: 443, protocol: 'HTTPS' as const, certificates: [{ names: [...names] }] },
    { port: 80, protocol: 'HTTP' as const, certificates: [] },
  ];
  const listeners = [];
  for (const { port, protocol, certificates } of wanted) {
    const arns = [];
    for (const rule of certificates) arns.push(await acm.own.found({ region: cloud.region, ...lifeOf(cloud, rule) }));
    listeners.push({ port, protocol, certificates: arns, defaultTargetGroup: `${name}-app`.slice(0, 32) });
  }
  const founded = await elb.own.found({
    name,
    dualstack: world.ipv6,
    listeners,
    targetGroups: [
      {
        name: `${name}-app`.slice(0, 32),
        port: 8080,
        healthPath: world.targets === 'healthy' ? paths.health : '/a-path-nobody-serves',
        targets: [{ id: target, origin: application.url }],
      },
    ],
  });
  for (const { port, rule } of world.listeners ?? [])
    if (rule !== undefined) await plantRule(cloud, founded.listeners.get(port), rule);
  return {
    dnsName: founded.dnsName,
    zoneId: founded.zoneId,
    ipv6: founded.addresses.aaaa.length > 0,
    address: founded.addresses.a[0] ?? '',
    ports: wanted,
  };
}

/** Somebody's rule that a fence would have to stand before. */
async function plantRule(cloud: Cloud, ListenerArn: string | undefined, Priority: number): Promise<void> {
  await cloud.call('elasticloadbalancing', 'CreateRule', {
    ListenerArn,
    Priority,
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/maintenance'] } }],
    Actions: [
      { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503', ContentType: 'text/plain', MessageBody: 'later' } },
    ],
  });
}

interface DistributionGiven {
  readonly id: string;
  readonly world: EnvironmentWorld;
  readonly origin: Founded;
  readonly names: readonly string[];
  readonly paths: Estate['application'];
}

/** One origin, the load balancer: pages may be cached, the API never is. */
async function foundDistribution(cloud: Cloud, { id, world, origin, names, paths }: DistributionGiven): Promise<Door> {
  const { acm, cloudfront } = cloud.services;
  const aliases = world.alternateNames ?? names;
  const certificate =
    aliases.length === 0
      ? undefined
      : await acm.own.found({
          region: CLOUDFRONT_REGION,
          ...lifeOf(cloud, world.distributionCertificate ?? { names: [...aliases] }),
        });
  const port = origin.ports.find(({ protocol }) => protocol === 'HTTP') ?? origin.ports[0];
  const place = placeOf(cloud.ground, origin.address, port?.port ?? 0);
  if (!port || !place) throw new Error(`${id}: the load balancer behind it has no listener`);
  const founded = await cloudfront.own.found({
    id,
    aliases,
    ...(certificate !== undefined && { certificate }),
    origins: [
      {
        id: 'application',
        domainName: origin.dnsName,
        url: `${port.protocol.toLowerCase()}://127.0.0.1:${place.port}`,
        protocolPolicy: port.protocol === 'HTTP' ? 'http-only' : 'https-only',
      },
    ],
    defaultBehavior: {
      target: 'application',
      viewerProtocolPolicy: 'redirect-to-https',
      cachePolicy: 'CachingDisabled',
      originRequestPolicy: 'AllViewer',
    },
    behaviors: [
      '/api/*',
      ...Object.values(paths).flatMap((path) => (path === undefined || path.startsWith('/api/') ? [] : path)),
    ].map((pathPattern) => ({
      pathPattern,
      target: 'application',
      allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
      viewerProtocolPolicy: 'https-only' as const,
      cachePolicy: 'CachingDisabled',
      originRequestPolicy: 'AllViewer',
    })),
    ipv6: world.ipv6,
  });
  return { dnsName: founded.domainName, zoneId: founded.zoneId, ipv6: founded.addresses.aaaa.length > 0 };
}

interface CertificateRule {
  readonly names: readonly string[];
  readonly expiresInSeconds?: number | undefined;
}

const lifeOf = (cloud: Cloud, { names, expiresInSeconds }: CertificateRule) => ({
  names,
  ...(expiresInSeconds !== undefined && { notAfter: cloud.timeline.now() + expiresInSeconds * 1000 }),
});
