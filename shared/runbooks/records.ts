// The records of a public name, from one environment's door to another's: what changes, what cannot, and the exact way back.
import { RunbookError } from '../errors.ts';
import type { PublicName } from '../estate.ts';
import type { Front } from './facts.ts';
import type { RecordChange, RecordSet } from './journal.ts';
import { keyOf, LEADING_TYPES, plainName, sameRecords, shapeOf, targetName, valuesOf, type AliasTarget } from './record-sets.ts';
import { judgeServiceRecord, retargetServiceRecord } from './service-records.ts';

/** The two doors a name can lead to. */
export interface Doors {
  readonly from: Front | null;
  readonly to: Front;
  /** Doors of the old side that the name goes by only when somebody led it there by hand. */
  readonly beside: readonly Front[];
  /** What the doors' own names answer, for records that carry addresses. */
  readonly addresses: { readonly from: readonly string[]; readonly to: readonly string[] };
  /** Names of the estate: a record that leads to one of them follows it. */
  readonly ours: readonly string[];
}

export interface Move {
  /** The name's whole record sets, also of types that lead nobody anywhere. */
  readonly before: readonly RecordSet[];
  readonly after: readonly RecordSet[];
  readonly changes: readonly RecordChange[];
  readonly inverse: readonly RecordChange[];
  readonly told: readonly { readonly target: string; readonly says: string; readonly before: string; readonly after: string }[];
  readonly troubles: {
    /** Records that lead to neither door. */
    readonly strange: readonly string[];
    /** Records that would go on leading to the old door, or to none. */
    readonly behind: readonly string[];
    /** Aliases whose zone id is not their target's. */
    readonly zones: readonly string[];
  };
  /** Where the name leads today. */
  readonly leads: readonly Lead[];
  /** As long may a resolver go on with the old answer. */
  readonly ttlSeconds: number;
}

/** `owner`: an HTTPS record that speaks for the name's own addresses. `follows`: it leads to another name of the estate. */
export type Lead = 'from' | 'to' | 'follows' | 'owner' | 'elsewhere';

/** Route 53 answers alias records with their target's own TTL, a minute for load balancers and distributions. */
export const ALIAS_TTL_SECONDS = 60;

export function draftMove(name: PublicName, records: readonly RecordSet[], doors: Doors): Move {
  const types: readonly string[] = name.types;
  const leading = records.filter(({ Type }) => LEADING_TYPES.includes(Type));
  const judged = leading.map((record) => ({ record, lead: leadOf(record, doors) }));
  const moving = judged.filter(({ record, lead }) => lead === 'from' && types.includes(record.Type));
  const behind = judged.filter(({ record, lead }) => lead === 'from' && !types.includes(record.Type)).map(({ record }) => record);
  const drafts = moving.map(({ record }) => ({ record, after: retarget(record, doors.to) }));
  const steps = keepAnAddress(leading, drafts, doors.to);
  const afterOf = new Map(steps.map(({ record, after }) => [keyOf(record), after]));
  return {
    before: records,
    after: records.flatMap((record) => (afterOf.has(keyOf(record)) ? (afterOf.get(keyOf(record)) ?? []) : record)),
    changes: steps.map(({ record, after }) => (after ? { action: 'UPSERT', record: after } : { action: 'DELETE', record })),
    inverse: steps.map(({ record, after }) => ({ action: after ? 'UPSERT' : 'CREATE', record })),
    told: steps.map(({ record, after }) => tell(record, after, doors)),
    troubles: {
      strange: judged
        .filter(({ lead }) => lead === 'elsewhere')
        .map(({ record }) => `${labelOf(record)} leads to ${targetOf(record)}`),
      behind: [
        ...behind.map((record) => `${labelOf(record)} is not ours to move and would go on leading to ${targetOf(record)}`),
        ...steps.flatMap(({ record, lonely }) =>
          lonely ? [`${labelOf(record)} is the only address of the name, and ${doors.to.dnsName} has no IPv6`] : [],
        ),
      ],
      zones: judged.flatMap(({ record, lead }) => zoneTrouble(record, lead, doors)),
    },
    leads: judged.map(({ lead }) => lead),
    ttlSeconds: Math.max(
      0,
      ...moving.map(({ record }) => (shapeOf(record).AliasTarget ? ALIAS_TTL_SECONDS : (shapeOf(record).TTL ?? 0))),
    ),
  };
}

interface Draft {
  readonly record: RecordSet;
  /** Null where the new door has no such thing: the record goes, and its inverse creates it again. */
  readonly after: RecordSet | null;
  readonly lonely?: boolean;
}

/** A name with no address at all is worse than one with an address too many. */
function keepAnAddress(leading: readonly RecordSet[], drafts: readonly Draft[], to: Front): readonly Draft[] {
  const gone = new Set(drafts.filter(({ after }) => after === null).map(({ record }) => keyOf(record)));
  if (leading.some((record) => record.Type !== 'HTTPS' && !gone.has(keyOf(record)))) return drafts;
  return drafts.map((draft) =>
    draft.after === null && draft.record.Type === 'AAAA' ? { ...draft, after: alias(draft.record, to), lonely: true } : draft,
  );
}

function leadOf(record: RecordSet, doors: Doors): Lead {
  const { AliasTarget: target } = shapeOf(record);
  if (target) return leadOfName(target.DNSName, doors);
  const values = valuesOf(record);
  if (record.Type === 'CNAME') return leadOfName(values[0] ?? '', doors);
  if (record.Type === 'HTTPS') return judgeServiceRecord(values, (name) => leadOfName(name, doors));
  // Several answers at once cannot become one alias: such a record is left to people.
  if ('MultiValueAnswer' in record) return 'elsewhere';
  const all = (addresses: readonly string[]): boolean => values.length > 0 && values.every((value) => addresses.includes(value));
  if (all(doors.addresses.to)) return 'to';
  return all(doors.addresses.from) ? 'from' : 'elsewhere';
}

function leadOfName(name: string, doors: Doors): Lead {
  const { to, ours } = doors;
  const target = targetName(name);
  if (target === targetName(to.dnsName)) return 'to';
  if (oldDoor(target, doors)) return 'from';
  return ours.some((one) => plainName(one) === target) ? 'follows' : 'elsewhere';
}

const oldDoor = (target: string, { from, beside }: Doors): Front | undefined =>
  [...(from ? [from] : []), ...beside].find(({ dnsName }) => targetName(dnsName) === target);

function retarget(record: RecordSet, to: Front): RecordSet | null {
  if (record.Type === 'CNAME') return { ...record, ResourceRecords: [{ Value: to.dnsName }] };
  if (record.Type === 'AAAA' && !to.ipv6) return null;
  if (record.Type !== 'HTTPS') return alias(record, to);
  // Of HTTPS records only a distribution has its own to be an alias of.
  if (shapeOf(record).AliasTarget) return to.kind === 'distribution' ? alias(record, to) : null;
  const values = retargetServiceRecord(valuesOf(record), to.dnsName);
  return values && { ...record, ResourceRecords: values.map((Value) => ({ Value })) };
}

function alias({ TTL: _ttl, ResourceRecords: _values, ...record }: RecordSet, to: Front): RecordSet {
  const before = shapeOf(record).AliasTarget;
  const target: AliasTarget = {
    HostedZoneId: to.zoneId,
    DNSName: to.dnsName,
    // Route 53 refuses it for a distribution.
    EvaluateTargetHealth: to.kind === 'distribution' ? false : (before?.EvaluateTargetHealth ?? false),
  };
  return { ...record, AliasTarget: target };
}

function zoneTrouble(record: RecordSet, lead: Lead, doors: Doors): string[] {
  const { AliasTarget: target } = shapeOf(record);
  if (!target) return [];
  const door = lead === 'to' ? doors.to : oldDoor(targetName(target.DNSName), doors);
  if (!door || target.HostedZoneId === door.zoneId) return [];
  return [
    `${labelOf(record)} leads to ${targetName(target.DNSName)} by zone id ${target.HostedZoneId}, which is not its own (${door.zoneId})`,
  ];
}

const labelOf = (record: RecordSet): string => {
  const { SetIdentifier: set } = shapeOf(record);
  return `${plainName(record.Name)} ${record.Type}${set === undefined ? '' : ` (${set})`}`;
};

function targetOf(record: RecordSet): string {
  const { AliasTarget: target } = shapeOf(record);
  if (target) return `${targetName(target.DNSName)} (alias in ${target.HostedZoneId})`;
  return valuesOf(record).join(', ');
}

function tell(record: RecordSet, after: RecordSet | null, { to }: Doors): Move['told'][number] {
  const target = labelOf(record);
  if (after) return { target, says: `${target} moves to ${to.id}`, before: targetOf(record), after: targetOf(after) };
  const says = `${target} is taken away, because ${to.dnsName} has nothing of the kind`;
  return { target, says, before: targetOf(record), after: 'no such record' };
}

/** A change out of a flight record, told by what stands before it. */
export function tellBack({ action, record }: RecordChange, standing: readonly RecordSet[]): Move['told'][number] {
  const target = labelOf(record);
  const now = standing.find((one) => keyOf(one) === keyOf(record));
  const gone = action === 'DELETE';
  return {
    target,
    says: `${target} is ${gone ? 'taken away' : 'put back as it was'}`,
    before: now ? targetOf(now) : 'no such record',
    after: gone ? 'no such record' : targetOf(record),
  };
}

/** A retry finds its own batch made and leaves it; anything else than what was planned on stops the run. */
export function decideRecords(
  { before, after }: { readonly before: readonly RecordSet[]; readonly after: readonly RecordSet[] },
  current: readonly RecordSet[],
): 'swap' | 'leave' {
  if (sameRecords(current, after)) return 'leave';
  if (sameRecords(current, before)) return 'swap';
  const known = new Map(before.map((record) => [keyOf(record), targetOf(record)]));
  const found = new Map(
    current.filter(({ Type }) => LEADING_TYPES.includes(Type)).map((record) => [keyOf(record), targetOf(record)]),
  );
  const keys = [...new Set([...known.keys(), ...found.keys()])];
  const moved = keys.find((key) => found.get(key) !== known.get(key)) ?? keys[0] ?? '';
  const [name = '', type = ''] = moved.split(' ');
  const planned = known.get(moved) ?? 'no such record';
  const now = found.get(moved) ?? 'no such record';
  const says = `${type} ${name} was changed after the plan was approved: planned on ${planned}, found ${now}; start the run again`;
  throw new RunbookError('PlanStale', says, { planned, found: now });
}
