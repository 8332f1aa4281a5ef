import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Cloud, startCloud } from '../../rehearsal/cloud.ts';
import type { Caller } from '../../rehearsal/iam/ask.ts';

const DAY = 86_400_000;
let cloud: Cloud;
let s3: S3Client;
let buckets = 0;

const clientIn = (region: string, config: S3ClientConfig = {}): S3Client =>
  new S3Client({
    region,
    endpoint: cloud.endpoint,
    forcePathStyle: true,
    credentials: cloud.operator,
    maxAttempts: 1,
    ...config,
  });

beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
  s3 = clientIn('eu-west-1');
});
afterAll(async () => {
  s3.destroy();
  await cloud.stop();
});

async function makeBucket({ versioned = false } = {}): Promise<string> {
  const Bucket = `ledger-${String(++buckets)}`;
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
  if (versioned) await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return Bucket;
}

async function makeRole(name: string, actions: string[], resources: string[]): Promise<Caller> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: resources }] };
  await cloud.call('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
  await cloud.call('iam', 'PutRolePolicy', { RoleName: name, PolicyName: 'p', PolicyDocument: JSON.stringify(policy) });
  return cloud.ground.assume(`arn:aws:iam::${cloud.account}:role/${name}`, 'lambda.amazonaws.com', 'test');
}

describe('conditional writes', () => {
  it('lets only the first writer create a key', async () => {
    const Bucket = await makeBucket();
    const write = { Bucket, Key: 'lease/app.json', Body: '{}', IfNoneMatch: '*' };

    await s3.send(new PutObjectCommand(write));

    await expect(s3.send(new PutObjectCommand(write))).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
  });

  it('takes a delete marker for absence', async () => {
    const Bucket = await makeBucket({ versioned: true });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));

    const answer = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '2', IfNoneMatch: '*' }));

    expect(answer.VersionId).toMatch(/^\w{32}$/);
  });

  it('changes an object only under the ETag that was read, and answers 404 when there is none', async () => {
    const Bucket = await makeBucket();
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));

    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '2', IfMatch: ETag }));

    await expect(s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '3', IfMatch: ETag }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(s3.send(new PutObjectCommand({ Bucket, Key: 'none', Body: '3', IfMatch: ETag }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });

  it('refuses a conditional write that somebody overtook with 409', async () => {
    const Bucket = await makeBucket();
    const slow = new Readable({ read: () => undefined });
    slow.push('slow');

    const overtaken = cloud.call('s3', 'PutObject', { Bucket, Key: 'k', Body: slow, IfNoneMatch: '*' });
    await cloud.call('s3', 'PutObject', { Bucket, Key: 'k', Body: Buffer.from('fast') });
    slow.push(null);

    await expect(overtaken).rejects.toMatchObject({ code: 'ConditionalRequestConflict', status: 409 });
  });

  it('refuses a conditional write during which the key was deleted with 409', async () => {
    const Bucket = await makeBucket();
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
    const slow = new Readable({ read: () => undefined });
    slow.push('slow');

    const overtaken = cloud.call('s3', 'PutObject', { Bucket, Key: 'k', Body: slow, IfMatch: ETag });
    await cloud.call('s3', 'DeleteObject', { Bucket, Key: 'k' });
    slow.push(null);

    await expect(overtaken).rejects.toMatchObject({ code: 'ConditionalRequestConflict' });
  });
});

describe('objects', () => {
  it('come back as they were written, with their checksum and their words', async () => {
    const Bucket = await makeBucket();
    const written = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'a b/ü', Body: 'hello', ContentType: 'text/plain', Metadata: { Nonce: '1' } }),
    );

    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'a b/ü' }));

    expect(await read.Body?.transformToString()).toBe('hello');
    expect(read).toMatchObject({
      ETag: written.ETag,
      ContentType: 'text/plain',
      Metadata: { nonce: '1' },
      ChecksumCRC32: 'NhCmhg==',
    });
    expect(written.ChecksumType).toBe('FULL_OBJECT');
  });

  it('are refused when the bytes are not what was announced', async () => {
    const Bucket = await makeBucket();
    const write = { Bucket, Key: 'k', Body: Buffer.from('hello') };

    const wrong = cloud.call('s3', 'PutObject', { ...write, ChecksumCRC32: 'AAAAAA==' });
    const malformed = cloud.call('s3', 'PutObject', { ...write, ContentMD5: 'nonsense' });

    await expect(wrong).rejects.toMatchObject({ code: 'BadDigest' });
    await expect(malformed).rejects.toMatchObject({ code: 'InvalidDigest' });
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('answer a section of themselves, and refuse one they do not have', async () => {
    const Bucket = await makeBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '0123456789' }));

    const tail = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', Range: 'bytes=-3' }));

    expect([await tail.Body?.transformToString(), tail.ContentRange]).toEqual(['789', 'bytes 7-9/10']);
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'k', Range: 'bytes=10-' }))).rejects.toMatchObject({
      name: 'InvalidRange',
    });
  });

  it('keep their versions behind a delete marker', async () => {
    const Bucket = await makeBucket({ versioned: true });
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'first' }));
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));

    const old = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId }));
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket }));

    expect(marker.DeleteMarker).toBe(true);
    expect(await old.Body?.transformToString()).toBe('first');
    expect(listed.DeleteMarkers).toMatchObject([{ Key: 'k', IsLatest: true }]);
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: marker.VersionId }))).rejects.toMatchObject({
      name: 'MethodNotAllowed',
    });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('are copied inside the cloud, but not onto themselves without a change', async () => {
    const Bucket = await makeBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'from', Body: 'x', Metadata: { a: '1' } }));

    await s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/from` }));

    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).Metadata).toEqual({ a: '1' });
    await expect(s3.send(new CopyObjectCommand({ Bucket, Key: 'from', CopySource: `${Bucket}/from` }))).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
  });

  it('refuse by name what is not imitated', async () => {
    const Bucket = await makeBucket();

    const locked = s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ObjectLockMode: 'GOVERNANCE' }));

    await expect(locked).rejects.toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('ObjectLockMode') });
  });
});

describe('listings', () => {
  it('fold keys at the delimiter and go on where a page ended', async () => {
    const Bucket = await makeBucket();
    for (const Key of ['a/1', 'a/2', 'b', 'c/1']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));

    const first = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 2 }));
    const rest = await s3.send(
      new ListObjectsV2Command({ Bucket, Delimiter: '/', ContinuationToken: first.NextContinuationToken }),
    );

    expect([first.CommonPrefixes, first.Contents?.map(({ Key }) => Key)]).toEqual([[{ Prefix: 'a/' }], ['b']]);
    expect([rest.CommonPrefixes, rest.IsTruncated]).toEqual([[{ Prefix: 'c/' }], false]);
    await expect(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'made-up' }))).rejects.toMatchObject({
      name: 'InvalidArgument',
    });
  });
});

describe('multipart uploads', () => {
  it('join parts of at least five megabytes under an ETag of their own', async () => {
    const Bucket = await makeBucket();
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'dump', ChecksumAlgorithm: 'CRC32' }));
    const big = Buffer.alloc(5 * 1024 ** 2, 'x');
    const one = await s3.send(new UploadPartCommand({ Bucket, Key: 'dump', UploadId, PartNumber: 1, Body: big }));
    const two = await s3.send(new UploadPartCommand({ Bucket, Key: 'dump', UploadId, PartNumber: 2, Body: 'end' }));
    const Parts = [
      { PartNumber: 1, ETag: one.ETag, ChecksumCRC32: one.ChecksumCRC32 },
      { PartNumber: 2, ETag: two.ETag, ChecksumCRC32: two.ChecksumCRC32 },
    ];

    const done = await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'dump', UploadId, MultipartUpload: { Parts } }));

    expect([done.ETag, done.ChecksumType]).toEqual([expect.stringMatching(/-2"$/), 'COMPOSITE']);
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'dump', Range: `bytes=${String(big.length)}-` }));
    expect(await read.Body?.transformToString()).toBe('end');
  });

  it('take any checksum for a part where the upload announced none, and keep none of them', async () => {
    const Bucket = await makeBucket();
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
    const named = { Bucket, Key: 'k', UploadId };
    const whole = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;
    const announced = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'whole', ...whole }));
    const silent = clientIn('eu-west-1', { requestChecksumCalculation: 'WHEN_REQUIRED' });

    const checked = await s3.send(new UploadPartCommand({ ...named, PartNumber: 1, Body: 'hello' }));
    const bare = await silent.send(new UploadPartCommand({ ...named, PartNumber: 2, Body: 'hello' }));
    const computed = await silent.send(
      new UploadPartCommand({ Bucket, Key: 'whole', UploadId: announced.UploadId, PartNumber: 1, Body: 'hello' }),
    );

    silent.destroy();
    expect([checked.ChecksumCRC32, bare.ChecksumCRC64NVME, computed.ChecksumCRC32]).toEqual([
      'NhCmhg==',
      expect.any(String),
      'NhCmhg==',
    ]);
    const { Parts = [] } = await s3.send(new ListPartsCommand(named));
    expect(Parts.map(({ ChecksumCRC32, ChecksumCRC64NVME }) => [ChecksumCRC32, ChecksumCRC64NVME])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it('refuse small parts, unknown parts and finished uploads', async () => {
    const Bucket = await makeBucket();
    const upload = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k', ChecksumAlgorithm: 'CRC32' }));
    const { UploadId } = upload;
    const one = await s3.send(new UploadPartCommand({ Bucket, Key: 'k', UploadId, PartNumber: 1, Body: 'a' }));
    const two = await s3.send(new UploadPartCommand({ Bucket, Key: 'k', UploadId, PartNumber: 2, Body: 'b' }));
    const part = (PartNumber: number, { ETag, ChecksumCRC32 }: typeof one) => ({ PartNumber, ETag, ChecksumCRC32 });
    const complete = (...Parts: ReturnType<typeof part>[]) =>
      s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'k', UploadId, MultipartUpload: { Parts } }));

    await expect(complete(part(1, one), part(2, two))).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete(part(3, two))).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete(part(2, two), part(1, one))).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'k', UploadId }));
    await expect(complete(part(1, one))).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});

describe('buckets', () => {
  it('live in one Region, keep their name to themselves and go only when empty', async () => {
    const Bucket = await makeBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    const again = new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
    const west = clientIn('us-west-2');

    await expect(s3.send(again)).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'BucketNotEmpty' });
    await expect(s3.send(new CreateBucketCommand({ Bucket: 'Bad_Name' }))).rejects.toMatchObject({ name: 'InvalidBucketName' });
    await expect(cloud.call('s3', 'CreateBucket', { Bucket: 'no-region' })).rejects.toMatchObject({
      code: 'IllegalLocationConstraintException',
    });
    await expect(west.send(new GetObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({
      name: 'PermanentRedirect',
      $metadata: { httpStatusCode: 301 },
    });
    west.destroy();
  });

  it('let a lifecycle rule expire objects at midnight after their days', async () => {
    const Bucket = await makeBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'dumps/1', Body: 'x' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'x' }));
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Filter: { Prefix: 'dumps/' }, Expiration: { Days: 2 } }] },
      }),
    );

    await cloud.timeline.passTo(cloud.timeline.now() + 4 * DAY);

    const left = await cloud.call('s3', 'ListObjectsV2', { Bucket });
    expect(left.Contents?.map(({ Key }) => Key)).toEqual(['kept']);
    await cloud.call('s3', 'DeleteBucketLifecycle', { Bucket });
  });
});

describe('permissions', () => {
  it('tell a missing key only to those who may list', async () => {
    const Bucket = await makeBucket();
    const arn = `arn:aws:s3:::${Bucket}`;
    const reader = await makeRole('reader', ['s3:GetObject'], [`${arn}/*`]);
    const lister = await makeRole('lister', ['s3:GetObject', 's3:ListBucket'], [arn, `${arn}/*`]);

    const blind = cloud.ground.call(reader, 's3', 'GetObject', { Bucket, Key: 'none' });
    const seeing = cloud.ground.call(lister, 's3', 'GetObject', { Bucket, Key: 'none' });

    await expect(blind).rejects.toMatchObject({ code: 'AccessDenied', status: 403 });
    await expect(seeing).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 });
  });

  it('are refused by an explicit deny of the bucket policy, key by key', async () => {
    const Bucket = await makeBucket();
    const Statement = [{ Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource: `arn:aws:s3:::${Bucket}/kept/*` }];
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));

    const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'kept/1' }, { Key: 'gone' }] } }));

    expect(answer.Deleted).toEqual([{ Key: 'gone' }]);
    expect(answer.Errors).toMatchObject([{ Key: 'kept/1', Code: 'AccessDenied' }]);
  });

  it('need the KMS key beside the object', async () => {
    const Bucket = await makeBucket();
    const { KeyMetadata } = await cloud.call('kms', 'CreateKey', {});
    const KeyId = KeyMetadata?.KeyId ?? '';
    const put = { Bucket, Key: 'k', Body: Buffer.from('x'), ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: KeyId };
    const writer = await makeRole('writer', ['s3:*'], ['*']);
    await cloud.call('s3', 'PutObject', put);

    await expect(cloud.ground.call(writer, 's3', 'PutObject', put)).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('kms:GenerateDataKey'),
    });
    await expect(cloud.ground.call(writer, 's3', 'GetObject', { Bucket, Key: 'k' })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
    await cloud.call('kms', 'DisableKey', { KeyId });
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({ name: 'KMS.DisabledException' });
  });

  it('never become public while the public access block stands', async () => {
    const Bucket = await makeBucket();
    const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }];

    const opened = s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));

    await expect(opened).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
