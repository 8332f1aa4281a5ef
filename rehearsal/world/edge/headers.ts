// Headers on their way through a proxy: what stops at each hop, what is told of the visitor.
import type { IncomingMessage } from 'node:http';

/** Lower-case names, every value there was. */
export type Headers = Readonly<Record<string, readonly string[]>>;

const HOP_BY_HOP = [
  'connection',
  // Answered already: whoever asked was told to go on.
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What travels on: all but what speaks of this one connection. */
export function endToEnd({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    (found[(rawHeaders[i] ?? '').toLowerCase()] ??= []).push(rawHeaders[i + 1] ?? '');
  }
  const named = (found['connection'] ?? []).flatMap((list) => list.toLowerCase().split(/\s*,\s*/));
  for (const name of [...HOP_BY_HOP, ...named]) Reflect.deleteProperty(found, name);
  return found;
}

/** X-Forwarded-For, -Proto and -Port as a load balancer adds them; earlier hops stay before this one. */
export function forwarded(
  request: IncomingMessage,
  { protocol, port }: { readonly protocol: 'http' | 'https'; readonly port: number },
): Record<string, string> {
  const earlier = request.headers['x-forwarded-for'];
  const before = Array.isArray(earlier) ? earlier.join(', ') : earlier;
  const visitor = addressOf(request);
  return {
    'x-forwarded-for': before === undefined || before === '' ? visitor : `${before}, ${visitor}`,
    'x-forwarded-proto': protocol,
    'x-forwarded-port': String(port),
  };
}

export const addressOf = ({ socket }: IncomingMessage): string => (socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');

/** `changes` over what is there, as Node writes headers; undefined takes one away. */
export function changed(
  headers: Headers,
  changes: Readonly<Record<string, string | undefined>>,
): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(headers)) {
    // A list of one is a plain value: Node takes no list for Host.
    if (!Object.hasOwn(changes, name)) found[name] = values.length === 1 ? (values[0] ?? '') : [...values];
  }
  for (const [name, value] of Object.entries(changes)) if (value !== undefined) found[name] = value;
  return found;
}
