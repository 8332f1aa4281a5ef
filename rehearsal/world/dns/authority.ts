// What the authoritative servers answer: zones with wildcards, delegations, CNAMEs and aliases, and the names that AWS's own
// services own. Nothing here recurses.
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { domainOf, type Directory, type ServedZone } from './directory.ts';
import { liesIn, normalName, parentOf } from './names.ts';
import { chosen, shuffled } from './routing.ts';

export interface Resource {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  /** As Route 53 writes values. */
  readonly value: string;
}
export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';
export interface Reply {
  readonly rcode: Rcode;
  readonly authoritative: boolean;
  readonly answers: readonly Resource[];
  readonly authorities: readonly Resource[];
}

/** What Route 53 gives an alias to a load balancer or a distribution, and what these names have themselves. */
const ALIAS_TTL_SECONDS = 60;
/** AWS's own domains answer negatives for a minute too. */
const PROVIDER_SOA = 'ns-1.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 60';
const LONGEST_CHAIN = 8;

const REFUSED: Reply = { rcode: 'REFUSED', authoritative: false, answers: [], authorities: [] };
const positive = (answers: readonly Resource[]): Reply => ({ rcode: 'NOERROR', authoritative: true, answers, authorities: [] });
const negative = (rcode: Rcode, soa: readonly Resource[], answers: readonly Resource[] = []): Reply => ({
  rcode,
  authoritative: true,
  answers,
  authorities: soa,
});

export function answerOf(directory: Directory, name: string, type: string): Reply {
  return reply(directory, name, type, LONGEST_CHAIN);
}

function reply(directory: Directory, name: string, type: string, hops: number): Reply {
  const zone = zoneOf(directory, name);
  if (zone) return inZone(directory, zone, name, type, hops);
  return ofProvider(directory, name, type) ?? REFUSED;
}

/** The innermost zone that the name lies in. */
const zoneOf = (directory: Directory, name: string): ServedZone | undefined =>
  directory
    .zones()
    .filter((zone) => liesIn(name, zone.name))
    .sort((a, b) => b.name.length - a.name.length)[0];

function inZone(directory: Directory, zone: ServedZone, name: string, type: string, hops: number): Reply {
  const referral = delegationOf(zone, name, type);
  if (referral) return { rcode: 'NOERROR', authoritative: false, answers: [], authorities: referral };
  const sets = recordsAt(zone, name);
  if (sets === undefined) return negative('NXDOMAIN', soaOf(zone));
  const wanted = sets.filter((set) => set.Type === type);
  const cname = sets.filter((set) => set.Type === 'CNAME');
  if (wanted.length === 0 && cname.length > 0) {
    const [link] = valuesOf(directory, zone, name, cname, hops);
    if (link === undefined) return negative('NOERROR', soaOf(zone));
    const target = normalName(link.value);
    // What lies elsewhere is the resolver's to ask for.
    if (hops === 0 || !zoneOf(directory, target)) return positive([link]);
    const rest = reply(directory, target, type, hops - 1);
    return { ...rest, authoritative: true, answers: [link, ...rest.answers] };
  }
  const answers = valuesOf(directory, zone, name, wanted, hops);
  return answers.length > 0 ? positive(answers) : negative('NOERROR', soaOf(zone));
}

/** The records of a name, its own or a wildcard's; undefined when there is no such name. */
function recordsAt(zone: ServedZone, name: string): readonly ResourceRecordSet[] | undefined {
  const own = zone.records.filter((set) => set.Name === name);
  if (own.length > 0) return own;
  const isThere = (candidate: string): boolean => zone.records.some(({ Name = '' }) => liesIn(Name, candidate));
  if (isThere(name)) return [];
  let encloser = parentOf(name);
  while (encloser !== zone.name && !isThere(encloser)) encloser = parentOf(encloser);
  const wild = zone.records.filter((set) => set.Name === `\\052.${encloser}`);
  return wild.length > 0 ? wild : undefined;
}

function delegationOf(zone: ServedZone, name: string, type: string): readonly Resource[] | undefined {
  for (let cut = name; cut !== zone.name; cut = parentOf(cut)) {
    const set = zone.records.find((record) => record.Type === 'NS' && record.Name === cut);
    // What proves a delegation is the parent's own to answer.
    if (set && !(cut === name && type === 'DS')) return plainValues(set, cut);
  }
  return undefined;
}

const plainValues = (set: ResourceRecordSet, name: string): Resource[] =>
  (set.ResourceRecords ?? []).map(({ Value = '' }) => ({ name, type: set.Type ?? '', ttl: set.TTL ?? 0, value: Value }));

function soaOf(zone: ServedZone): Resource[] {
  const set = zone.records.find((record) => record.Type === 'SOA');
  return set ? plainValues(set, zone.name) : [];
}

function valuesOf(
  directory: Directory,
  zone: ServedZone,
  name: string,
  sets: readonly ResourceRecordSet[],
  hops: number,
): readonly Resource[] {
  const healthy = (set: ResourceRecordSet): boolean => isHealthy(directory, zone, set, hops);
  return chosen(sets, healthy, directory.random).flatMap((set) =>
    set.AliasTarget ? ofAlias(directory, name, set, hops) : shuffled(plainValues(set, name), directory.random),
  );
}

/** An alias is answered with its target's values under its own name. */
function ofAlias(directory: Directory, name: string, set: ResourceRecordSet, hops: number): readonly Resource[] {
  if (hops === 0) return [];
  const target = set.AliasTarget?.DNSName ?? '';
  return reply(directory, target, set.Type ?? '', hops - 1)
    .answers.filter((answer) => answer.type === set.Type)
    .map((answer) => ({ ...answer, name }));
}

/** An alias that does not evaluate its target is healthy, and so is a record without a health check. */
function isHealthy(
  directory: Directory,
  zone: ServedZone,
  { Type, AliasTarget: alias }: ResourceRecordSet,
  hops: number,
): boolean {
  if (alias?.EvaluateTargetHealth !== true || hops === 0) return true;
  const owner = directory.target(alias.DNSName ?? '');
  if (owner) return owner.healthy?.() ?? true;
  const behind = (recordsAt(zone, alias.DNSName ?? '') ?? []).filter((set) => set.Type === Type);
  return behind.length === 0 || behind.some((set) => isHealthy(directory, zone, set, hops - 1));
}

function ofProvider(directory: Directory, name: string, type: string): Reply | undefined {
  const make = (values: readonly string[]): Reply => {
    const answers = values.map((value) => ({ name, type, ttl: ALIAS_TTL_SECONDS, value }));
    return answers.length > 0 ? positive(shuffled(answers, directory.random)) : negative('NOERROR', providerSoa(domainOf(name)));
  };
  const server = directory.nameServer(name);
  if (server !== undefined) return make(type === 'A' ? [server] : []);
  const target = directory.target(name);
  if (target) {
    const https = type === 'HTTPS' ? target.https?.() : undefined;
    const { a, aaaa } = target.addresses();
    return make(type === 'A' ? a : type === 'AAAA' ? aaaa : https === undefined ? [] : [https]);
  }
  const domain = directory.providerDomains().find((candidate) => liesIn(name, candidate));
  if (domain === undefined) return undefined;
  return negative(name === domain ? 'NOERROR' : 'NXDOMAIN', providerSoa(domain));
}

const providerSoa = (domain: string): Resource[] => [{ name: domain, type: 'SOA', ttl: ALIAS_TTL_SECONDS, value: PROVIDER_SOA }];
