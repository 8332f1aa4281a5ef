// The public names as anybody outside meets them: every authoritative server and every resolver asked, every address tried.
import { OWN_RESOLVER, type Clock, type Given, type Names, type Outside, type OutsideRequest } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';
import type { Estate, PublicName } from './estate.ts';
import { readHealth, type Health } from './runbooks/facts.ts';
import type { Asking, MoveDetail } from './runbooks/move.ts';
import type { RecordSet } from './runbooks/journal.ts';
import type { Sight, Verdict } from './runbooks/outside.ts';
import type { Shadow } from './runbooks/rollback.ts';
import { readPage } from './runbooks/scene.ts';

interface Eyes {
  readonly names: Names;
  readonly outside: Outside;
}

export async function askEverywhere(estate: Estate, asked: MoveDetail['asked'], { names, outside }: Eyes): Promise<Sight[]> {
  const sights = estate.names.map(async (name): Promise<Sight[]> => {
    const servers = [
      ...(await names.serversOf(name.zone)).map((server) => ({ server, kind: 'authority' as const })),
      // What we write through the name ourselves is led by our own.
      ...[...estate.resolvers, OWN_RESOLVER].map((server) => ({ server, kind: 'resolver' as const })),
    ];
    const seen = await Promise.all(
      servers.map(async ({ server, kind }) => ({ server, kind, ...(await addressesOf(server, name, outside)) })),
    );
    const healths = new Map<string, Promise<Health>>();
    const healthAt = (address: string): Promise<Health> => {
      const known =
        healths.get(address) ??
        askAt({ name: name.name, at: address, path: estate.application.health }, asked[name.name], outside);
      healths.set(address, known);
      return known;
    };
    return Promise.all(
      seen.map(async ({ addresses, ...sight }) => ({
        ...sight,
        name: name.name,
        addresses,
        // By IPv4 only: Lambda has no way to an IPv6 address. Both lead to one door, because the plan moves both or neither.
        answers: await Promise.all(
          addresses.filter(isIpv4).map(async (address) => ({ address, health: await healthAt(address) })),
        ),
      })),
    );
  });
  return (await Promise.all(sights)).flat();
}

const isIpv4 = (address: string): boolean => !address.includes(':');

/** And what it takes to ask once more. */
const LAST_SECOND_MILLISECONDS = 1_200;

/** A wait of the machine is whole seconds. A resolver that says every time that it is about to forget is not believed for ever. */
export async function lookOverTheLastSecond(look: () => Promise<Verdict>, { now, pause }: Clock): Promise<Verdict> {
  const until = now().getTime() + LAST_SECOND_MILLISECONDS;
  for (;;) {
    const seen = await look();
    if (seen.waitSeconds === 0 || seen.waitSeconds >= 1) return seen;
    if (now().getTime() >= until) return { ...seen, waitSeconds: 1 };
    await pause(seen.waitSeconds);
  }
}

async function addressesOf(
  server: string,
  { name, types }: PublicName,
  outside: Outside,
): Promise<Pick<Sight, 'silent' | 'addresses' | 'keepsSeconds'>> {
  const asked = types.includes('AAAA') ? (['A', 'AAAA'] as const) : (['A'] as const);
  const heard = await Promise.all(asked.map((type) => lookUpOrSilence(outside, server, name, type)));
  const given = heard.flatMap((one) => one ?? []);
  return {
    silent: heard.some((one) => one === undefined),
    addresses: given.map(({ address }) => address),
    keepsSeconds: Object.fromEntries(given.map(({ address, keepsSeconds }) => [address, keepsSeconds])),
  };
}

/** Undefined from a server that stays silent: one of many may, and what that means is for the judge of them all. */
async function lookUpOrSilence(
  outside: Outside,
  server: string,
  name: string,
  type: 'A' | 'AAAA',
): Promise<readonly Given[] | undefined> {
  try {
    return await outside.lookUp(server, name, type);
  } catch (error) {
    if (error instanceof RunbookError && error.name === 'CloudTransient') return undefined;
    throw error;
  }
}

export const lookUpQuietly = async (...asked: Parameters<typeof lookUpOrSilence>): Promise<readonly string[]> =>
  ((await lookUpOrSilence(...asked)) ?? []).map(({ address }) => address);

const askAt = async (
  { name, ...request }: Omit<OutsideRequest, 'scheme'>,
  asking: Asking | undefined,
  outside: Outside,
): Promise<Health> =>
  readHealth(
    await outside.ask({
      ...request,
      scheme: asking === 'http' ? 'http' : 'https',
      name: bare(name),
      anyCertificate: asking === 'any certificate',
    }),
  );

/** A shadow request for each name to a door that it does not lead to yet. */
export async function askDoors(
  estate: Estate,
  { doors, asked }: { readonly doors: Readonly<Record<string, string>>; readonly asked: MoveDetail['asked'] },
  outside: Outside,
): Promise<Shadow[]> {
  const told = estate.names.map(async ({ name, needs }): Promise<Shadow> => {
    const at = doors[name];
    if (at === undefined) return { name, api: needs.api, health: null, page: null };
    const ask = (path: string) =>
      outside.ask({
        scheme: asked[name] === 'http' ? 'http' : 'https',
        name: bare(name),
        at,
        path,
        anyCertificate: asked[name] === 'any certificate',
      });
    const health = needs.api ? readHealth(await ask(estate.application.health)) : null;
    const page = needs.frontEnd ? readPage(await ask('/')) : null;
    return { name, api: needs.api, health, page };
  });
  return Promise.all(told);
}

/** A note written through the first name that serves the API, as any client would write; undefined where no name does. */
export async function writeNote(
  estate: Estate,
  asked: MoveDetail['asked'],
  note: string,
  outside: Outside,
): Promise<(Health & { name: string }) | undefined> {
  const door = estate.names.find(({ needs }) => needs.api);
  if (!door) return undefined;
  const request = {
    name: door.name,
    path: estate.application.heartbeat,
    method: 'POST',
    body: JSON.stringify({ note }),
  } as const;
  return { name: bare(door.name), ...(await askAt(request, asked[door.name], outside)) };
}

/** Whether every authoritative server gives the addresses these records lead to. */
export async function answersAs(estate: Estate, zone: string, records: readonly RecordSet[], eyes: Eyes): Promise<boolean> {
  const servers = await eyes.names.serversOf(zone);
  const resolver = estate.resolvers[0] ?? '1.1.1.1';
  const checks = records
    .filter(({ Type }) => Type === 'A' || Type === 'CNAME')
    .flatMap((record) =>
      servers.map(async (server) => {
        const [given, meant] = await Promise.all([
          lookUpQuietly(eyes.outside, server, record.Name, 'A'),
          meantBy(record, resolver, eyes.outside),
        ]);
        return given.some((address) => meant.includes(address));
      }),
    );
  return (await Promise.all(checks)).every(Boolean);
}

async function meantBy(record: RecordSet, resolver: string, outside: Outside): Promise<readonly string[]> {
  const { AliasTarget, ResourceRecords } = record as {
    AliasTarget?: { DNSName?: string };
    ResourceRecords?: readonly { Value?: string }[];
  };
  const values = (ResourceRecords ?? []).flatMap(({ Value }) => Value ?? []);
  const target = AliasTarget?.DNSName ?? (record.Type === 'CNAME' ? values[0] : undefined);
  return target === undefined ? values : lookUpQuietly(outside, resolver, target, 'A');
}

const bare = (name: string): string => name.replace(/\.$/, '');
