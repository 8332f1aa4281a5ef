// The zones as they stood: every public name of the estate points to the environment that serves it.
import type { Estate, PublicName } from '../../../shared/estate.ts';
import type { Cloud } from '../../cloud.ts';
import type { RecordSet } from '../../services/route53/room.ts';
import { doorKind, type Door, type Doors } from './web.ts';
import type { WorldFile } from './world-file.ts';

/** The zone of load balancers in another Region: what a record that was copied by hand carries. */
const SOMEBODY_ELSES_ZONE = 'Z1H1FL5HABSF5';
const TTL_SECONDS = 60;

/** The estate gives a zone by its id; its name is what its names have in common, and never one of them unless others lie under it. */
export function zoneNameOf(names: readonly string[]): string {
  const labels = names.map((name) => name.split('.').filter(Boolean).reverse());
  const [first = []] = labels;
  const common = first.findIndex((label, place) => labels.some((other) => other[place] !== label));
  let depth = common === -1 ? Math.min(...labels.map(({ length }) => length)) : common;
  const alone = labels.every(({ length }) => length === depth);
  if (alone && depth > 2) depth--;
  return `${first.slice(0, depth).reverse().join('.')}.`;
}

export function foundNames(cloud: Cloud, estate: Estate, world: WorldFile, doors: ReadonlyMap<string, Doors>): void {
  const primary = Object.entries(estate.environments).find(([, { role }]) => role === 'primary')?.[0] ?? '';
  for (const zone of new Set(estate.names.map((name) => name.zone))) {
    const inZone = estate.names.filter((name) => name.zone === zone);
    const own = inZone.flatMap((name) => {
      const to = world.names.to[name.name] ?? primary;
      const environment = estate.environments[to];
      const standing = doors.get(to);
      if (!environment || !standing) throw new Error(`${name.name} cannot point to ${to}`);
      const kind = doorKind(name, to, environment);
      const door = standing[kind];
      if (!door) throw new Error(`${to} has no distribution for ${name.name}`);
      return recordsOf(name, door, kind, world);
    });
    const name = zoneNameOf(inZone.map((known) => known.name));
    const more = (world.names.records as RecordSet[]).filter(
      (record) => record.Name.endsWith(`.${name}`) || record.Name === name,
    );
    const replaced = (record: { Name: string; Type: string }): boolean =>
      more.some(({ Name, Type }) => Name === record.Name && (Type === record.Type || Type === 'CNAME'));
    cloud.services.route53.own.found({ id: zone, name }, [...own.filter((record) => !replaced(record)), ...more]);
  }
}

function recordsOf(
  { name, types }: PublicName,
  { dnsName, zoneId, ipv6 }: Door,
  kind: string,
  { names }: WorldFile,
): RecordSet[] {
  const alias = {
    HostedZoneId: names.wrongZone.includes(name) ? SOMEBODY_ELSES_ZONE : zoneId,
    // As the console writes it: behind `dualstack.` for a load balancer, whose health it evaluates.
    DNSName: kind === 'loadBalancer' ? `dualstack.${dnsName}.` : `${dnsName}.`,
    EvaluateTargetHealth: kind === 'loadBalancer',
  };
  return types.flatMap((Type): RecordSet[] => {
    if (Type === 'CNAME') return [{ Name: name, Type, TTL: TTL_SECONDS, ResourceRecords: [{ Value: `${dnsName}.` }] }];
    if (Type === 'AAAA' && (!ipv6 || names.withoutIpv6.includes(name))) return [];
    if (Type === 'A' && names.withoutIpv4.includes(name)) return [];
    if (Type === 'HTTPS') return [{ Name: name, Type, TTL: TTL_SECONDS, ResourceRecords: [{ Value: '1 . alpn="http/1.1"' }] }];
    return [{ Name: name, Type, AliasTarget: alias }];
  });
}
