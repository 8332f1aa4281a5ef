// The doors and the bucket of each environment, and by which door a name is served.
import type { Account, Distribution, LoadBalancer, Thing } from '../../shared/cloud/account.ts';
import { homeOf, homeOfDistribution, isMeant, type Choice, type Group, type Grouping } from './grouping.ts';
import type { Door, Led } from './leading.ts';
import { known, only, open, type Known, type Open } from './sheet.ts';
import { applicationTag, partsOf, soundsLikeUploads } from './words.ts';

interface Owned<One> {
  readonly one: One;
  readonly group: Group;
  readonly why: string;
}
export interface Belongings {
  readonly loadBalancers: readonly Owned<LoadBalancer>[];
  readonly distributions: readonly Owned<Distribution>[];
  readonly buckets: readonly Owned<Thing>[];
  readonly leftOut: readonly string[];
}

export function belongingsOf(account: Account, choice: Choice, { app, groups }: Grouping): Belongings {
  const known = { app, region: account.region };
  const wanted: Choice = { ...choice, app };
  const homed = <One extends Thing>(things: readonly One[]): Owned<One>[] =>
    things.flatMap((one) => {
      const home = isMeant(one, wanted) ? homeOf(one, groups, known) : undefined;
      return home ? [{ one, ...home }] : [];
    });
  const balancers = homed(account.loadBalancers);
  const buckets = homed(account.buckets);
  const originOf = (host: string): Group | undefined =>
    balancers.find(({ one }) => one.dnsName === host)?.group ??
    buckets.find(({ one }) => host.startsWith(`${one.name}.s3`))?.group;
  const distributions = account.distributions.flatMap((one) => {
    const home = mayBeOurs(one, wanted) ? homeOfDistribution(one, groups, { ...known, originOf }) : undefined;
    return home ? [{ one, ...home }] : [];
  });
  const fit = balancers.filter(({ one }) => unfit(one) === undefined);
  return {
    loadBalancers: fit,
    distributions: distributions.filter(({ one }) => one.enabled),
    buckets,
    leftOut: [
      ...balancers.flatMap(({ one }) => (unfit(one) === undefined ? [] : [`load balancer ${one.name}: ${unfit(one) ?? ''}`])),
      ...distributions.flatMap(({ one }) => (one.enabled ? [] : [`distribution ${one.name}: it is disabled`])),
      ...homeless(account, wanted, [...balancers, ...buckets]),
    ],
  };
}

/** Distributions are told by their origins: only a tag of somebody else's says that one is not meant. */
function mayBeOurs(one: Distribution, { app = '', tag }: Choice): boolean {
  if (tag && tag.key in one.tags) return one.tags[tag.key] === tag.value;
  const said = applicationTag(one);
  return said === undefined || partsOf(said.value).join() === partsOf(app).join();
}

function unfit({ type, internal }: LoadBalancer): string | undefined {
  if (type !== 'application') return `it is a ${type} load balancer, and a fence needs an application load balancer`;
  return internal ? 'it is internal, and no public name can lead there' : undefined;
}

function homeless({ loadBalancers, buckets }: Account, wanted: Choice, homed: readonly Owned<Thing>[]): string[] {
  const lost = (things: readonly Thing[], kind: string): string[] =>
    things
      .filter((one) => isMeant(one, wanted) && !homed.some((each) => each.one === one))
      .map(({ name }) => `${kind} ${name}: belongs to no environment with a database, or to several`);
  return [...lost(loadBalancers, 'load balancer'), ...lost(buckets, 'bucket')];
}

/** Which door of ours a host is. */
export const doorAt =
  ({ loadBalancers, distributions }: Belongings) =>
  (host: string): Door | undefined => {
    const balancer = loadBalancers.find(({ one }) => one.dnsName === host);
    if (balancer) return { environment: balancer.group.name, kind: 'loadBalancer', id: balancer.one.name };
    const distribution = distributions.find(({ one }) => one.dnsName === host);
    return distribution && { environment: distribution.group.name, kind: 'distribution', id: distribution.one.name };
  };

/** Its one load balancer; of several the one that a public name or a distribution of its own leads to. */
export function decideLoadBalancer(
  group: Group,
  { loadBalancers, distributions }: Belongings,
  names: readonly Led[],
): Known | Open {
  const own = loadBalancers.filter((each) => each.group === group);
  const origins = distributions.filter((each) => each.group === group).flatMap(({ one }) => one.origins);
  const led = own.filter(({ one }) => leadsTo(names, one.name) || origins.includes(one.dnsName));
  const meant = led.length > 0 ? led : own;
  const why = meant[0]?.why ?? '';
  return only(
    meant.map(({ one }) => one.name),
    `ELB, ${own.length > 1 ? `one of ${own.length}, people are led to it` : why}`,
    'found no public application load balancer of it',
  );
}

/** Undefined where there is none: an environment may do without. */
export function decideDistribution(group: Group, { distributions }: Belongings, names: readonly Led[]): Known | Open | undefined {
  const own = distributions.filter((each) => each.group === group);
  const led = own.filter(({ one }) => leadsTo(names, one.name));
  const meant = led.length > 0 ? led : own;
  if (meant.length === 0) return undefined;
  return only(
    meant.map(({ one }) => one.name),
    `CloudFront, ${meant[0]?.why ?? ''}`,
  );
}

const leadsTo = (names: readonly Led[], id: string): boolean => names.some(({ doors }) => doors.some((door) => door.id === id));

/** Only a name or a tag tells a bucket with people's uploads from one with anything else. */
export function decideUploads(group: Group, { buckets }: Belongings): Known | Open {
  const own = buckets.filter((each) => each.group === group);
  const meant = own.filter(({ one }) => [one.name, ...Object.values(one.tags)].some(soundsLikeUploads));
  if (meant.length > 0)
    return only(
      meant.map(({ one }) => one.name),
      `S3, ${meant[0]?.why ?? ''}`,
    );
  return open(own.length === 0 ? 'found no bucket of it' : `perhaps ${own.map(({ one }) => one.name).join(', ')}`);
}

/** The doors that differ from what would be taken by default: the distribution where there is one. */
export function decideVia(
  { doors }: Led,
  environments: readonly { readonly name: string; readonly distribution: boolean }[],
): Readonly<Record<string, Known>> {
  const kinds = new Set(doors.map(({ kind }) => kind));
  const [kind] = kinds;
  if (kind !== 'loadBalancer' || kinds.size > 1) return {};
  return Object.fromEntries(
    environments
      .filter(({ distribution }) => distribution)
      .map(({ name }) => {
        const today = doors.some(({ environment }) => environment === name);
        return [name, known(kind, today ? 'Route 53, its records' : 'as where the name leads today; check')];
      }),
  );
}
