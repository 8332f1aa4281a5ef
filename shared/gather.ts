// Everything a failover's plan rests on, read from the world in one go: each fact once, side by side for every public name.
import type { Cloud } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';
import type { PublicName } from './estate.ts';
import { DataFacts, DoorsFacts, readFacts, readMark } from './ledger/facts.ts';
import type { CopyMark } from './runbooks/copies.ts';
import { readHealth, type Front, type Health } from './runbooks/facts.ts';
import type { Lease } from './runbooks/lease.ts';
import { readPage, type DoorFacts, type FailoverFacts, type NameFacts } from './runbooks/scene.ts';
import { doorOf, schemeOf, type Sides } from './runbooks/sides.ts';
import { lookUpQuietly } from './vantage.ts';

export type Eyes = Pick<Cloud, 'ledger' | 'names' | 'outside' | 'uploads' | 'estate' | 'clock'>;

/** Where in the ledger lies what other functions read. */
export interface Read {
  readonly data: string;
  readonly doors: string;
}

export async function gatherFailover(sides: Sides, lease: Lease | undefined, read: Read, eyes: Eyes): Promise<FailoverFacts> {
  const { ledger, estate, clock } = eyes;
  const [{ readAt: dataReadAt, databases }, { doors: standing }, copy] = await Promise.all([
    readFacts(ledger, read.data, DataFacts),
    readFacts(ledger, read.doors, DoorsFacts),
    readMark(ledger, sides.from, sides.to),
  ]);
  const of = (environment: string) => {
    const own = databases.find((one) => one.environment === environment);
    if (own) return own;
    throw new RunbookError('CloudRefused', `${read.data} says nothing of ${environment}; start the run again`, { environment });
  };
  const doors = { from: standing[sides.from] ?? NO_DOORS, to: standing[sides.to] ?? NO_DOORS };
  const [names, uploads] = await Promise.all([
    Promise.all(estate.names.map((name) => nameFacts(name, sides, doors, eyes))),
    copy && uploadsSince(sides.from, copy, eyes),
  ]);
  const readAt = clock.now().toISOString();
  return { lease, names, doors, databases: { from: of(sides.from), to: of(sides.to) }, copy, uploads, readAt, dataReadAt };
}

const NO_DOORS: DoorFacts = { loadBalancer: null };

/** Null where the bucket cannot be listed, as when it is gone with the side that is left: a count must not stop a failover. */
async function uploadsSince(environment: string, { at }: CopyMark, { uploads, estate }: Eyes): Promise<FailoverFacts['uploads']> {
  try {
    return await uploads.countSince(estate.environments[environment]?.buckets.uploads ?? '', new Date(at));
  } catch (error) {
    if (error instanceof RunbookError) return null;
    throw error;
  }
}

async function nameFacts(
  name: PublicName,
  sides: Sides,
  doors: { from: DoorFacts; to: DoorFacts },
  eyes: Eyes,
): Promise<NameFacts> {
  const { names, estate } = eyes;
  const front = (side: 'from' | 'to'): Front | null => doors[side][doorOf(sides[side], name, estate)] ?? null;
  const [from, to] = [front('from'), front('to')];
  const [records, servers] = await Promise.all([names.read(name), names.serversOf(name.zone)]);
  const [answers, fromAddresses, toAddresses, fromHealth, toHealth, page] = await Promise.all([
    Promise.all(
      servers.map(async (server) => ({ server, addresses: await lookUpQuietly(eyes.outside, server, name.name, 'A') })),
    ),
    addressesOf(from, eyes),
    addressesOf(to, eyes),
    healthThrough(from, name, eyes),
    healthThrough(to, name, eyes),
    name.needs.frontEnd && to ? askThrough(to, name, '/', eyes).then(readPage) : null,
  ]);
  return {
    name: name.name,
    records,
    answers,
    addresses: { from: fromAddresses, to: toAddresses },
    health: { from: fromHealth, to: toHealth },
    page,
  };
}

/** Of any resolver of the estate, the first that gives some: one that stays silent, or filters, must not stop a failover. */
async function addressesOf(front: Front | null, { outside, estate }: Eyes): Promise<readonly string[]> {
  if (!front) return [];
  const asked = estate.resolvers.map((resolver) => lookUpQuietly(outside, resolver, front.dnsName, 'A'));
  return new Promise((resolve, reject) => {
    const heard = asked.map(async (answer) => {
      const addresses = await answer;
      if (addresses.length > 0) resolve(addresses);
    });
    Promise.all(heard).then(() => resolve([]), reject);
  });
}

const healthThrough = async (front: Front | null, name: PublicName, eyes: Eyes): Promise<Health | null> =>
  front && readHealth(await askThrough(front, name, eyes.estate.application.health, eyes));

/** A shadow request: to that door, under the public name. */
const askThrough = (front: Front, { name }: PublicName, path: string, { outside }: Eyes) =>
  outside.ask({ scheme: schemeOf(front), name: bare(name), at: bare(front.dnsName), path });

const bare = (name: string): string => name.replace(/\.$/, '');
