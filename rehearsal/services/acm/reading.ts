// Certificates described, listed and fetched.
import type { Filters } from '@aws-sdk/client-acm';
import type { Ground } from '../ground.ts';
import { pageOf } from '../page.ts';
import { describe, EXTENDED_KEY_USAGE, KEY_TYPE, KEY_USAGE, summarize } from './description.ts';
import { constraint, inProgress, invalidArgs, notFound } from './failures.ts';
import { askAbout, certificateAt, statusOf, type AcmOperations, type ShelfOf } from './shelf.ts';

const MOST_ON_PAGE = 1000;
/** What a listing shows that asks for no key types. */
const USUAL_KEY_TYPES = ['RSA_1024', 'RSA_2048'];
const STATUSES = ['PENDING_VALIDATION', 'ISSUED', 'INACTIVE', 'EXPIRED', 'VALIDATION_TIMED_OUT', 'REVOKED', 'FAILED'];

export function readingOperations(ground: Ground, shelfOf: ShelfOf, chain: string): AcmOperations {
  return {
    DescribeCertificate: {
      asks: askAbout(shelfOf, 'DescribeCertificate'),
      run: ({ CertificateArn }, { region }) => ({
        Certificate: describe(certificateAt(shelfOf(region), CertificateArn), ground.timeline.now()),
      }),
    },
    GetCertificate: {
      asks: askAbout(shelfOf, 'GetCertificate'),
      run({ CertificateArn = '' }, { region }) {
        const certificate = certificateAt(shelfOf(region), CertificateArn);
        const status = statusOf(certificate, ground.timeline.now());
        if (status === 'PENDING_VALIDATION') throw inProgress(CertificateArn);
        if (status === 'FAILED' || status === 'VALIDATION_TIMED_OUT') throw notFound(CertificateArn);
        return { Certificate: certificate.pair.certificate, CertificateChain: chain };
      },
    },
    ListCertificates: {
      asks: () => [{ action: 'acm:ListCertificates', resource: '*' }],
      run(input, { region }) {
        const { CertificateStatuses: statuses, Includes = {}, SortBy, SortOrder, CertificateKeyPairOrigins: origins } = input;
        for (const status of statuses ?? [])
          if (!STATUSES.includes(status))
            throw constraint(status, 'certificateStatuses', `enum value set: [${STATUSES.join(', ')}]`);
        if ((SortBy === undefined) !== (SortOrder === undefined))
          throw invalidArgs('SortBy and SortOrder must be specified together.');
        const at = ground.timeline.now();
        const all = [...shelfOf(region).values()]
          .filter((certificate) => statuses === undefined || statuses.includes(statusOf(certificate, at)))
          .filter(({ said }) => passes(Includes, said) && (origins === undefined || origins.includes('AWS_MANAGED')))
          .sort((a, b) => (SortOrder === 'DESCENDING' ? b.createdAt - a.createdAt : a.createdAt - b.createdAt));
        const { NextToken: token, MaxItems: limit, ...question } = input;
        const refuse = (): Error => invalidArgs('The provided NextToken is invalid.');
        const page = pageOf(all, { limit, token, most: MOST_ON_PAGE, question, refuse }, ({ arn }) => arn);
        const items = page.items.map((certificate) => summarize(certificate, at));
        return { CertificateSummaryList: items, ...(page.next !== undefined && { NextToken: page.next }) };
      },
    },
  };
}

/** Every certificate here has the same key, for the same use: a filter lets all of them pass or none. */
function passes(filters: Filters, said: string | undefined): boolean {
  const { keyTypes = USUAL_KEY_TYPES, keyUsage = [], extendedKeyUsage = [], exportOption, managedBy } = filters;
  const used = said === undefined || said === 'ISSUED' || said === 'EXPIRED';
  const fits = (asked: readonly string[], own: string): boolean =>
    asked.length === 0 || asked.includes('ANY') || (used && asked.includes(own));
  return (
    keyTypes.some((type) => type === KEY_TYPE) &&
    fits(keyUsage, KEY_USAGE) &&
    fits(extendedKeyUsage, EXTENDED_KEY_USAGE) &&
    exportOption !== 'ENABLED' &&
    managedBy === undefined
  );
}
