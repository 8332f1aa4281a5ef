// A batch of changes against a zone: all of them or none, every problem told at once. The words are Route 53's.
import { BadName, liesIn, normalName } from '../../world/dns/names.ts';
import { BadValue, readValue } from '../../world/dns/values.ts';
import type { WellFormed } from './form.ts';
import { problemOfAlias, type AliasWorld } from './alias.ts';
import { invalidBatch } from './refusals.ts';
import type { RecordSet } from './room.ts';
import { problemOfSiblings } from './siblings.ts';

const MOST_VALUES = 400;

/** The zone's records after the batch. Throws InvalidChangeBatch. */
export function judgeBatch(
  zone: { readonly id: string; readonly name: string; readonly records: readonly RecordSet[] },
  changes: readonly WellFormed[],
  world: AliasWorld,
): RecordSet[] {
  const problems: string[] = [];
  let records = [...zone.records];
  const seen = new Map<string, string[]>();
  for (const { action, set } of changes) {
    let wanted: RecordSet;
    try {
      wanted = normalSet(set);
    } catch (error) {
      if (!(error instanceof BadName)) throw error;
      problems.push(error.message);
      continue;
    }
    const key = identityOf(wanted);
    seen.set(key, [...(seen.get(key) ?? []), action]);
    const standing = records.find((candidate) => identityOf(candidate) === key);
    const found =
      action === 'DELETE' ? deletion(wanted, standing) : writing(action, wanted, standing, { ...zone, records }, world);
    problems.push(...found);
    const others = records.filter((candidate) => candidate !== standing);
    if (found.length === 0) records = action === 'DELETE' ? others : [...others, wanted];
  }
  for (const [key, actions] of seen) {
    // A set may be replaced in one batch, and otherwise be named once.
    if (actions.length > 1 && actions.join() !== 'DELETE,CREATE') problems.push(repeated(key));
  }
  problems.push(...problemsOfApex(zone.name, records));
  if (problems.length > 0) throw invalidBatch([...new Set(problems)]);
  return records;
}

/** Name, type and set identifier make a record set what it is. */
const identityOf = ({ Name, Type, SetIdentifier = '' }: RecordSet): string => `${Type} ${Name} ${SetIdentifier}`.trim();

const repeated = (key: string): string => `The request contains an invalid set of changes for a resource record set '${key}'`;

/** As it is kept: the values stay as they were written. */
export function normalSet(set: RecordSet): RecordSet {
  const { AliasTarget: alias, ResourceRecords: values = [] } = set;
  return {
    Name: normalName(set.Name),
    Type: set.Type,
    ...(set.SetIdentifier !== undefined && { SetIdentifier: set.SetIdentifier }),
    ...(set.Weight !== undefined && { Weight: set.Weight }),
    ...(set.Failover !== undefined && { Failover: set.Failover }),
    ...(set.MultiValueAnswer !== undefined && { MultiValueAnswer: set.MultiValueAnswer }),
    ...(alias
      ? {
          AliasTarget: {
            HostedZoneId: alias.HostedZoneId,
            DNSName: normalName(alias.DNSName ?? ''),
            EvaluateTargetHealth: alias.EvaluateTargetHealth,
          },
        }
      : { TTL: set.TTL, ResourceRecords: values.map(({ Value }) => ({ Value })) }),
  };
}

const told = ({ Name, Type, SetIdentifier }: RecordSet): string =>
  `[name='${Name}', type='${Type}'${SetIdentifier === undefined ? '' : `, set-identifier='${SetIdentifier}'`}]`;

function deletion(wanted: RecordSet, standing: RecordSet | undefined): string[] {
  if (!standing) return [`Tried to delete resource record set ${told(wanted)} but it was not found`];
  if (comparable(wanted) === comparable(standing)) return [];
  return [`Tried to delete resource record set ${told(wanted)} but the values provided do not match the current values`];
}

/** Both are in normal form; the order of values says nothing. */
const comparable = ({ ResourceRecords: values, ...rest }: RecordSet): string =>
  JSON.stringify([rest, values?.map(({ Value }) => Value).sort()]);

function writing(
  action: 'CREATE' | 'UPSERT',
  wanted: RecordSet,
  standing: RecordSet | undefined,
  zone: { readonly id: string; readonly name: string; readonly records: readonly RecordSet[] },
  world: AliasWorld,
): string[] {
  if (!liesIn(wanted.Name, zone.name)) return [`RRSet with DNS name ${wanted.Name} is not permitted in zone ${zone.name}`];
  const problems = problemsOfValues(wanted);
  if (wanted.Type === 'CNAME' && wanted.Name === zone.name)
    problems.push(`RRSet of type CNAME with DNS name ${wanted.Name} is not permitted at apex in zone ${zone.name}`);
  if (action === 'CREATE' && standing)
    return [...problems, `Tried to create resource record set ${told(wanted)} but it already exists`];
  const others = zone.records.filter((candidate) => candidate !== standing);
  return [
    ...problems,
    ...problemOfSiblings(wanted, others, zone.name),
    ...problemOfAlias(wanted, { ...zone, records: others }, world),
  ];
}

function problemsOfValues({ Type, ResourceRecords: values = [] }: RecordSet): string[] {
  const texts = values.map(({ Value = '' }) => Value);
  const problems = texts.flatMap((text) => {
    try {
      readValue(Type, text);
      return [];
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      return [`Invalid Resource Record: '${error.message}'`];
    }
  });
  for (const twice of texts.filter((text, i) => texts.indexOf(text) !== i))
    problems.push(`Duplicate Resource Record: '${twice}'`);
  if (Type === 'CNAME' && texts.length > 1)
    problems.push(`CNAME RRSets must contain exactly one resource record, found ${texts.length}.`);
  if (texts.length > MOST_VALUES) problems.push(`Cannot have more than ${MOST_VALUES} records in a RRSet.`);
  return problems;
}

/** A zone always keeps its start of authority and its own name servers. */
function problemsOfApex(zone: string, records: readonly RecordSet[]): string[] {
  const at = (type: string): number => records.filter(({ Name, Type }) => Name === zone && Type === type).length;
  return [
    ...(at('SOA') === 1 && records.filter(({ Type }) => Type === 'SOA').length === 1
      ? []
      : ['A HostedZone must contain exactly one SOA record.']),
    ...(at('NS') > 0 ? [] : ['A HostedZone must contain at least one NS record for the zone itself.']),
  ];
}
