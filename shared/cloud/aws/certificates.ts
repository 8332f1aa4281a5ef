// Certificates as ACM describes them, by their ARNs.
import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import type { Certificate } from '../ports.ts';
import { asking, nameOf } from './errors.ts';

/** A listener may carry certificates of IAM's own store, or one that is gone: nothing is known of those, and nothing assumed. */
const unread = (arn: string, status: string): Certificate => ({ arn, names: [], notAfter: null, status });

export function awsCertificates(region?: string): (arns: readonly string[]) => Promise<Certificate[]> {
  const acm = new ACMClient(region === undefined ? {} : { region });

  async function describe(arn: string): Promise<Certificate> {
    if (!arn.includes(':acm:')) return unread(arn, 'NOT_OF_ACM');
    try {
      const { Certificate: found } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
      const names = [found?.DomainName, ...(found?.SubjectAlternativeNames ?? [])].flatMap((name) => name?.toLowerCase() ?? []);
      return {
        arn,
        names: [...new Set(names)],
        notAfter: found?.NotAfter?.toISOString() ?? null,
        status: found?.Status ?? 'UNKNOWN',
      };
    } catch (error) {
      if (nameOf(error) === 'ResourceNotFoundException') return unread(arn, 'NOT_FOUND');
      throw error;
    }
  }

  return (arns) => asking('reading certificates', () => Promise.all([...new Set(arns)].map(describe)));
}
