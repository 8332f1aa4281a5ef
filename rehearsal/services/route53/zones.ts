// Hosted zones: founding, listing, removing them.
import type { HostedZone } from '@aws-sdk/client-route-53';
import { BadName, byAscii, normalName, sortKey } from '../../world/dns/names.ts';
import { AwsError, notImitated } from '../error.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { delegate, foundationOf } from './delegation.ts';
import { pageSize } from './paging.ts';
import { idOf, submit } from './propagation.ts';
import { constraint, invalidInput, noSuchZone } from './refusals.ts';
import { bareId, changeInfo, type Room, type Zone, zoneArn, zoneOf } from './room.ts';

const LONGEST_PAGE = 100;
const everything = (action: string) => () => [{ action: `route53:${action}`, resource: '*' }];

/** `announce` starts the name servers, or tells them of new ones. */
export const createZones = (room: Room, announce: () => Promise<void>): OperationsOf<Sdks['route53']> => ({
  CreateHostedZone: {
    asks: everything('CreateHostedZone'),
    async run(input) {
      if (input.VPC || input.HostedZoneConfig?.PrivateZone === true) throw notImitated('private hosted zones');
      if (input.DelegationSetId !== undefined) throw notImitated('reusable delegation sets');
      const reference = input.CallerReference ?? '';
      if (reference.length < 1 || reference.length > 128)
        throw constraint(reference, 'callerReference', 'have length between 1 and 128');
      const name = domainName(input.Name ?? '');
      if ([...room.zones.values()].some((zone) => zone.callerReference === reference))
        throw new AwsError(
          'HostedZoneAlreadyExists',
          `A hosted zone has already been created with the specified caller reference.`,
          {
            status: 409,
          },
        );
      const zone: Zone = {
        id: idOf(room, 'Z'),
        name,
        callerReference: reference,
        comment: input.HostedZoneConfig?.Comment,
        nameServers: delegate(room),
        tags: new Map(),
        records: [],
        served: undefined,
        pending: [],
        landsAt: 0,
      };
      room.zones.set(zone.id, zone);
      const change = submit(room, zone, foundationOf(zone));
      await announce();
      return {
        HostedZone: shown(zone),
        ChangeInfo: changeInfo(change),
        DelegationSet: { NameServers: [...zone.nameServers] },
        Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`,
      };
    },
  },
  DeleteHostedZone: {
    asks: ({ Id }) => [{ action: 'route53:DeleteHostedZone', resource: zoneArn(Id) }],
    run({ Id }) {
      const zone = zoneOf(room, Id);
      if (zone.records.some(({ Name, Type }) => Name !== zone.name || (Type !== 'NS' && Type !== 'SOA')))
        throw new AwsError(
          'HostedZoneNotEmpty',
          'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
          {
            status: 400,
          },
        );
      room.zones.delete(zone.id);
      return { ChangeInfo: changeInfo(submit(room, zone, undefined)) };
    },
  },
  GetHostedZone: {
    asks: ({ Id }) => [{ action: 'route53:GetHostedZone', resource: zoneArn(Id) }],
    run({ Id }) {
      const zone = zoneOf(room, Id);
      return { HostedZone: shown(zone), DelegationSet: { NameServers: [...zone.nameServers] } };
    },
  },
  GetHostedZoneCount: {
    asks: everything('GetHostedZoneCount'),
    run: () => ({ HostedZoneCount: room.zones.size }),
  },
  ListHostedZones: {
    asks: everything('ListHostedZones'),
    run(input) {
      if (input.DelegationSetId !== undefined) throw notImitated('reusable delegation sets');
      const size = pageSize(input.MaxItems, LONGEST_PAGE);
      const all = input.HostedZoneType === 'PrivateHostedZone' ? [] : [...room.zones.values()];
      const start = input.Marker === undefined ? 0 : all.findIndex(({ id }) => id === bareId(input.Marker));
      if (start === -1) throw noSuchZone(bareId(input.Marker));
      const next = all[start + size];
      return {
        HostedZones: all.slice(start, start + size).map(shown),
        Marker: input.Marker ?? '',
        IsTruncated: next !== undefined,
        ...(next && { NextMarker: next.id }),
        MaxItems: size,
      };
    },
  },
  ListHostedZonesByName: {
    asks: everything('ListHostedZonesByName'),
    run(input) {
      if (input.HostedZoneId !== undefined && input.DNSName === undefined)
        throw invalidInput('The request must contain a DNS name when it contains a hosted zone ID.');
      const size = pageSize(input.MaxItems, LONGEST_PAGE);
      const from: [string, string] =
        input.DNSName === undefined ? ['', ''] : [sortKey(domainName(input.DNSName)), bareId(input.HostedZoneId)];
      const placed = [...room.zones.values()]
        .map((zone) => ({ zone, place: [sortKey(zone.name), zone.id] as const }))
        .sort((a, b) => byAscii(a.place[0], b.place[0]) || byAscii(a.place[1], b.place[1]))
        .filter(({ place }) => (byAscii(place[0], from[0]) || byAscii(place[1], from[1])) >= 0)
        .map(({ zone }) => zone);
      const next = placed[size];
      return {
        HostedZones: placed.slice(0, size).map(shown),
        ...(input.DNSName !== undefined && { DNSName: input.DNSName }),
        ...(input.HostedZoneId !== undefined && { HostedZoneId: input.HostedZoneId }),
        IsTruncated: next !== undefined,
        ...(next && { NextDNSName: next.name, NextHostedZoneId: next.id }),
        MaxItems: size,
      };
    },
  },
});

function domainName(text: string): string {
  try {
    return normalName(text);
  } catch (error) {
    if (error instanceof BadName) throw new AwsError('InvalidDomainName', error.message, { status: 400 });
    throw error;
  }
}

const shown = (zone: Zone): HostedZone => ({
  Id: `/hostedzone/${zone.id}`,
  Name: zone.name,
  CallerReference: zone.callerReference,
  Config: { ...(zone.comment !== undefined && { Comment: zone.comment }), PrivateZone: false },
  ResourceRecordSetCount: zone.records.length,
});
