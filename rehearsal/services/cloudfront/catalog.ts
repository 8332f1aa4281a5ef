// Which distributions stand, and how a request names one.
import type { Ask } from '../../iam/ask.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import type { Distribution } from './distribution.ts';
import { noSuchDistribution } from './failures.ts';

export type CloudFrontOperations = OperationsOf<Sdks['cloudfront']>;
export type Catalog = Map<string, Distribution>;

export const arnOf = (account: string, id: string): string => `arn:aws:cloudfront::${account}:distribution/${id}`;

export function distributionAt(catalog: Catalog, id: string | undefined): Distribution {
  const known = catalog.get(id ?? '');
  if (known === undefined) throw noSuchDistribution();
  return known;
}

/** A permission at a service that lives in one Region, wherever it was called from. */
export function ask(catalog: Catalog, action: string, resource: string, context: Ask['context'] = {}): Ask {
  const known = catalog.get(resource.slice(resource.lastIndexOf('/') + 1));
  const owned = [...(known?.tags ?? [])].map(([key, value]) => [`aws:ResourceTag/${key}`, value] as const);
  const own = { 'aws:RequestedRegion': 'us-east-1', ...Object.fromEntries(owned) };
  return { action: `cloudfront:${action}`, resource, context: { ...own, ...context } };
}

export const askAbout =
  (catalog: Catalog, action: string) =>
  ({ Id = '' }: { Id?: string | undefined }, { account }: Call): Ask[] => [ask(catalog, action, arnOf(account, Id))];
