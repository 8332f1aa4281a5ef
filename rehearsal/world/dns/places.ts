// Where on this machine a public address is served, and what a resolver of this world says: for the rehearsal's own processes.
import { promises as dns } from 'node:dns';
import { isIPv6 } from 'node:net';
import type { Ground } from '../../services/ground.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly scheme: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, postgres: 5432, postgresql: 5432, dns: 53 };

function endOf(origin: string): Place {
  const [, scheme = '', host = '', port] = /^([a-z]+):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?/i.exec(origin) ?? [];
  return { scheme, host: host.replace(/^\[|\]$/g, '').toLowerCase(), port: Number(port ?? DEFAULT_PORTS[scheme] ?? 0) };
}

/** The loopback place behind a public host and port, whatever is spoken there; undefined when nobody listens. */
export function placeOf(ground: Pick<Ground, 'published'>, host: string, port: number): Place | undefined {
  const wanted = host.toLowerCase().replace(/\.$/, '');
  for (const [origin, loopback] of ground.published()) {
    const from = endOf(origin);
    if (from.host === wanted && from.port === port) return endOf(loopback);
  }
  return undefined;
}

/** What a public origin is keyed with. */
export const originOf = (scheme: string, address: string): string => `${scheme}://${isIPv6(address) ? `[${address}]` : address}`;

const NOTHING = ['ENODATA', 'ENOTFOUND'];

/** Asks over the wire; `resolver` is an address that is published, or `resolver` for the default one. Sorted; none is no error. */
export async function resolveThrough(
  ground: Pick<Ground, 'published' | 'timeline'>,
  resolver: string,
  name: string,
  type: 'A' | 'AAAA' | 'CNAME' | 'NS',
): Promise<string[]> {
  const place = placeOf(ground, resolver, 53);
  if (!place) throw new Error(`no name server is published at ${resolver}`);
  const client = new dns.Resolver({ timeout: 2_000, tries: 2 });
  client.setServers([`${place.host}:${place.port}`]);
  return ground.timeline.busy(async () => {
    try {
      const found = await client.resolve(name.replace(/\.$/, ''), type);
      return found.sort();
    } catch (error) {
      if (NOTHING.includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  });
}
