// Whether an alias points at something: a name that another service owns, with that service's zone id, or a record of a zone of ours.
import { domainOf, withoutDualstack, type AliasTarget } from '../../world/dns/directory.ts';
import { liesIn } from '../../world/dns/names.ts';
import { bareId, type RecordSet } from './room.ts';

export interface AliasWorld {
  readonly target: (dnsName: string) => AliasTarget | undefined;
  readonly targets: () => readonly AliasTarget[];
  readonly zone: (id: string) => { readonly name: string; readonly records: readonly RecordSet[] } | undefined;
}

/** CloudFront's own zone, the same everywhere. */
export const CLOUDFRONT_ZONE = 'Z2FDTNDATAQYW2';
const NEVER_ALIASES = ['NS', 'SOA'];
const OF_TARGETS = ['A', 'AAAA', 'HTTPS'];

interface OwnZone {
  readonly id: string;
  readonly name: string;
  readonly records: readonly RecordSet[];
}

export function problemOfAlias({ Name, Type, AliasTarget: alias }: RecordSet, own: OwnZone, world: AliasWorld): string[] {
  if (!alias) return [];
  if (NEVER_ALIASES.includes(Type))
    return [`Tried to create an alias of type ${Type}, which is not permitted, with DNS name ${Name}`];
  const name = alias.DNSName ?? '';
  const id = bareId(alias.HostedZoneId);
  const tried = `Tried to create an alias that targets ${name}, type ${Type} in zone ${id}`;
  const outside = `${tried}, but the alias target name does not lie within the target zone`;
  const missing = `${tried}, but that target was not found`;
  const zone = id === own.id ? own : world.zone(id);
  if (zone) {
    const there = zone.records.some((set) => set.Name === name && set.Type === Type);
    if (!liesIn(name, zone.name)) return [outside, missing];
    return there ? [] : [missing];
  }
  if (!domainsOf(id, world).some((domain) => liesIn(name, domain))) return [outside, missing];
  const target = world.target(name);
  if (!target || target.zoneId !== id || !OF_TARGETS.includes(Type) || (Type === 'HTTPS' && !target.https)) return [missing];
  if (id === CLOUDFRONT_ZONE && alias.EvaluateTargetHealth === true)
    return [`${tried}, but EvaluateTargetHealth cannot be true for a CloudFront distribution`];
  return [];
}

/** The domains that a service's zone id stands for, as far as anything in it is known. */
function domainsOf(zoneId: string, world: AliasWorld): string[] {
  const found = world.targets().filter((target) => target.zoneId === zoneId);
  return [
    ...found.map(({ dnsName }) => domainOf(withoutDualstack(dnsName))),
    ...(zoneId === CLOUDFRONT_ZONE ? ['cloudfront.net.'] : []),
  ];
}
