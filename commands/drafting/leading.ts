// Where the public names lead today.
import type { NameRecord, Zone } from '../../shared/cloud/account.ts';
import { PublicName } from '../../shared/estate.ts';
import { carries, partsOf } from './words.ts';

export type DoorKind = 'distribution' | 'loadBalancer';
export interface Door {
  readonly environment: string;
  readonly kind: DoorKind;
  /** The load balancer's name or the distribution's id. */
  readonly id: string;
}

/** A name of a public zone that leads to a door of ours. */
export interface Led {
  readonly name: string;
  /** More than one where several public zones have it. */
  readonly zones: readonly string[];
  readonly types: readonly string[];
  /** More than one where its records lead to several. */
  readonly doors: readonly Door[];
  /** Types whose records lead to no door of ours. */
  readonly astray: readonly string[];
}
export interface Leading {
  readonly names: readonly Led[];
  /** What leads to us and was left out, a line each. */
  readonly leftOut: readonly string[];
}

type DoorAt = (host: string) => Door | undefined;
type LabelsOf = (environment: string) => readonly string[];
interface Place {
  readonly zone: Zone;
  readonly records: readonly NameRecord[];
}
type Places = ReadonlyMap<string, readonly Place[]>;

export function leadingNames(zones: readonly Zone[], doorAt: DoorAt, labelsOf: LabelsOf): Leading {
  const places = placesOf(zones);
  const candidates = [...places.keys()].flatMap((name) => candidateOf(name, places, doorAt, labelsOf) ?? []);
  const fit = candidates.filter(({ led }) => isFit(led.name));
  // Where every name is called after its environment, that is how people know the application.
  const general = fit.filter(({ own }) => !own);
  const known = general.length > 0 ? general : fit;
  const isKnown = (name: string | undefined): boolean => known.some(({ led }) => led.name === name);
  return {
    names: known.filter(({ follows }) => !isKnown(follows)).map(({ led }) => led),
    leftOut: candidates.flatMap((one) => leftOut(one, isKnown(one.led.name), isKnown(one.follows))),
  };
}

const isFit = (name: string): boolean => PublicName.shape.name.safeParse(name).success;

function leftOut({ led: { name, doors }, follows }: Candidate, known: boolean, led: boolean): string[] {
  const where = doors.map(({ environment }) => environment).join(' and ');
  if (!isFit(name)) return [`name ${name}: leads to ${where}, and is no name that the estate takes`];
  if (!known) return [`name ${name}: leads to ${where} and is called after it; add it if people use it`];
  return led ? [`name ${name}: follows ${follows ?? ''} wherever that leads`] : [];
}

interface Candidate {
  readonly led: Led;
  /** The name by which it leads to a door, where it is not its own records that do. */
  readonly follows: string | undefined;
  /** Called after the environment that it leads to, as main.orders.test. */
  readonly own: boolean;
}

function candidateOf(name: string, places: Places, doorAt: DoorAt, labelsOf: LabelsOf): Candidate | undefined {
  const here = places.get(name) ?? [];
  const records = here.flatMap((place) => place.records);
  const doorsOf = (some: readonly NameRecord[]): Door[] =>
    unique(some.flatMap(({ targets }) => targets.flatMap((host) => doorsBehind(host, places, doorAt))));
  const doors = doorsOf(records);
  if (doors.length === 0) return undefined;
  const types = [...new Set(records.map(({ type }) => type))];
  const astray = types.filter((type) => {
    const ofType = records.filter((record) => record.type === type);
    // An HTTPS record without a target speaks for the name's own addresses.
    return doorsOf(ofType).length === 0 && (type !== 'HTTPS' || ofType.some(({ targets }) => targets.length > 0));
  });
  return {
    led: { name, zones: here.map(({ zone }) => zone.id), types, doors, astray },
    follows: records.flatMap(({ targets }) => targets).find((host) => doorAt(host) === undefined && places.has(host)),
    own: doors.every(({ environment }) => labelsOf(environment).some((label) => isCalledAfter(name, here, label))),
  };
}

/** A zone's own name tells nothing: everything in it carries that. */
const isCalledAfter = (name: string, here: readonly Place[], label: string): boolean =>
  label !== '' && here.every(({ zone }) => carries(partsOf(name.slice(0, -zone.name.length)), partsOf(label)));

/** A chain of names this long is a circle. */
const LONGEST_CHAIN = 8;

function doorsBehind(host: string, places: Places, doorAt: DoorAt, depth = 0): Door[] {
  const door = doorAt(host);
  if (door) return [door];
  if (depth === LONGEST_CHAIN) return [];
  const targets = (places.get(host) ?? []).flatMap(({ records }) => records.flatMap((record) => record.targets));
  return [...new Set(targets)].flatMap((next) => doorsBehind(next, places, doorAt, depth + 1));
}

const unique = (doors: readonly Door[]): Door[] => [...new Map(doors.map((door) => [`${door.kind} ${door.id}`, door])).values()];

/** A private zone answers inside a network only: what it says is nobody's public name. */
function placesOf(zones: readonly Zone[]): Places {
  const places = new Map<string, Place[]>();
  for (const zone of zones.filter(({ isPrivate }) => !isPrivate)) {
    const byName = new Map<string, NameRecord[]>();
    for (const record of zone.records) byName.set(record.name, [...(byName.get(record.name) ?? []), record]);
    for (const [name, records] of byName) places.set(name, [...(places.get(name) ?? []), { zone, records }]);
  }
  return places;
}
