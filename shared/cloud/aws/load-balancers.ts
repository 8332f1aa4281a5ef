// Application load balancers, with their listeners, certificates and targets.
import {
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type Action,
  type Listener as ElbListener,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { RunbookError } from '../../errors.ts';
import type { Estate } from '../../estate.ts';
import type { Certificate, Front, Listener, Web } from '../ports.ts';
import { awsCertificates } from './certificates.ts';
import { environmentOf } from './environments.ts';
import { asking, nameOf } from './errors.ts';
import { packagedEstate } from './estate.ts';
import { awsFences, readRules, type TaggedRule } from './fences.ts';
import { allPages } from './paging.ts';

type CertificatesOf = (arns: readonly string[]) => Promise<Certificate[]>;

/** The doors of an estate that has load balancers only; what reads distributions too is `awsWeb`, which is larger. */
export function awsLoadBalancers(estate: () => Estate = packagedEstate): Web {
  const elb = new ElasticLoadBalancingV2Client({});
  const certificatesOf = awsCertificates();
  return {
    async read(environment, kind) {
      const { web } = environmentOf(estate(), environment);
      if (kind === 'loadBalancer') return readLoadBalancer(elb, web.loadBalancer, certificatesOf);
      throw new RunbookError(
        'InputInvalid',
        `this function reads load balancers only, and was asked for the distribution of ${environment}`,
      );
    },
    ...awsFences(elb),
  };
}

async function readLoadBalancer(
  elb: ElasticLoadBalancingV2Client,
  name: string,
  certificatesOf: CertificatesOf,
): Promise<Front | undefined> {
  return asking(`reading the load balancer ${name}`, async () => {
    const found = await find(elb, name);
    const arn = found?.LoadBalancerArn;
    if (found === undefined || arn === undefined) return undefined;
    const described = await allPages(async (Marker) => {
      const page = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn, Marker }));
      return { items: page.Listeners, next: page.NextMarker };
    });
    const doors = await Promise.all(described.map((each) => readListener(elb, each, certificatesOf)));
    return {
      kind: 'loadBalancer',
      id: name,
      arn,
      dnsName: `${found.DNSName?.toLowerCase() ?? ''}.`,
      zoneId: found.CanonicalHostedZoneId ?? '',
      ipv6: found.IpAddressType?.startsWith('dualstack') ?? false,
      active: found.State?.Code === 'active' || found.State?.Code === 'active_impaired',
      listeners: doors.map(({ listener }) => listener),
      alternateNames: null,
      targets: await readTargets(elb, [...new Set(doors.flatMap(({ groups }) => groups))]),
    };
  });
}

async function find(elb: ElasticLoadBalancingV2Client, name: string): Promise<LoadBalancer | undefined> {
  try {
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: [name] }));
    return LoadBalancers?.[0];
  } catch (error) {
    if (nameOf(error).startsWith('LoadBalancerNotFound')) return undefined;
    throw error;
  }
}

async function readListener(
  elb: ElasticLoadBalancingV2Client,
  { ListenerArn: arn = '', Protocol, Port: port = 0 }: ElbListener,
  certificatesOf: CertificatesOf,
): Promise<{ listener: Listener; groups: string[] }> {
  const protocol = Protocol === 'HTTPS' ? 'HTTPS' : 'HTTP';
  const [rules, certificates] = await Promise.all([
    readRules(elb, arn),
    protocol === 'HTTPS' ? readCertificates(elb, arn).then(certificatesOf) : [],
  ]);
  const listener = {
    arn,
    protocol,
    port,
    certificates,
    priorities: rules.map(({ rule }) => Number(rule.Priority)).filter(Number.isFinite),
    fencedBy: rules.find(({ run }) => run !== null)?.run ?? null,
  } satisfies Listener;
  return { listener, groups: rules.flatMap(groupsOf) };
}

/** The default certificate and those chosen by the name that is asked for. */
async function readCertificates(elb: ElasticLoadBalancingV2Client, ListenerArn: string): Promise<string[]> {
  const certificates = await allPages(async (Marker) => {
    const page = await elb.send(new DescribeListenerCertificatesCommand({ ListenerArn, Marker }));
    return { items: page.Certificates, next: page.NextMarker };
  });
  return certificates.flatMap(({ CertificateArn }) => CertificateArn ?? []);
}

/** Where a rule sends people. A fence sends them nowhere that could be healthy. */
const groupsOf = ({ rule, run }: TaggedRule): string[] => (run === null ? (rule.Actions ?? []).flatMap(groupsOfAction) : []);
const groupsOfAction = ({ TargetGroupArn, ForwardConfig }: Action): string[] =>
  [TargetGroupArn, ...(ForwardConfig?.TargetGroups ?? []).map((each) => each.TargetGroupArn)].flatMap((arn) => arn ?? []);

async function readTargets(elb: ElasticLoadBalancingV2Client, groups: readonly string[]): Promise<Front['targets']> {
  const targets = await Promise.all(
    groups.map(async (TargetGroupArn) => {
      const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return (TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => ({
        // arn:…:targetgroup/<name>/<id>
        group: TargetGroupArn.split('/')[1] ?? TargetGroupArn,
        id: Target?.Id ?? '',
        health: TargetHealth?.State ?? 'unknown',
        reason: TargetHealth?.Reason ?? '',
      }));
    }),
  );
  return targets.flat();
}
