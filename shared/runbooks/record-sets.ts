// Resource record sets compared as Route 53 means them: case, final dots, `dualstack.` and the order of values tell nothing.
import type { RecordSet } from './journal.ts';
import { canonical } from './plan-hash.ts';

/** The types by which a client finds an address. */
export const LEADING_TYPES: readonly string[] = ['A', 'AAAA', 'CNAME', 'HTTPS'];

export interface AliasTarget {
  readonly HostedZoneId: string;
  readonly DNSName: string;
  readonly EvaluateTargetHealth: boolean;
}

/** A record set's fields that are read here; whatever else it carries goes along untouched. */
export interface Shape {
  readonly AliasTarget?: AliasTarget;
  readonly ResourceRecords?: readonly { readonly Value: string }[];
  readonly SetIdentifier?: string;
  readonly TTL?: number;
}
export const shapeOf = (record: RecordSet): Shape => record as unknown as Shape;
export const valuesOf = (record: RecordSet): string[] => (shapeOf(record).ResourceRecords ?? []).map(({ Value }) => Value);

/** One name for all its spellings. */
export const plainName = (name: string): string => `${name.toLowerCase().replace(/\.$/, '')}.`;
/** Where a target leads, whatever the record before it said: the console writes `dualstack.`, the API does not. */
export const targetName = (name: string): string => plainName(name).replace(/^dualstack\./, '');

/** Two records with one key cannot be in a zone together. */
export const keyOf = (record: RecordSet): string =>
  [plainName(record.Name), record.Type, shapeOf(record).SetIdentifier ?? ''].join(' ');

/** Whether two record sets of names lead everybody to the same places; a TXT record beside them is nobody's concern here. */
export function sameRecords(one: readonly RecordSet[], other: readonly RecordSet[]): boolean {
  return canonical(readable(one)) === canonical(readable(other));
}

const readable = (records: readonly RecordSet[]): unknown[] =>
  records
    .filter(({ Type }) => LEADING_TYPES.includes(Type))
    .map((record) => ({ key: keyOf(record), record: normal(record) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));

function normal(record: RecordSet): unknown {
  const { AliasTarget: alias } = shapeOf(record);
  const name = (text: string): string => (record.Type === 'CNAME' ? plainName(text) : text);
  return {
    ...record,
    Name: plainName(record.Name),
    AliasTarget: alias && { ...alias, DNSName: targetName(alias.DNSName) },
    ResourceRecords: alias ? undefined : valuesOf(record).map(name).sort(),
  };
}
