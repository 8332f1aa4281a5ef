// CloudFront distributions, as doors.
import { CloudFrontClient, GetDistributionCommand, type Distribution, type ViewerCertificate } from '@aws-sdk/client-cloudfront';
import type { Certificate, Front, Listener } from '../ports.ts';
import { awsCertificates } from './certificates.ts';
import { asking, nameOf } from './errors.ts';

/** The zone that every alias to a distribution names. */
const CLOUDFRONT_ZONE = 'Z2FDTNDATAQYW2';

/** Undefined when there is no such distribution. */
export function awsDistributions(): (id: string) => Promise<Front | undefined> {
  const cloudfront = new CloudFrontClient({ region: 'us-east-1' });
  // CloudFront takes certificates from this Region only.
  const certificatesOf = awsCertificates('us-east-1');

  async function find(Id: string): Promise<Distribution | undefined> {
    try {
      return (await cloudfront.send(new GetDistributionCommand({ Id }))).Distribution;
    } catch (error) {
      if (nameOf(error) === 'NoSuchDistribution') return undefined;
      throw error;
    }
  }

  async function certificatesOn(viewer: ViewerCertificate | undefined, domain: string): Promise<Certificate[]> {
    if (viewer?.ACMCertificateArn !== undefined) return certificatesOf([viewer.ACMCertificateArn]);
    if (viewer?.IAMCertificateId !== undefined) {
      return [{ arn: viewer.IAMCertificateId, names: [], notAfter: null, status: 'NOT_OF_ACM' }];
    }
    return [{ arn: 'cloudfront.net', names: [domain], notAfter: null, status: 'ISSUED' }];
  }

  return (id) =>
    asking(`reading the distribution ${id}`, async () => {
      const found = await find(id);
      const config = found?.DistributionConfig;
      if (found === undefined || config === undefined) return undefined;
      const arn = found.ARN ?? '';
      const domain = found.DomainName?.toLowerCase() ?? '';
      const doors: Listener[] = [
        {
          arn,
          protocol: 'HTTPS',
          port: 443,
          certificates: await certificatesOn(config.ViewerCertificate, domain),
          priorities: [],
          fencedBy: null,
        },
        { arn, protocol: 'HTTP', port: 80, certificates: [], priorities: [], fencedBy: null },
      ];
      const httpsOnly = config.DefaultCacheBehavior?.ViewerProtocolPolicy === 'https-only';
      return {
        kind: 'distribution',
        id,
        arn,
        dnsName: `${domain}.`,
        zoneId: CLOUDFRONT_ZONE,
        ipv6: config.IsIPV6Enabled ?? false,
        active: config.Enabled === true && found.Status === 'Deployed',
        listeners: httpsOnly ? doors.filter(({ protocol }) => protocol === 'HTTPS') : doors,
        alternateNames: (config.Aliases?.Items ?? []).map((alias) => alias.toLowerCase()),
        // CloudFront does not tell the health of its origins; whoever asks through it sees it.
        targets: [],
      };
    });
}
