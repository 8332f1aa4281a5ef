// AWS::S3::Bucket and ::BucketPolicy.
import type { BucketLocationConstraint, ServerSideEncryption } from '@aws-sdk/client-s3';
import { document, flag, list, oneOf, structure, tag, text, word } from '../shape.ts';
import type { Read } from '../shape.ts';
import { isMissing, jsonText, resource, tagsOf } from './resource.ts';
import type { Site, Standing } from './resource.ts';
import { lifecycle, lifecycleRules } from './s3-lifecycle.ts';

const encryptionRule = structure(
  {},
  {
    BucketKeyEnabled: flag,
    ServerSideEncryptionByDefault: structure({ SSEAlgorithm: word<ServerSideEncryption>() }, { KMSMasterKeyID: text }),
  },
  ['BlockedEncryptionTypes'],
);
const bucket = structure(
  {},
  {
    BucketEncryption: structure({ ServerSideEncryptionConfiguration: list(encryptionRule) }, {}),
    BucketName: text,
    LifecycleConfiguration: lifecycle,
    OwnershipControls: structure(
      { Rules: list(structure({}, { ObjectOwnership: oneOf('BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter') })) },
      {},
    ),
    PublicAccessBlockConfiguration: structure(
      {},
      { BlockPublicAcls: flag, BlockPublicPolicy: flag, IgnorePublicAcls: flag, RestrictPublicBuckets: flag },
    ),
    Tags: list(tag),
    VersioningConfiguration: structure({ Status: oneOf('Enabled', 'Suspended') }, {}),
  },
  [
    'AbacStatus',
    'AccelerateConfiguration',
    'AccessControl',
    'AnalyticsConfigurations',
    'BucketNamePrefix',
    'BucketNamespace',
    'CorsConfiguration',
    'IntelligentTieringConfigurations',
    'InventoryConfigurations',
    'LoggingConfiguration',
    'MetadataConfiguration',
    'MetadataTableConfiguration',
    'MetricsConfigurations',
    'NotificationConfiguration',
    'ObjectLockConfiguration',
    'ObjectLockEnabled',
    'ReplicationConfiguration',
    'WebsiteConfiguration',
  ],
);
type Bucket = Read<typeof bucket>;

/** Sets what the template says of one side of the bucket, or undoes what an earlier one said. */
type Side = (Bucket: string, p: Bucket, before: Bucket, site: Site) => Promise<unknown>;

const versioning: Side = async (Bucket, { VersioningConfiguration: now }, { VersioningConfiguration: was }, site) => {
  const wanted = now ?? (was ? ({ Status: 'Suspended' } as const) : undefined);
  if (wanted) await site.call('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: wanted });
};

const encryption: Side = async (Bucket, { BucketEncryption: now }, { BucketEncryption: was }, site) => {
  if (!now) return was && site.call('s3', 'DeleteBucketEncryption', { Bucket });
  const Rules = now.ServerSideEncryptionConfiguration.map(({ ServerSideEncryptionByDefault, BucketKeyEnabled }) => ({
    ...(BucketKeyEnabled !== undefined && { BucketKeyEnabled }),
    ...(ServerSideEncryptionByDefault && { ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault }),
  }));
  return site.call('s3', 'PutBucketEncryption', { Bucket, ServerSideEncryptionConfiguration: { Rules } });
};

const publicAccess: Side = async (
  Bucket,
  { PublicAccessBlockConfiguration: now },
  { PublicAccessBlockConfiguration: was },
  site,
) => {
  if (now) return site.call('s3', 'PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration: now });
  return was && site.call('s3', 'DeletePublicAccessBlock', { Bucket });
};

const ownership: Side = async (Bucket, { OwnershipControls: now }, { OwnershipControls: was }, site) => {
  if (!now) return was && site.call('s3', 'DeleteBucketOwnershipControls', { Bucket });
  const Rules = now.Rules.map(({ ObjectOwnership }) => ({ ObjectOwnership }));
  return site.call('s3', 'PutBucketOwnershipControls', { Bucket, OwnershipControls: { Rules } });
};

const expiry: Side = async (Bucket, { LifecycleConfiguration: now }, { LifecycleConfiguration: was }, site) => {
  if (!now) return was && site.call('s3', 'DeleteBucketLifecycle', { Bucket });
  return site.call('s3', 'PutBucketLifecycleConfiguration', { Bucket, LifecycleConfiguration: { Rules: lifecycleRules(now) } });
};

const tagging: Side = async (Bucket, p, before, site) => {
  const TagSet = tagsOf(p.Tags, site);
  if (TagSet.length > 0) return site.call('s3', 'PutBucketTagging', { Bucket, Tagging: { TagSet } });
  return before.Tags && site.call('s3', 'DeleteBucketTagging', { Bucket });
};

const SIDES: readonly (readonly [keyof Bucket, Side])[] = [
  ['VersioningConfiguration', versioning],
  ['BucketEncryption', encryption],
  ['PublicAccessBlockConfiguration', publicAccess],
  ['OwnershipControls', ownership],
  ['LifecycleConfiguration', expiry],
  ['Tags', tagging],
];

async function shapeBucket(name: string, p: Bucket, before: Bucket, site: Site): Promise<void> {
  for (const [property, side] of SIDES) {
    const same = JSON.stringify(p[property]) === JSON.stringify(before[property]);
    if (!same || property === 'Tags') await side(name, p, before, site);
  }
}

const standingOf = (name: string, region: string): Standing => ({
  physicalId: name,
  attributes: {
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
  },
});

async function removeBucket({ physicalId }: Standing, _p: unknown, site: Site): Promise<void> {
  await site.call('s3', 'DeleteBucket', { Bucket: physicalId }).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

const bucketResource = resource<Bucket>({
  type: 'AWS::S3::Bucket',
  shape: bucket,
  attributes: ['Arn', 'DomainName', 'DualStackDomainName', 'RegionalDomainName'],
  replacedBy: ['BucketName'],
  nameProperty: 'BucketName',
  async create(p, site) {
    const name = p.BucketName ?? site.name(63, 'bucket');
    // us-east-1 answers an existing bucket of one's own with success: CloudFormation does not take it over.
    const constraint = site.region === 'us-east-1' ? undefined : (site.region as BucketLocationConstraint);
    await site.call('s3', 'CreateBucket', {
      Bucket: name,
      ...(constraint !== undefined && { CreateBucketConfiguration: { LocationConstraint: constraint } }),
    });
    const standing = standingOf(name, site.region);
    try {
      await shapeBucket(name, p, {}, site);
    } catch (error) {
      await removeBucket(standing, p, site).catch(() => undefined);
      throw error;
    }
    return standing;
  },
  async update(p, before, standing, site) {
    await shapeBucket(standing.physicalId, p, before, site);
    return standing;
  },
  remove: removeBucket,
});

const policy = structure({ Bucket: text, PolicyDocument: document }, {});

const policyResource = resource<Read<typeof policy>>({
  type: 'AWS::S3::BucketPolicy',
  shape: policy,
  attributes: [],
  replacedBy: ['Bucket'],
  async create({ Bucket, PolicyDocument }, site) {
    await site.call('s3', 'PutBucketPolicy', { Bucket, Policy: jsonText(PolicyDocument) });
    return { physicalId: Bucket, attributes: {} };
  },
  async update({ Bucket, PolicyDocument }, _before, standing, site) {
    await site.call('s3', 'PutBucketPolicy', { Bucket, Policy: jsonText(PolicyDocument) });
    return standing;
  },
  async remove(_standing, { Bucket }, site) {
    await site.call('s3', 'DeleteBucketPolicy', { Bucket }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  },
});

export const s3Resources = [bucketResource, policyResource];
