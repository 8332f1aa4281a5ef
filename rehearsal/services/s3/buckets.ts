// Buckets themselves: made under S3's rules for names and Regions, found, removed when empty.
import type { BucketLocationConstraint, CreateBucketConfiguration } from '@aws-sdk/client-s3';
import { AwsError } from '../error.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { keys, ofBucket } from './access.ts';
import { type Bucket, bucketOf, type S3, wholeSecond } from './bucket.ts';
import { badRequest, conflict, invalidArgument, noSuchBucket, notFound, only, required } from './failures.ts';
import { requireTags } from './writing.ts';

const NAME =
  /^(?!\d+\.\d+\.\d+\.\d+$)(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** A fresh bucket is private, whatever its policy will say. */
const ALL_BLOCKED = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

export const createBuckets = (s3: S3): OperationsOf<Sdks['s3']> => ({
  CreateBucket: {
    asks: (input) => [
      {
        action: 's3:CreateBucket',
        resource: `arn:aws:s3:::${input.Bucket ?? ''}`,
        context: keys({ 'x-amz-acl': input.ACL, locationconstraint: input.CreateBucketConfiguration?.LocationConstraint }),
      },
    ],
    run(input, call) {
      only(input, 'Bucket', 'CreateBucketConfiguration', 'ObjectOwnership', 'ACL');
      const name = required(input.Bucket, 'Bucket');
      if (!NAME.test(name)) throw badRequest('InvalidBucketName', 'The specified bucket is not valid.', { BucketName: name });
      if (input.ACL !== undefined && input.ACL !== 'private')
        throw badRequest(
          'InvalidBucketAclWithObjectOwnership',
          "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        );
      requireRegion(input.CreateBucketConfiguration, call.region);
      const standing = s3.buckets.get(name);
      if (standing) return remade(standing, call.region);
      s3.buckets.set(name, newBucket(s3, name, call.region, input.CreateBucketConfiguration));
      const bucket = s3.buckets.get(name);
      if (bucket && input.ObjectOwnership !== undefined) bucket.ownership = input.ObjectOwnership;
      return {
        Location: call.region === 'us-east-1' ? `/${name}` : `http://${name}.s3.amazonaws.com/`,
        BucketArn: `arn:aws:s3:::${name}`,
      };
    },
  },
  DeleteBucket: {
    asks: ofBucket(s3, 'DeleteBucket'),
    run(input, call) {
      only(input, 'Bucket', 'ExpectedBucketOwner');
      const bucket = bucketOf(s3, input, call);
      if (bucket.keys.size > 0) throw conflict('BucketNotEmpty', notEmpty(bucket), bucket.name);
      s3.buckets.delete(bucket.name);
      return {};
    },
  },
  HeadBucket: {
    // HEAD carries no body: a missing bucket is 404 and nothing else.
    asks(input, call) {
      try {
        return ofBucket(s3, 'ListBucket')(input, call);
      } catch (error) {
        if (error instanceof AwsError && error.code === 'NoSuchBucket') throw notFound();
        throw error;
      }
    },
    run(input, call) {
      const bucket = bucketOf(s3, input, call);
      return { BucketRegion: bucket.region, AccessPointAlias: false, BucketArn: `arn:aws:s3:::${bucket.name}` };
    },
  },
  ListBuckets: {
    asks: () => [{ action: 's3:ListAllMyBuckets', resource: 'arn:aws:s3:::*' }],
    run(input) {
      only(input, 'MaxBuckets', 'ContinuationToken', 'Prefix', 'BucketRegion');
      const { MaxBuckets: most = 10_000, ContinuationToken: token, Prefix: prefix = '', BucketRegion: region } = input;
      const after = token === undefined ? '' : nameOfToken(token);
      const later = [...s3.buckets.values()]
        .filter((one) => one.name > after && one.name.startsWith(prefix) && (region === undefined || one.region === region))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const page = later.slice(0, most);
      const last = page.at(-1);
      return {
        Buckets: page.map((one) => ({
          Name: one.name,
          CreationDate: new Date(one.createdAt),
          BucketRegion: one.region,
          BucketArn: `arn:aws:s3:::${one.name}`,
        })),
        Owner: { ID: s3.ground.account.padStart(64, '0') },
        ...(later.length > page.length && last && { ContinuationToken: tokenOf(last.name) }),
        ...(prefix !== '' && { Prefix: prefix }),
      };
    },
  },
  GetBucketLocation: {
    // The one call that any Region answers.
    asks: (input, call) =>
      ofBucket(s3, 'GetBucketLocation')(input, { ...call, region: s3.buckets.get(input.Bucket ?? '')?.region ?? '' }),
    run(input) {
      const bucket = s3.buckets.get(input.Bucket ?? '');
      if (!bucket) throw noSuchBucket(input.Bucket ?? '');
      return bucket.region === 'us-east-1' ? {} : { LocationConstraint: bucket.region as BucketLocationConstraint };
    },
  },
});

const notEmpty = (bucket: Bucket): string =>
  bucket.versioning === undefined
    ? 'The bucket you tried to delete is not empty'
    : 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.';

/** us-east-1 forgives the owner's second creation; no other Region does. */
function remade(standing: Bucket, region: string): { Location: string } {
  if (standing.region === 'us-east-1' && region === 'us-east-1') return { Location: `/${standing.name}` };
  throw conflict(
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    standing.name,
  );
}

function requireRegion(configuration: CreateBucketConfiguration | undefined, region: string): void {
  only(configuration ?? {}, 'LocationConstraint', 'Tags');
  const wanted = configuration?.LocationConstraint as string | undefined;
  const actual = wanted === 'EU' ? 'eu-west-1' : wanted;
  if (region === 'us-east-1' && actual === undefined) return;
  if (actual === 'us-east-1')
    throw badRequest('InvalidLocationConstraint', 'The specified location-constraint is not valid', {
      LocationConstraint: actual,
    });
  if (actual !== region)
    throw badRequest(
      'IllegalLocationConstraintException',
      `The ${actual ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
}

function newBucket(s3: S3, name: string, region: string, configuration: CreateBucketConfiguration | undefined): Bucket {
  requireTags(configuration?.Tags ?? [], 50);
  return {
    name,
    region,
    createdAt: wholeSecond(s3.ground.timeline.now()),
    keys: new Map(),
    uploads: new Map(),
    changes: new Map(),
    versioning: undefined,
    policy: undefined,
    encryption: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
    publicAccess: ALL_BLOCKED,
    ownership: 'BucketOwnerEnforced',
    lifecycle: undefined,
    tags: configuration?.Tags,
  };
}

const tokenOf = (name: string): string => Buffer.from(`buckets/${name}`).toString('base64url');
function nameOfToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('buckets/'))
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', undefined);
  return text.slice('buckets/'.length);
}
