// Reading a zone's records, and what its servers would answer.
import { isIP } from 'node:net';
import { answerOf } from '../../world/dns/authority.ts';
import type { Directory } from '../../world/dns/directory.ts';
import { BadName, byAscii, liesIn, normalName, sortKey } from '../../world/dns/names.ts';
import { TYPES } from '../../world/dns/values.ts';
import { notImitated } from '../error.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { pageSize } from './paging.ts';
import { invalidInput } from './refusals.ts';
import { type RecordSet, type Room, zoneArn, zoneOf } from './room.ts';

const LONGEST_PAGE = 300;

type Place = readonly [name: string, type: string, identifier: string];
const placeOf = ({ Name, Type, SetIdentifier = '' }: RecordSet): Place => [sortKey(Name), Type, SetIdentifier];
const byPlace = (a: Place, b: Place): number => byAscii(a[0], b[0]) || byAscii(a[1], b[1]) || byAscii(a[2], b[2]);

export function nameOf(text: string): string {
  try {
    return normalName(text);
  } catch (error) {
    throw error instanceof BadName ? invalidInput(error.message) : error;
  }
}

export const createReading = (room: Room, directory: Directory): OperationsOf<Sdks['route53']> => ({
  ListResourceRecordSets: {
    asks: ({ HostedZoneId }) => [{ action: 'route53:ListResourceRecordSets', resource: zoneArn(HostedZoneId) }],
    run(input) {
      const zone = zoneOf(room, input.HostedZoneId);
      const { StartRecordName: name, StartRecordType: type, StartRecordIdentifier: identifier } = input;
      if (type !== undefined && name === undefined)
        throw invalidInput('The request must contain a record name when it contains a record type.');
      if (identifier !== undefined && type === undefined)
        throw invalidInput('The request must contain a record type when it contains a record identifier.');
      const size = pageSize(input.MaxItems, LONGEST_PAGE);
      const start: Place = name === undefined ? ['', '', ''] : [sortKey(nameOf(name)), type ?? '', identifier ?? ''];
      const all = zone.records.toSorted((a, b) => byPlace(placeOf(a), placeOf(b)));
      const from = all.filter((set) => byPlace(placeOf(set), start) >= 0);
      const next = from[size];
      return {
        ResourceRecordSets: from.slice(0, size).map((set) => structuredClone(set)),
        IsTruncated: next !== undefined,
        ...(next && {
          NextRecordName: next.Name,
          NextRecordType: next.Type,
          ...(next.SetIdentifier !== undefined && { NextRecordIdentifier: next.SetIdentifier }),
        }),
        MaxItems: size,
      };
    },
  },
  TestDNSAnswer: {
    asks: () => [{ action: 'route53:TestDNSAnswer', resource: '*' }],
    run(input) {
      const zone = zoneOf(room, input.HostedZoneId);
      if (input.EDNS0ClientSubnetIP !== undefined || input.EDNS0ClientSubnetMask !== undefined)
        throw notImitated('route53:TestDNSAnswer with a client subnet');
      if (input.ResolverIP !== undefined && isIP(input.ResolverIP) === 0)
        throw invalidInput(`The resolver IP address ${input.ResolverIP} is not valid.`);
      const name = nameOf(input.RecordName ?? '');
      const type = input.RecordType ?? '';
      if (!TYPES.includes(type)) throw notImitated(`route53 records of type ${type}`);
      if (!liesIn(name, zone.name)) throw invalidInput(`${name} does not lie within the hosted zone ${zone.name}`);
      const { rcode, answers } = answerOf(directory, name, type);
      return {
        Nameserver: zone.nameServers[0],
        RecordName: name,
        RecordType: input.RecordType,
        RecordData: answers.map(({ value }) => value),
        ResponseCode: rcode,
        Protocol: 'UDP',
      };
    },
  },
});
