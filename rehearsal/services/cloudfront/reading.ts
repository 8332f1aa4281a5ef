// Distributions described, listed, and asked whom an alternate name belongs to.
import type { Distribution as Described, DistributionSummary } from '@aws-sdk/client-cloudfront';
import { pageOf } from '../page.ts';
import { ask, askAbout, arnOf, distributionAt, type Catalog, type CloudFrontOperations } from './catalog.ts';
import type { Distribution } from './distribution.ts';
import { invalidArgument } from './failures.ts';
import { aliasesOf, matchesAlias } from './routing.ts';

const MOST_ON_PAGE = 100;

export interface ReadingRoom {
  readonly catalog: Catalog;
  /** Whether a distribution's certificate is good for a name. */
  readonly covers: (distribution: Distribution, name: string) => boolean;
}

export function readingOperations({ catalog, covers }: ReadingRoom): CloudFrontOperations {
  return {
    GetDistribution: {
      asks: askAbout(catalog, 'GetDistribution'),
      run({ Id }) {
        const distribution = distributionAt(catalog, Id);
        return { Distribution: describe(distribution), ETag: distribution.etag };
      },
    },
    GetDistributionConfig: {
      asks: askAbout(catalog, 'GetDistributionConfig'),
      run({ Id }) {
        const { config, etag } = distributionAt(catalog, Id);
        return { DistributionConfig: config, ETag: etag };
      },
    },
    ListDistributions: {
      asks: () => [ask(catalog, 'ListDistributions', '*')],
      run(input) {
        const { page, limit } = cut([...catalog.values()], input, 'distributions', ({ id }) => id);
        return {
          DistributionList: {
            Marker: input.Marker ?? '',
            MaxItems: limit,
            IsTruncated: page.next !== undefined,
            Quantity: page.items.length,
            ...(page.next !== undefined && { NextMarker: page.next }),
            ...(page.items.length > 0 && { Items: page.items.map(summarize) }),
          },
        };
      },
    },
    ListConflictingAliases: {
      asks: ({ DistributionId = '' }, { account }) => [ask(catalog, 'ListConflictingAliases', arnOf(account, DistributionId))],
      run(input, { account }) {
        const { Alias = '', DistributionId } = input;
        if (Alias.length > 253) throw invalidArgument('The parameter Alias is longer than a DNS name can be.');
        const alias = Alias.toLowerCase();
        if (!covers(distributionAt(catalog, DistributionId), alias))
          throw invalidArgument('The certificate that is attached to the distribution does not cover the alias.');
        const all = [...catalog.values()].flatMap((distribution) =>
          aliasesOf(distribution)
            .filter((owned) => matchesAlias(owned, alias) || matchesAlias(alias, owned))
            .map((owned) => ({ Alias: owned, DistributionId: hide(distribution.id), AccountId: hide(account) })),
        );
        const { page, limit } = cut(all, input, ['conflicts', alias], (item) => item.Alias);
        return {
          ConflictingAliasesList: {
            MaxItems: limit,
            Quantity: page.items.length,
            ...(page.next !== undefined && { NextMarker: page.next }),
            ...(page.items.length > 0 && { Items: page.items }),
          },
        };
      },
    },
  };
}

interface Paged {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

function cut<T>(all: readonly T[], { Marker: token, MaxItems }: Paged, question: unknown, key: (item: T) => string) {
  const limit = MaxItems ?? MOST_ON_PAGE;
  if (limit < 1 || limit > MOST_ON_PAGE) throw invalidArgument(`The parameter MaxItems must be between 1 and ${MOST_ON_PAGE}.`);
  const refuse = (): Error => invalidArgument('The parameter Marker is invalid.');
  // An empty marker is the first page, as CloudFront's own answers write it.
  const place = token === '' ? undefined : token;
  return { page: pageOf(all, { limit, token: place, most: MOST_ON_PAGE, question, refuse }, key), limit };
}

/** Enough to recognise what is one's own, and nothing of anybody else's. */
const hide = (id: string): string => id.slice(id.length / 2).padStart(id.length, '*');

function describe({ id, arn, domainName, status, modifiedAt, config }: Distribution): Described {
  return {
    Id: id,
    ARN: arn,
    Status: status,
    LastModifiedTime: new Date(modifiedAt),
    InProgressInvalidationBatches: 0,
    DomainName: domainName,
    ActiveTrustedSigners: { Enabled: false, Quantity: 0 },
    ActiveTrustedKeyGroups: { Enabled: false, Quantity: 0 },
    DistributionConfig: config,
  };
}

function summarize({ id, arn, etag, domainName, status, modifiedAt, config }: Distribution): DistributionSummary {
  const { Aliases, Origins, OriginGroups, DefaultCacheBehavior, CacheBehaviors, CustomErrorResponses, Comment } = config;
  const { PriceClass, Enabled, ViewerCertificate, Restrictions, WebACLId, HttpVersion, IsIPV6Enabled, Staging } = config;
  return {
    Id: id,
    ARN: arn,
    ETag: etag,
    Status: status,
    LastModifiedTime: new Date(modifiedAt),
    DomainName: domainName,
    Aliases,
    Origins,
    OriginGroups,
    DefaultCacheBehavior,
    CacheBehaviors,
    CustomErrorResponses,
    Comment,
    PriceClass,
    Enabled,
    ViewerCertificate,
    Restrictions,
    WebACLId,
    HttpVersion,
    IsIPV6Enabled,
    Staging,
  };
}
