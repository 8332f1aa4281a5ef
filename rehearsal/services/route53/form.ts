// What a change must look like before anybody compares it with the zone: Route 53's InvalidInput.
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { TYPES } from '../../world/dns/values.ts';
import { AwsError, notImitated } from '../error.ts';
import { constraint, invalidBatch, invalidInput } from './refusals.ts';
import type { RecordSet } from './room.ts';

export interface WellFormed {
  readonly action: 'CREATE' | 'DELETE' | 'UPSERT';
  readonly set: RecordSet;
}

const ACTIONS = ['CREATE', 'DELETE', 'UPSERT'] as const;
const ALL_TYPES = [
  ...[
    'SOA',
    'A',
    'TXT',
    'NS',
    'CNAME',
    'MX',
    'NAPTR',
    'PTR',
    'SRV',
    'SPF',
    'AAAA',
    'CAA',
    'DS',
    'TLSA',
    'SSHFP',
    'SVCB',
    'HTTPS',
  ],
];
const NOT_IMITATED = ['Region', 'GeoLocation', 'CidrRoutingConfig', 'GeoProximityLocation', 'TrafficPolicyInstanceId'] as const;
const FAILOVERS: readonly string[] = ['PRIMARY', 'SECONDARY'];
const MOST_RECORDS = 1_000;
const MOST_CHARACTERS = 32_000;

export function wellFormed(changes: readonly Change[] | undefined, comment: string | undefined): WellFormed[] {
  if (comment !== undefined && comment.length > 256)
    throw constraint(comment, 'changeBatch.comment', 'have length less than or equal to 256');
  if (changes === undefined || changes.length === 0)
    throw constraint('[]', 'changeBatch.changes', 'have length greater than or equal to 1');
  const read = changes.map(one);
  requireSize(read);
  return read;
}

function one({ Action: action, ResourceRecordSet: set }: Change): WellFormed {
  const known = ACTIONS.find((candidate) => candidate === action);
  if (!known)
    throw constraint(action ?? 'null', 'changeBatch.changes.1.member.action', 'satisfy enum value set: [CREATE, DELETE, UPSERT]');
  if (set?.Name === undefined || set.Type === undefined)
    throw invalidInput("Invalid XML ; the content of element 'ResourceRecordSet' is not complete: Name and Type are expected.");
  if (!ALL_TYPES.includes(set.Type))
    throw constraint(
      set.Type,
      'changeBatch.changes.1.member.resourceRecordSet.type',
      `satisfy enum value set: [${ALL_TYPES.join(', ')}]`,
    );
  if (!TYPES.includes(set.Type)) throw notImitated(`route53 records of type ${set.Type}`);
  for (const member of NOT_IMITATED) if (set[member] !== undefined) throw notImitated(`route53 records with ${member}`);
  if (set.HealthCheckId !== undefined)
    throw new AwsError('NoSuchHealthCheck', `A health check with id ${set.HealthCheckId} does not exist.`, { status: 404 });
  requireContent(known, set);
  requireRouting(known, set);
  return { action: known, set: set as RecordSet };
}

const where = (action: string, { Name, Type, SetIdentifier }: ResourceRecordSet): string =>
  `Change with [Action=${action}, Name=${Name}, Type=${Type}, SetIdentifier=${SetIdentifier ?? 'null'}]`;

function requireContent(action: string, set: ResourceRecordSet): void {
  const values = set.ResourceRecords ?? [];
  const plain = set.TTL !== undefined || values.length > 0;
  const expected = 'Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
  if (set.AliasTarget && plain)
    throw invalidInput(`Invalid request: ${expected}, but found more than one in ${where(action, set)}`);
  if (!set.AliasTarget && (set.TTL === undefined || values.length === 0))
    throw invalidInput(`Invalid request: ${expected}, but found none in ${where(action, set)}`);
  if (set.AliasTarget && set.AliasTarget.EvaluateTargetHealth === undefined)
    throw invalidInput(
      "Invalid XML ; cvc-complex-type.2.4.b: The content of element 'AliasTarget' is not complete. One of '{\"https://route53.amazonaws.com/doc/2013-04-01/\":EvaluateTargetHealth}' is expected.",
    );
  const { TTL: ttl } = set;
  if (ttl !== undefined && !(Number.isInteger(ttl) && ttl >= 0 && ttl <= 2_147_483_647))
    throw constraint(ttl, 'changeBatch.changes.1.member.resourceRecordSet.tTL', 'have value between 0 and 2147483647');
  for (const { Value: value = '' } of values)
    if (value.length > 4_000)
      throw constraint(
        value,
        'changeBatch.changes.1.member.resourceRecordSet.resourceRecords.1.member.value',
        'have length less than or equal to 4000',
      );
}

function requireRouting(action: string, set: ResourceRecordSet): void {
  const policies = [set.Weight, set.Failover, set.MultiValueAnswer].filter((policy) => policy !== undefined);
  const expected = 'Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer]';
  if (policies.length > 1) throw invalidInput(`Invalid request: ${expected}, but found more than one in ${where(action, set)}`);
  if (set.SetIdentifier !== undefined && policies.length === 0)
    throw invalidInput(`Invalid request: ${expected}, but found none in ${where(action, set)}`);
  if (set.SetIdentifier === undefined && policies.length > 0)
    throw invalidInput(`Invalid request: Missing field 'SetIdentifier' in ${where(action, set)}`);
  if (set.SetIdentifier !== undefined && (set.SetIdentifier.length < 1 || set.SetIdentifier.length > 128))
    throw constraint(
      set.SetIdentifier,
      'changeBatch.changes.1.member.resourceRecordSet.setIdentifier',
      'have length between 1 and 128',
    );
  const { Weight: weight, Failover: failover } = set;
  if (weight !== undefined && !(Number.isInteger(weight) && weight >= 0 && weight <= 255))
    throw constraint(weight, 'changeBatch.changes.1.member.resourceRecordSet.weight', 'have value between 0 and 255');
  if (failover !== undefined && !FAILOVERS.includes(failover))
    throw constraint(
      failover,
      'changeBatch.changes.1.member.resourceRecordSet.failover',
      'satisfy enum value set: [PRIMARY, SECONDARY]',
    );
  if (set.MultiValueAnswer !== undefined && set.AliasTarget)
    throw invalidInput(`Invalid request: MultiValueAnswer cannot be used with AliasTarget in ${where(action, set)}`);
}

/** An UPSERT counts twice: it may be a DELETE and a CREATE. */
function requireSize(changes: readonly WellFormed[]): void {
  let records = 0;
  let characters = 0;
  for (const { action, set } of changes) {
    const times = action === 'UPSERT' ? 2 : 1;
    const values = set.ResourceRecords ?? [];
    records += times * Math.max(1, values.length);
    characters += times * values.reduce((sum, { Value = '' }) => sum + Value.length, 0);
  }
  if (records > MOST_RECORDS) throw invalidBatch([`Number of records limit of ${MOST_RECORDS} exceeded.`]);
  if (characters > MOST_CHARACTERS) throw invalidBatch([`Number of characters limit of ${MOST_CHARACTERS} exceeded.`]);
}
