// CloudFront: distributions that stand, and the one edge in front of all of them.
import type { Authority, KeyPair } from '../../world/contract.ts';
import { serveEdge, type Edge } from '../../world/edge/edge.ts';
import { covers, namesOf } from '../../world/edge/hosts.ts';
import type { AcmOwn } from '../acm/acm.ts';
import type { Ground } from '../ground.ts';
import type { Service } from '../service.ts';
import { addressesOf } from './addresses.ts';
import { createMarks } from './answers.ts';
import { arnOf, type Catalog } from './catalog.ts';
import { configOf, ZONE_ID, type Distribution, type DistributionOptions } from './distribution.ts';
import { readingOperations } from './reading.ts';
import { aliasesOf, distributionOf, plainHost } from './routing.ts';
import { tagOperations } from './tags.ts';
import { visit, type EdgeRoom } from './visit.ts';

export type { BehaviorOptions, DistributionOptions, OriginOptions } from './distribution.ts';

/** What others keep that CloudFront needs: certificates, and the public names that resolve. */
export interface CloudFrontNeighbours {
  readonly acm: Pick<AcmOwn, 'keyPairOf' | 'statusOf' | 'use'>;
  readonly names: {
    aliasTarget(target: { dnsName: string; zoneId: string; addresses: () => { a: string[]; aaaa: string[] } }): () => void;
  };
  readonly authority: Pick<Authority, 'issue' | 'pem'>;
}

export interface Founded {
  readonly arn: string;
  /** `d….cloudfront.net`, without its final dot. */
  readonly domainName: string;
  readonly zoneId: string;
  readonly addresses: { readonly a: readonly string[]; readonly aaaa: readonly string[] };
}
export interface CloudFrontOwn {
  /** A distribution as it stood before the story begins. */
  found(options: DistributionOptions): Promise<Founded>;
  /** Says where an origin's public name is served on this machine; undefined when it is no more. */
  place(domainName: string, url: string | undefined): void;
}
export type CloudFrontService = Service<'cloudfront'> & { readonly own: CloudFrontOwn };

const DOMAIN_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ETAG_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const HOME = 'us-east-1';

interface Edges {
  readonly http: Edge;
  readonly https: Edge;
}

export function createCloudFront(ground: Ground, { acm, names, authority }: CloudFrontNeighbours): CloudFrontService {
  const catalog: Catalog = new Map();
  const places = new Map<string, string>();
  const releases: (() => void)[] = [];
  let edges: Promise<Edges> | undefined;

  const room: EdgeRoom = {
    timeline: ground.timeline,
    distributions: () => catalog.values(),
    placeOf: (scheme, domainName) => places.get(`${scheme}://${domainName}`),
    ca: authority.pem,
    mark: createMarks(ground.token(16)),
  };

  const certificateOf = ({ config }: Distribution): KeyPair | undefined =>
    acm.keyPairOf(config.ViewerCertificate?.ACMCertificateArn ?? '');

  /** A name that no distribution has is shown CloudFront's own certificate, which is not good for it. */
  function shownTo(fallback: KeyPair, name: string | undefined): KeyPair[] {
    const distribution = distributionOf(catalog.values(), plainHost(name));
    const pair = distribution && distribution.domainName !== plainHost(name) ? certificateOf(distribution) : undefined;
    return [...(pair ? [pair] : []), fallback];
  }

  async function openEdges(): Promise<Edges> {
    const { timeline } = ground;
    const fallback = await authority.issue(['*.cloudfront.net', 'cloudfront.net']);
    const serve = (scheme: 'http' | 'https'): Promise<Edge> =>
      serveEdge({
        timeline,
        server: 'CloudFront',
        onRequest: (request, response) => visit(room, scheme, request, response),
        ...(scheme === 'https' && { certificates: (name?: string) => shownTo(fallback, name) }),
      });
    return { http: await serve('http'), https: await serve('https') };
  }

  function requireSound({ id, aliases, certificate }: DistributionOptions): void {
    if (catalog.has(id)) throw new Error(`distribution ${id} stands already`);
    for (const alias of aliases) {
      const owner = [...catalog.values()].find((known) => aliasesOf(known).includes(alias));
      if (owner) throw new Error(`distribution ${id}: ${alias} belongs to ${owner.id}, and no name belongs to two`);
    }
    if (aliases.length > 0 && certificate === undefined)
      throw new Error(`distribution ${id}: alternate names want a certificate`);
    if (certificate === undefined) return;
    if (certificate.split(':')[3] !== HOME) throw new Error(`distribution ${id}: CloudFront takes certificates of ${HOME} only`);
    if (acm.keyPairOf(certificate) === undefined) throw new Error(`distribution ${id}: there is no certificate ${certificate}`);
  }

  function place(domainName: string, url: string | undefined): void {
    const host = plainHost(domainName);
    if (url !== undefined) return void places.set(`${url.split(':')[0] ?? ''}://${host}`, url);
    places.delete(`http://${host}`);
    places.delete(`https://${host}`);
  }

  const own: CloudFrontOwn = {
    place,
    async found(options) {
      requireSound(options);
      const arn = arnOf(ground.account, options.id);
      const distribution: Distribution = {
        id: options.id,
        arn,
        domainName: `d${ground.token(13, DOMAIN_LETTERS)}.cloudfront.net`,
        addresses: addressesOf(catalog.size, options.ipv6 ?? true),
        tags: new Map(Object.entries(options.tags ?? {})),
        etag: `E${ground.token(13, ETAG_LETTERS)}`,
        config: configOf(options, ground.uuid()),
        status: options.status ?? 'Deployed',
        modifiedAt: ground.timeline.now(),
      };
      const { http, https } = await ground.timeline.busy(() => (edges ??= openEdges()));
      for (const { domainName, url } of options.origins) place(domainName, url);
      if (options.certificate !== undefined) releases.push(acm.use(options.certificate, arn));
      catalog.set(options.id, distribution);
      const { a, aaaa } = distribution.addresses;
      for (const host of [...a, ...aaaa.map((address) => `[${address}]`)]) {
        ground.publish(`https://${host}:443`, https.origin);
        ground.publish(`http://${host}:80`, http.origin);
        releases.push(() => [`https://${host}:443`, `http://${host}:80`].forEach((origin) => ground.unpublish(origin)));
      }
      const addresses = (): { a: string[]; aaaa: string[] } => ({ a: [...a], aaaa: [...aaaa] });
      releases.push(names.aliasTarget({ dnsName: `${distribution.domainName}.`, zoneId: ZONE_ID, addresses }));
      return { arn, domainName: distribution.domainName, zoneId: ZONE_ID, addresses: distribution.addresses };
    },
  };

  return {
    id: 'cloudfront',
    operations: {
      ...readingOperations({
        catalog,
        covers(distribution, name) {
          const pair = certificateOf(distribution);
          return pair !== undefined && namesOf(pair.certificate).some((pattern) => covers(pattern, name));
        },
      }),
      ...tagOperations(catalog),
    },
    own,
    inventory: () =>
      Object.fromEntries(
        [...catalog.values()].map(({ arn, config, status, tags }): [string, unknown] => [
          arn,
          { aliases: config.Aliases?.Items ?? [], enabled: config.Enabled, status, tags: Object.fromEntries(tags) },
        ]),
      ),
    async stop() {
      for (const release of releases.splice(0)) release();
      const opened = await edges?.catch(() => undefined);
      await Promise.all([opened?.http.close(), opened?.https.close()]);
    },
  };
}
