// What a bucket is set to: versioning, default encryption, public access, ownership.
import type { ServerSideEncryptionRule } from '@aws-sdk/client-s3';
import type { OperationsOf, Sdks } from '../service.ts';
import { ofBucket } from './access.ts';
import { bucketOf, type S3 } from './bucket.ts';
import { badRequest, invalidArgument, malformedXml, missing, only } from './failures.ts';

const SETTING_MEMBERS = ['Bucket', 'ExpectedBucketOwner', 'ContentMD5', 'ChecksumAlgorithm'];

const createVersioning = (s3: S3): OperationsOf<Sdks['s3']> => ({
  PutBucketVersioning: {
    asks: ofBucket(s3, 'PutBucketVersioning'),
    run(input, call) {
      only(input, ...SETTING_MEMBERS, 'VersioningConfiguration');
      only(input.VersioningConfiguration ?? {}, 'Status');
      const status = input.VersioningConfiguration?.Status;
      // Versioning can be suspended, never undone.
      if (status !== 'Enabled' && status !== 'Suspended')
        throw badRequest(
          'IllegalVersioningConfigurationException',
          'The Versioning element must be specified with a Status of Enabled or Suspended',
        );
      bucketOf(s3, input, call).versioning = status;
      return {};
    },
  },
  GetBucketVersioning: {
    asks: ofBucket(s3, 'GetBucketVersioning'),
    run(input, call) {
      const { versioning } = bucketOf(s3, input, call);
      return versioning === undefined ? {} : { Status: versioning };
    },
  },
});

const createEncryption = (s3: S3): OperationsOf<Sdks['s3']> => ({
  PutBucketEncryption: {
    asks: ofBucket(s3, 'PutEncryptionConfiguration'),
    run(input, call) {
      only(input, ...SETTING_MEMBERS, 'ServerSideEncryptionConfiguration');
      const bucket = bucketOf(s3, input, call);
      const rules = input.ServerSideEncryptionConfiguration?.Rules ?? [];
      const [rule] = rules;
      if (rules.length !== 1 || !rule) throw malformedXml();
      bucket.encryption = requireRule(rule);
      return {};
    },
  },
  GetBucketEncryption: {
    asks: ofBucket(s3, 'GetEncryptionConfiguration'),
    run: (input, call) => ({ ServerSideEncryptionConfiguration: { Rules: [bucketOf(s3, input, call).encryption] } }),
  },
  DeleteBucketEncryption: {
    asks: ofBucket(s3, 'PutEncryptionConfiguration'),
    run(input, call) {
      // A bucket is never without encryption: S3's own takes over.
      bucketOf(s3, input, call).encryption = {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
        BucketKeyEnabled: false,
      };
      return {};
    },
  },
});

/** The key is looked for only when an object is written, as in S3: a mistyped one is accepted here. */
function requireRule(rule: ServerSideEncryptionRule): ServerSideEncryptionRule {
  only(rule, 'ApplyServerSideEncryptionByDefault', 'BucketKeyEnabled');
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId } = rule.ApplyServerSideEncryptionByDefault ?? {};
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms') throw malformedXml();
  if (algorithm === 'AES256' && keyId !== undefined)
    throw invalidArgument(
      'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms',
      'ApplyServerSideEncryptionByDefault',
      undefined,
    );
  return { BucketKeyEnabled: false, ...rule };
}

const BLOCKS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;

const createPublicAccess = (s3: S3): OperationsOf<Sdks['s3']> => ({
  PutPublicAccessBlock: {
    asks: ofBucket(s3, 'PutBucketPublicAccessBlock'),
    run(input, call) {
      only(input, ...SETTING_MEMBERS, 'PublicAccessBlockConfiguration');
      const asked = input.PublicAccessBlockConfiguration;
      const set = BLOCKS.map((name) => [name, asked?.[name] ?? false] as const);
      bucketOf(s3, input, call).publicAccess = Object.fromEntries(set);
      return {};
    },
  },
  GetPublicAccessBlock: {
    asks: ofBucket(s3, 'GetBucketPublicAccessBlock'),
    run(input, call) {
      const { publicAccess, name } = bucketOf(s3, input, call);
      if (!publicAccess)
        throw missing('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found', name);
      return { PublicAccessBlockConfiguration: publicAccess };
    },
  },
  DeletePublicAccessBlock: {
    asks: ofBucket(s3, 'PutBucketPublicAccessBlock'),
    run(input, call) {
      bucketOf(s3, input, call).publicAccess = undefined;
      return {};
    },
  },
});

const createOwnership = (s3: S3): OperationsOf<Sdks['s3']> => ({
  PutBucketOwnershipControls: {
    asks: ofBucket(s3, 'PutBucketOwnershipControls'),
    run(input, call) {
      only(input, ...SETTING_MEMBERS, 'OwnershipControls');
      const rules = input.OwnershipControls?.Rules ?? [];
      const [rule] = rules;
      if (rules.length !== 1 || rule?.ObjectOwnership === undefined) throw malformedXml();
      bucketOf(s3, input, call).ownership = rule.ObjectOwnership;
      return {};
    },
  },
  GetBucketOwnershipControls: {
    asks: ofBucket(s3, 'GetBucketOwnershipControls'),
    run(input, call) {
      const { ownership, name } = bucketOf(s3, input, call);
      if (ownership === undefined)
        throw missing('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found', name);
      return { OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } };
    },
  },
  DeleteBucketOwnershipControls: {
    asks: ofBucket(s3, 'PutBucketOwnershipControls'),
    run(input, call) {
      bucketOf(s3, input, call).ownership = undefined;
      return {};
    },
  },
});

export const createSettings = (s3: S3): OperationsOf<Sdks['s3']> => ({
  ...createVersioning(s3),
  ...createEncryption(s3),
  ...createPublicAccess(s3),
  ...createOwnership(s3),
});
