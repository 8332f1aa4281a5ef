// Bucket policies: taken only when their grammar, their resources and the public access block let them.
import type { PolicyDocument, PolicyStatement } from '../../iam/ask.ts';
import { listOf, statementsOf } from '../../iam/evaluation.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { ofBucket } from './access.ts';
import { arnOf, type Bucket, bucketOf, type S3 } from './bucket.ts';
import { accessDenied, badRequest, missing, only } from './failures.ts';

const MAX_POLICY_BYTES = 20 * 1024;
/** A condition on one of these, with a fixed value, makes a policy for everybody a policy for somebody. */
const NARROWING = [
  ...['aws:sourcearn', 'aws:sourceaccount', 'aws:sourceowner', 'aws:principalarn', 'aws:principalaccount'],
  ...['aws:userid', 'aws:principalorgid', 'aws:sourcevpc', 'aws:sourcevpce'],
];

export const createPolicies = (s3: S3): OperationsOf<Sdks['s3']> => ({
  PutBucketPolicy: {
    asks: ofBucket(s3, 'PutBucketPolicy'),
    run(input, call) {
      only(input, 'Bucket', 'Policy', 'ExpectedBucketOwner', 'ChecksumAlgorithm', 'ContentMD5');
      const bucket = bucketOf(s3, input, call);
      const text = input.Policy ?? '';
      const document = parsed(text, bucket);
      if (bucket.publicAccess?.BlockPublicPolicy === true && isPublic(document)) throw accessDenied(blocked(bucket, call));
      bucket.policy = { text, document };
      return {};
    },
  },
  GetBucketPolicy: {
    asks: ofBucket(s3, 'GetBucketPolicy'),
    run: (input, call) => ({ Policy: requirePolicy(bucketOf(s3, input, call)).text }),
  },
  GetBucketPolicyStatus: {
    asks: ofBucket(s3, 'GetBucketPolicyStatus'),
    run: (input, call) => ({ PolicyStatus: { IsPublic: isPublic(requirePolicy(bucketOf(s3, input, call)).document) } }),
  },
  DeleteBucketPolicy: {
    asks: ofBucket(s3, 'DeleteBucketPolicy'),
    run(input, call) {
      bucketOf(s3, input, call).policy = undefined;
      return {};
    },
  },
});

function requirePolicy(bucket: Bucket): NonNullable<Bucket['policy']> {
  if (!bucket.policy) throw missing('NoSuchBucketPolicy', 'The bucket policy does not exist', bucket.name);
  return bucket.policy;
}

const blocked = (bucket: Bucket, { caller }: Call): string =>
  `User: ${'arn' in caller ? caller.arn : caller.kind} is not authorized to perform: s3:PutBucketPolicy on resource: "${arnOf(bucket)}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`;

function parsed(text: string, bucket: Bucket): PolicyDocument {
  const malformed = (message: string): AwsError => badRequest('MalformedPolicy', message);
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES)
    throw badRequest('PolicyTooLarge', 'Normalized policy document exceeds the maximum allowed size of 20480 bytes.');
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  let document: PolicyDocument;
  try {
    document = parsePolicy(raw, 'resource');
  } catch (error) {
    throw error instanceof AwsError ? malformed(error.message) : error;
  }
  for (const statement of statementsOf(document))
    for (const resource of [...listOf(statement.Resource), ...listOf(statement.NotResource)])
      if (!speaksOf(resource, bucket)) throw malformed('Policy has invalid resource');
  return document;
}

const speaksOf = (resource: string, bucket: Bucket): boolean => {
  const own = arnOf(bucket);
  return resource === own || resource.startsWith(`${own}/`) || (resource.startsWith(own) && resource.endsWith('*'));
};

const isPublic = (document: PolicyDocument): boolean => statementsOf(document).some(opensToAll);

function opensToAll({ Effect, Principal, NotPrincipal, Condition = {} }: PolicyStatement): boolean {
  if (Effect !== 'Allow') return false;
  const named = typeof Principal === 'object' ? Object.values(Principal).flatMap((who) => listOf(who)) : listOf(Principal);
  if (!named.includes('*') && NotPrincipal === undefined) return false;
  const keys = Object.values(Condition).flatMap((test) => Object.entries(test));
  return !keys.some(([key, values]) => NARROWING.includes(key.toLowerCase()) && !JSON.stringify(values).includes('*'));
}
