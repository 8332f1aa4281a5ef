// What a failover's plan rests on: everything that was read, put side by side for each public name.
import type { Estate, PublicName } from '../estate.ts';
import type { CopyMark } from './copies.ts';
import type { Answered, DatabaseFacts, Front, Health } from './facts.ts';
import type { RecordSet } from './journal.ts';
import type { Lease } from './lease.ts';
import { draftMove, type Move } from './records.ts';
import type { Run } from './run.ts';
import { doorOf, type Sides } from './sides.ts';

/** The doors of an environment; null where what the estate names does not exist. */
export interface DoorFacts {
  readonly loadBalancer: Front | null;
  /** Undefined where the estate names none. */
  readonly distribution?: Front | null | undefined;
}

export interface NameFacts {
  readonly name: string;
  readonly records: readonly RecordSet[];
  /** What the zone's own servers answer. */
  readonly answers: readonly { readonly server: string; readonly addresses: readonly string[] }[];
  /** What each door's own name answers. */
  readonly addresses: { readonly from: readonly string[]; readonly to: readonly string[] };
  /** Asked through each side's door with this name as Host; null where it was not asked. */
  readonly health: { readonly from: Health | null; readonly to: Health | null };
  /** The front end, asked the same way of the side that is to serve; null where the name needs none. */
  readonly page: Page | null;
}

export interface Page {
  readonly status: number | null;
  readonly html: boolean;
  readonly trouble: string | null;
}

export const readPage = ({ status, headers, trouble }: Answered): Page => ({
  status,
  html: Object.entries(headers).some(([name, value]) => name.toLowerCase() === 'content-type' && value.startsWith('text/html')),
  trouble,
});

export interface FailoverFacts {
  readonly lease: Lease | undefined;
  readonly names: readonly NameFacts[];
  readonly doors: { readonly from: DoorFacts; readonly to: DoorFacts };
  readonly databases: { readonly from: DatabaseFacts; readonly to: DatabaseFacts };
  /** Of the last copy from the one to the other. */
  readonly copy: CopyMark | null;
  readonly uploads: { readonly count: number; readonly more: boolean } | null;
  /** When names and doors were read, and when the databases. */
  readonly readAt: string;
  readonly dataReadAt: string;
}

export interface NameScene {
  readonly name: PublicName;
  readonly facts: NameFacts;
  readonly from: Front | null;
  readonly to: Front | null;
  /** Null where there is no door to move to. */
  readonly move: Move | null;
}

export interface Scene {
  readonly run: Run;
  readonly estate: Estate;
  readonly sides: Sides;
  readonly facts: FailoverFacts;
  readonly names: readonly NameScene[];
  readonly now: Date;
}

export interface Setting {
  readonly run: Run;
  readonly estate: Estate;
  readonly sides: Sides;
  readonly facts: FailoverFacts;
  readonly now: Date;
}

export function layOut({ run, estate, sides, facts, now }: Setting): Scene {
  const ours = estate.names.map(({ name }) => name);
  const names = estate.names.map((name): NameScene => {
    const read = facts.names.find((one) => one.name === name.name) ?? unread(name.name);
    const from = facts.doors.from[doorOf(sides.from, name, estate)] ?? null;
    const to = facts.doors.to[doorOf(sides.to, name, estate)] ?? null;
    const beside = Object.values(facts.doors.from).filter((door: Front | null | undefined) => door != null && door !== from);
    const move = to && draftMove(name, read.records, { from, to, beside, addresses: read.addresses, ours });
    return { name, facts: read, from, to, move };
  });
  return { run, estate, sides, facts, names, now };
}

const unread = (name: string): NameFacts => ({
  name,
  records: [],
  answers: [],
  addresses: { from: [], to: [] },
  health: { from: null, to: null },
  page: null,
});
