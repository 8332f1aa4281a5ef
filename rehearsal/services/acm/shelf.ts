// The certificates of one Region: what each one is, and how a request names one.
import type { CertificateStatus, Tag } from '@aws-sdk/client-acm';
import type { KeyPair } from '../../world/contract.ts';
import type { Ask } from '../../iam/ask.ts';
import { requestTags } from '../request-tags.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { ARN_PATTERN, constraint, invalidArn, notFound } from './failures.ts';

export type AcmOperations = OperationsOf<Sdks['acm']>;

export interface Certificate {
  readonly arn: string;
  /** The first is the domain name. */
  readonly names: readonly string[];
  readonly pair: KeyPair;
  /** What somebody said of it; else its dates tell. */
  readonly said: CertificateStatus | undefined;
  readonly createdAt: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** What proves the domain, in the zone's own words. */
  readonly proofs: ReadonlyMap<string, { readonly name: string; readonly value: string }>;
  readonly tags: Map<string, string>;
  /** ARNs of the load balancers and distributions that show it. */
  readonly usedBy: Set<string>;
}
export type Shelf = Map<string, Certificate>;
export type ShelfOf = ((region: string) => Shelf) & { all(): [string, Shelf][] };

export function statusOf({ said, notAfter }: Certificate, at: number): CertificateStatus {
  if (said !== undefined && said !== 'ISSUED') return said;
  return at > notAfter ? 'EXPIRED' : 'ISSUED';
}

/** By its whole ARN, in its own Region only. */
export function certificateAt(shelf: Shelf, arn: string | undefined): Certificate {
  const named = arn ?? '';
  if (named.length < 20 || !new RegExp(`^${ARN_PATTERN}$`).test(named))
    throw constraint(named, 'certificateArn', `regular expression pattern: ${ARN_PATTERN}`);
  if (!/:certificate\/[^/]+$/.test(named)) throw invalidArn(named);
  const known = shelf.get(named);
  if (known === undefined) throw notFound(named);
  return known;
}

/** A permission on one certificate, with its tags and those of the request. */
export const askAbout =
  (shelfOf: ShelfOf, action: string) =>
  (input: { CertificateArn?: string | undefined; Tags?: Tag[] | undefined }, call: Call): Ask[] => {
    const { CertificateArn: arn = '', Tags } = input;
    const known = shelfOf(call.region).get(arn);
    const owned = [...(known?.tags ?? [])].map(([key, value]) => [`aws:ResourceTag/${key}`, value] as const);
    return [{ action: `acm:${action}`, resource: arn, context: { ...Object.fromEntries(owned), ...requestTags(Tags) } }];
  };
