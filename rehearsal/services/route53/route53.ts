// Route 53, global: hosted zones, their records, and the real name servers that answer for them.
import { createDnsServers, type DnsOptions, type DnsServers } from '../../world/dns/servers.ts';
import { domainOf, withoutDualstack, type AliasTarget, type Directory } from '../../world/dns/directory.ts';
import { normalName } from '../../world/dns/names.ts';
import { createChance } from '../../random.ts';
import type { Ground } from '../ground.ts';
import type { Service } from '../service.ts';
import { normalSet } from './batch.ts';
import { createChanges } from './changes.ts';
import { delegate, foundationOf, house } from './delegation.ts';
import { createReading } from './reading.ts';
import { bareId, type Landed, type RecordSet, type Room, type Zone } from './room.ts';
import { createTagging } from './tagging.ts';
import { createZones } from './zones.ts';

export interface FoundZone {
  readonly id: string;
  readonly name: string;
  readonly comment?: string;
  /** Four are chosen when none are given. */
  readonly nameServers?: readonly string[];
}

/** What the world's builder and the other services say to Route 53; no request can. */
export interface Route53Own {
  /** A zone as it stood, known to every server; found again, it is another. Its SOA and NS records come by themselves unless given. */
  found(zone: FoundZone, records: readonly RecordSet[]): void;
  /** A name another service owns, until the returned function is called: aliases may point to it, and it resolves. */
  aliasTarget(target: AliasTarget): () => void;
  /** What changes take from now on; undefined draws from latencies.yml again. */
  insyncSeconds(seconds: number | 'never' | undefined): void;
  /** Hears of every change at the instant the servers have heard of it, until the returned function is called. */
  onLanded(listener: (landed: Landed) => void): () => void;
  /** The name servers, started when first asked for; `port` and `resolvers` count then only. */
  dns(options?: DnsOptions): Promise<DnsServers>;
}

export function createRoute53(ground: Ground): Service<'route53'> & { readonly own: Route53Own } {
  const room: Room = {
    ground,
    zones: new Map(),
    serving: new Set(),
    changes: new Map(),
    targets: new Map(),
    nameServers: new Map(),
    insyncSeconds: undefined,
    onLanded: new Set(),
  };
  let routing: (() => number) | undefined;
  const target = (name: string): AliasTarget | undefined => room.targets.get(withoutDualstack(name));
  const directory: Directory = {
    zones: () => [...room.serving].flatMap(({ name, served }) => (served ? [{ name, records: served }] : [])),
    target,
    providerDomains: () => [...room.targets.keys(), ...room.nameServers.keys()].map(domainOf),
    nameServer: (name) => room.nameServers.get(name),
    // A chance of their own: how often somebody looks a name up must not move anything else.
    random: () => (routing ??= createChance(Math.floor(ground.random() * 2 ** 32)).random)(),
  };
  const servers = createServers(ground, room, directory);

  const found = (given: FoundZone, records: readonly RecordSet[]): void => {
    const before = room.zones.get(bareId(given.id));
    const zone = foundZone(room, { ...(before && { nameServers: before.nameServers }), ...given });
    if (before) {
      before.replaced = true;
      room.serving.delete(before);
    }
    const wanted = records.map(normalSet);
    const begun = foundationOf(zone).filter(({ Type }) => !wanted.some((set) => set.Name === zone.name && set.Type === Type));
    zone.records = [...begun, ...wanted];
    zone.served = zone.records;
    room.zones.set(zone.id, zone);
    room.serving.add(zone);
    servers.refresh();
  };
  const aliasTarget = (given: AliasTarget): (() => void) => {
    const name = normalName(given.dnsName);
    room.targets.set(name, { ...given, dnsName: name });
    return () => void room.targets.delete(name);
  };

  return {
    id: 'route53',
    operations: {
      ...createZones(room, servers.announce),
      ...createReading(room, directory),
      ...createChanges(room, target),
      ...createTagging(room),
    },
    own: {
      found,
      aliasTarget,
      insyncSeconds: (seconds) => void (room.insyncSeconds = seconds),
      onLanded(listener) {
        room.onLanded.add(listener);
        return () => void room.onLanded.delete(listener);
      },
      dns: servers.start,
    },
    inventory: () =>
      Object.fromEntries(
        [...room.zones.values()].map((zone) => [
          `arn:aws:route53:::hostedzone/${zone.id}`,
          { name: zone.name, records: zone.records, pending: zone.pending.length, tags: Object.fromEntries(zone.tags) },
        ]),
      ),
    stop: servers.stop,
  };
}

function foundZone(room: Room, { id, name, comment, nameServers }: FoundZone): Zone {
  const servers = nameServers?.map((server) => server.replace(/\.$/, '')) ?? delegate(room);
  servers.forEach((server) => house(room, server));
  return {
    id: bareId(id),
    name: normalName(name),
    callerReference: `found:${bareId(id)}`,
    comment,
    nameServers: servers,
    tags: new Map(),
    records: [],
    served: undefined,
    pending: [],
    landsAt: 0,
  };
}

/** Started once; every name server that comes later is published as it comes. */
function createServers(ground: Ground, room: Room, directory: Directory) {
  let starting: Promise<DnsServers> | undefined;
  let started: DnsServers | undefined;
  const housed = new Set<string>();
  const refresh = (): void => {
    if (!started) return;
    for (const address of room.nameServers.values()) {
      if (housed.has(address)) continue;
      housed.add(address);
      started.publishServer(address);
    }
  };
  const start = (options: DnsOptions = {}): Promise<DnsServers> =>
    (starting ??= createDnsServers(ground, directory, options).then((servers) => {
      started = servers;
      refresh();
      return servers;
    }));
  return {
    refresh,
    start,
    async announce(): Promise<void> {
      await start();
      refresh();
    },
    async stop(): Promise<void> {
      await (await starting?.catch(() => undefined))?.stop();
    },
  };
}
