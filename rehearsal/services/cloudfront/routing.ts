// Which distribution a visitor means, and which of its behaviours: CloudFront goes by the name, never by the address.
import type { CacheBehavior, DefaultCacheBehavior } from '@aws-sdk/client-cloudfront';
import type { Distribution } from './distribution.ts';

export const plainHost = (host: string | undefined): string => (host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');

export const aliasesOf = ({ config }: Distribution): readonly string[] => config.Aliases?.Items ?? [];

/** CloudFront's wildcard stands for one label or more, unlike a certificate's. */
export const matchesAlias = (alias: string, host: string): boolean =>
  alias === host || (alias.startsWith('*.') && host.endsWith(alias.slice(1)) && host.length > alias.length - 1);

/** By its own domain, or by the most specific alternate name that any distribution has. */
export function distributionOf(all: Iterable<Distribution>, host: string): Distribution | undefined {
  const candidates = [...all].flatMap((distribution) =>
    [distribution.domainName, ...aliasesOf(distribution)]
      .filter((name) => matchesAlias(name.toLowerCase(), host))
      .map((name) => ({ distribution, weight: name.startsWith('*.') ? name.length : Number.MAX_SAFE_INTEGER })),
  );
  return candidates.sort((a, b) => b.weight - a.weight)[0]?.distribution;
}

/** The first behaviour in its order whose pattern fits, else the default one. */
export function behaviorFor({ config }: Distribution, path: string): CacheBehavior | DefaultCacheBehavior | undefined {
  const listed = config.CacheBehaviors?.Items ?? [];
  return listed.find(({ PathPattern = '' }) => matchesPath(PathPattern, path)) ?? config.DefaultCacheBehavior;
}

/** `*` is any characters, `?` is one; a pattern may leave out its first slash; case counts. */
export function matchesPath(pattern: string, path: string): boolean {
  const rooted = pattern.startsWith('/') || pattern.startsWith('*') ? pattern : `/${pattern}`;
  const source = rooted
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(path);
}
