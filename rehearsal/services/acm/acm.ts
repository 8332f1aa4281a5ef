// Certificate Manager: certificates that stand, issued by the local authority, Region by Region.
import { X509Certificate } from 'node:crypto';
import type { CertificateStatus } from '@aws-sdk/client-acm';
import type { Authority, KeyPair } from '../../world/contract.ts';
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { readingOperations } from './reading.ts';
import { statusOf, type Certificate, type Shelf } from './shelf.ts';
import { tagOperations } from './tags.ts';

export interface CertificateOptions {
  /** Its whole ARN, where somebody names it already. */
  readonly arn?: string;
  readonly region: string;
  /** The domain name first, then the alternative ones. */
  readonly names: readonly string[];
  readonly status?: CertificateStatus;
  /** Instants of the timeline. */
  readonly notBefore?: number;
  readonly notAfter?: number;
}

export interface AcmOwn {
  /** A certificate as it stood before the story begins; answers its ARN. */
  found(options: CertificateOptions): Promise<string>;
  /** What whoever serves it shows; undefined when no such certificate was ever issued. */
  keyPairOf(arn: string): KeyPair | undefined;
  /** The names it covers. */
  namesOf(arn: string): readonly string[];
  statusOf(arn: string): CertificateStatus | undefined;
  /** Says that a load balancer or a distribution shows it; the returned function ends that. */
  use(arn: string, by: string): () => void;
}
export type AcmService = Service<'acm'> & { readonly own: AcmOwn };

const DAY_MS = 86_400_000;
/** How old a certificate is of which only the end is said. */
const AGE_MS = 300 * DAY_MS;
const HEX = '0123456789abcdef';

export function createAcm(ground: Ground, authority: Pick<Authority, 'issue' | 'pem'>): AcmService {
  const shelfOf = perRegion((): Shelf => new Map());
  const known = (arn: string): Certificate | undefined => shelfOf(arn.split(':')[3] ?? '').get(arn);

  const proofOf = (name: string): [string, { name: string; value: string }] => [
    name,
    {
      name: `_${ground.token(32, HEX)}.${name}.`,
      value: `_${ground.token(32, HEX)}.${ground.token(10, HEX)}.acm-validations.aws.`,
    },
  ];

  const own: AcmOwn = {
    async found({ arn, region, names, status, notBefore, notAfter }) {
      const at = ground.timeline.now();
      const named = arn ?? `arn:aws:acm:${region}:${ground.account}:certificate/${ground.uuid()}`;
      if (named.split(':')[3] !== region) throw new Error(`${named} is in another Region than ${region}`);
      const until = notAfter ?? (status === 'EXPIRED' ? at - DAY_MS : undefined);
      const from = notBefore ?? (until === undefined ? undefined : Math.min(at, until) - AGE_MS);
      const validity = { ...(from !== undefined && { notBefore: from }), ...(until !== undefined && { notAfter: until }) };
      const pair = await ground.timeline.busy(() => authority.issue(names, validity));
      const { validFrom, validTo } = new X509Certificate(pair.certificate);
      const domains = new Set(names.map((name) => name.replace(/^\*\./, '')));
      shelfOf(region).set(named, {
        arn: named,
        names,
        pair,
        said: status,
        createdAt: Date.parse(validFrom),
        notBefore: Date.parse(validFrom),
        notAfter: Date.parse(validTo),
        proofs: new Map([...domains].map(proofOf)),
        tags: new Map(),
        usedBy: new Set(),
      });
      return named;
    },
    keyPairOf: (arn) => known(arn)?.pair,
    namesOf: (arn) => known(arn)?.names ?? [],
    statusOf(arn) {
      const certificate = known(arn);
      return certificate && statusOf(certificate, ground.timeline.now());
    },
    use(arn, by) {
      const users = known(arn)?.usedBy;
      users?.add(by);
      return () => void users?.delete(by);
    },
  };
  return {
    id: 'acm',
    operations: { ...readingOperations(ground, shelfOf, authority.pem), ...tagOperations(shelfOf) },
    own,
    inventory: () =>
      Object.fromEntries(
        shelfOf
          .all()
          .flatMap(([, shelf]) => [...shelf.values()])
          .map(({ arn, names, said, tags, usedBy }): [string, unknown] => [
            arn,
            { names, said, tags: Object.fromEntries(tags), usedBy: [...usedBy].sort() },
          ]),
      ),
  };
}
