// The name servers of this world: one that is authoritative for every zone, and resolvers that cache. Published under the addresses
// people know them by.
import type { Ground } from '../../services/ground.ts';
import { answerOf } from './authority.ts';
import type { Directory } from './directory.ts';
import { respond } from './message.ts';
import { originOf } from './places.ts';
import { createCache } from './resolver.ts';
import { serveDns, type DnsServer, type Responder } from './server.ts';

export interface DnsOptions {
  /** The authority's; 0 takes any free one. */
  readonly port?: number | undefined;
  /** Public resolvers beside the default one. */
  readonly resolvers?: readonly string[];
}

export interface Listening {
  readonly host: string;
  readonly port: number;
}
export interface DnsServers {
  readonly authority: Listening;
  /** By address; `resolver` is the default one, which a function's own lookups ask. */
  readonly resolvers: ReadonlyMap<string, Listening>;
  /** Starts another public resolver, or answers the one there is. */
  addResolver(address: string): Promise<Listening>;
  /** When the last of the resolvers forgets what it has heard of a name; undefined when none remembers anything. */
  rememberedUntil(name: string, type: string): number | undefined;
  /** Says that a name server's address is this authority. */
  publishServer(address: string): void;
  stop(): Promise<void>;
}

const PUBLIC_RESOLVERS = ['1.1.1.1', '8.8.8.8', '9.9.9.9'];
export const DEFAULT_RESOLVER = 'resolver';

export async function createDnsServers(ground: Ground, directory: Directory, options: DnsOptions = {}): Promise<DnsServers> {
  const started: DnsServer[] = [];
  const published: string[] = [];
  const resolvers = new Map<string, Promise<Listening>>();
  const known = new Map<string, Listening>();
  const caches: ReturnType<typeof createCache>[] = [];

  const publish = (address: string, { host, port }: Listening): void => {
    const origin = originOf('dns', address);
    published.push(origin);
    ground.publish(origin, `dns://${host}:${port}`);
  };
  const serve = async (responder: Responder, port?: number): Promise<DnsServer> => {
    const server = await serveDns(responder, port);
    started.push(server);
    return server;
  };
  const resolver = async (address: string): Promise<Listening> => {
    const cache = createCache((name, type) => answerOf(directory, name, type), ground.timeline.now);
    caches.push(cache);
    const server = await serve((bytes, transport) =>
      respond(bytes, { transport, recursive: true, answer: ({ name, type }) => cache.resolve(name, type) }),
    );
    publish(address, server);
    known.set(address, server);
    return server;
  };
  const addResolver = (address: string): Promise<Listening> => {
    const standing = resolvers.get(address) ?? resolver(address);
    resolvers.set(address, standing);
    return standing;
  };
  const stop = async (): Promise<void> => {
    for (const origin of published) ground.unpublish(origin);
    await Promise.all(started.splice(0).map((server) => server.stop()));
  };

  try {
    const authority = await serve(
      (bytes, transport) =>
        respond(bytes, { transport, recursive: false, answer: ({ name, type }) => answerOf(directory, name, type) }),
      options.port,
    );
    for (const address of [DEFAULT_RESOLVER, ...(options.resolvers ?? PUBLIC_RESOLVERS)]) await addResolver(address);
    return {
      authority,
      resolvers: known,
      addResolver,
      rememberedUntil(name, type) {
        const instants = caches.flatMap((cache) => cache.keepsUntil(name, type) ?? []);
        return instants.length > 0 ? Math.max(...instants) : undefined;
      },
      publishServer: (address) => publish(address, authority),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
