// Whether a record set may stand beside the others of its name: CNAMEs stand alone, routing policies do not mix.
import type { RecordSet } from './room.ts';

type Policy = 'weighted' | 'failover' | 'multivalue' | 'simple';

const policyOf = (set: RecordSet): Policy => {
  if (set.Weight !== undefined) return 'weighted';
  if (set.Failover !== undefined) return 'failover';
  return set.MultiValueAnswer === undefined ? 'simple' : 'multivalue';
};

/** `others` are the zone's records without the one that is replaced. */
export function problemOfSiblings(wanted: RecordSet, others: readonly RecordSet[], zone: string): string[] {
  const namesakes = others.filter(({ Name }) => Name === wanted.Name);
  return [
    ...ofCname(wanted, namesakes, zone),
    ...ofPolicy(
      wanted,
      namesakes.filter(({ Type }) => Type === wanted.Type),
    ),
  ];
}

function ofCname({ Name, Type }: RecordSet, namesakes: readonly RecordSet[], zone: string): string[] {
  if (Type === 'CNAME' && namesakes.some((other) => other.Type !== 'CNAME'))
    return [
      `RRSet of type CNAME with DNS name ${Name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`,
    ];
  if (Type !== 'CNAME' && namesakes.some((other) => other.Type === 'CNAME'))
    return [
      `RRSet of type ${Type} with DNS name ${Name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone}`,
    ];
  return [];
}

function ofPolicy(wanted: RecordSet, twins: readonly RecordSet[]): string[] {
  const { Name, Type, SetIdentifier } = wanted;
  if (twins.length === 0) return [];
  const policy = policyOf(wanted);
  const head = `RRSet with DNS name ${Name}, type ${Type}`;
  if (policy === 'simple') return [`${head} cannot be created as other RRSets exist with the same name and type.`];
  const mixed = twins.some((twin) => policyOf(twin) !== policy);
  if (policy === 'weighted') {
    if (mixed)
      return [
        `${head}, SetIdentifier ${SetIdentifier} cannot be created as a non-weighted set exists with the same name and type.`,
      ];
    if (wanted.TTL !== undefined && twins.some((twin) => twin.TTL !== undefined && twin.TTL !== wanted.TTL))
      return [
        `RRSet with DNS name ${Name} and type ${Type}, SetIdentifier ${SetIdentifier} cannot be created as weighted sets must contain the same TTL.`,
      ];
  }
  if (policy === 'multivalue' && mixed)
    return [
      `${head}, SetIdentifier ${SetIdentifier} cannot be created because a non multivalue answer rrset exists with the same name and type.`,
    ];
  if (policy === 'failover') {
    const who = `${head}, SetIdentifier ${SetIdentifier}, and Failover=${wanted.Failover}`;
    if (mixed) return [`${who} cannot be created because a non-failover RRSet with the same name and type already exists.`];
    if (twins.some(({ Failover }) => Failover === wanted.Failover))
      return [`${who} cannot be created because a ${wanted.Failover} RRSet with the same name and type already exists.`];
  }
  return [];
}
