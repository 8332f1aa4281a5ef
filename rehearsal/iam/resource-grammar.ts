// What a Resource element may look like, in IAM's own words.
import { malformed } from './malformed.ts';

const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov', '*'];
const IAM_PATHS = [
  ...['user/', 'federated-user/', 'role/', 'group/', 'instance-profile/', 'mfa/', 'server-certificate/', 'policy/'],
  ...['sms-mfa/', 'saml-provider/', 'oidc-provider/', 'report/', 'access-report/'],
];

export function checkResource(resource: string): void {
  if (resource === '*') return;
  const [arn, partition = '', service = '', region = '', account = '', ...rest] = resource.split(':');
  if (arn !== 'arn' || partition === '') throw malformed(`Resource ${resource} must be in ARN format or "*".`);
  if (!PARTITIONS.includes(partition)) {
    const tail = [service, region, account, rest.join(':')].map((part) => part || '*').join(':');
    throw malformed(`Partition "${partition}" is not valid for resource "arn:${partition}:${tail}".`);
  }
  if (service === '' || /[*?]/.test(service)) {
    throw malformed('Resource vendor must be fully qualified and cannot contain regexes.');
  }
  if (rest.length === 0) throw malformed('The policy failed legacy parsing');
  checkSegments(resource, service, region, account, rest.join(':'));
}

/** S3 and IAM are global: an ARN of theirs with a Region in it can match nothing. */
function checkSegments(resource: string, service: string, region: string, account: string, path: string): void {
  if (service === 's3' && (region !== '' || account !== '') && !path.startsWith('accesspoint/')) {
    throw malformed(`Resource ${resource} can not contain region information.`);
  }
  if (service !== 'iam') return;
  if (region !== '') throw malformed(`IAM resource ${resource} cannot contain region information.`);
  if (path !== '*' && path !== 'root' && !IAM_PATHS.some((start) => path.startsWith(start))) {
    throw malformed(`IAM resource path must either be "*" or start with ${IAM_PATHS.join(', ')}.`);
  }
}
