// The hosted zones of an account, and where their names lead.
import { ListHostedZonesCommand, Route53Client, type HostedZone, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { LEADING_TYPES, targetName } from '../../runbooks/record-sets.ts';
import type { NameRecord, Zone } from '../account.ts';
import { asking } from './errors.ts';
import { bare, plain, recordSets } from './names.ts';
import { allPages } from './paging.ts';

export async function awsZones(): Promise<Zone[]> {
  // Route 53 is one for all Regions, and its control plane stands in this one.
  const route53 = new Route53Client({ region: 'us-east-1' });
  const found = await asking('reading the hosted zones', () =>
    allPages(async (Marker) => {
      const page = await route53.send(new ListHostedZonesCommand({ Marker }));
      return { items: page.HostedZones, next: page.IsTruncated === true ? page.NextMarker : undefined };
    }),
  );
  // One after the other: Route 53 answers five questions a second, for a whole account.
  const zones: Zone[] = [];
  for (const zone of found) zones.push(await asking(`reading the records of ${zone.Name ?? ''}`, () => readZone(route53, zone)));
  return zones;
}

async function readZone(route53: Route53Client, { Id, Name, Config }: HostedZone): Promise<Zone> {
  const id = bare(Id ?? '');
  const isPrivate = Config?.PrivateZone ?? false;
  const records = isPrivate ? [] : await readRecords(route53, id);
  return { id, name: plain(Name), isPrivate, records };
}

async function readRecords(route53: Route53Client, HostedZoneId: string): Promise<NameRecord[]> {
  const found: NameRecord[] = [];
  for await (const record of recordSets(route53, HostedZoneId))
    if (LEADING_TYPES.includes(record.Type ?? '')) found.push(recordOf(record));
  return found;
}

function recordOf({ Name, Type, AliasTarget, ResourceRecords }: ResourceRecordSet): NameRecord {
  const type = Type ?? '';
  const values = (ResourceRecords ?? []).flatMap(({ Value = '' }) => hostIn(type, Value) ?? []);
  const hosts = AliasTarget?.DNSName === undefined ? values : [AliasTarget.DNSName];
  return { name: plain(Name), type, targets: hosts.map((host) => targetName(plain(host))) };
}

/** `1 target. alpn="h2"`; a target of `.` is the name itself. */
function hostIn(type: string, value: string): string | undefined {
  if (type === 'CNAME') return value;
  const target = type === 'HTTPS' ? value.split(/\s+/)[1] : undefined;
  return target === '.' ? undefined : target;
}
