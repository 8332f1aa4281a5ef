// Encryption at rest: SSE-S3 is a word, SSE-KMS really asks KMS for a data key in the caller's name and to open it again.
import type { ServerSideEncryption } from '@aws-sdk/client-s3';
import { AwsError } from '../error.ts';
import { viaService } from '../kms/via.ts';
import type { Call } from '../service.ts';
import { arnOf, type Bucket, type Encryption, type S3 } from './bucket.ts';
import { accessDenied, badRequest, invalidArgument } from './failures.ts';

export interface EncryptionRequest {
  ServerSideEncryption?: ServerSideEncryption | undefined;
  SSEKMSKeyId?: string | undefined;
  SSEKMSEncryptionContext?: string | undefined;
  BucketKeyEnabled?: boolean | undefined;
}

const MANAGED_KEY = 'alias/aws/s3';
const NEEDS_KMS = 'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms';

/** Decides how an object will be encrypted and fetches its data key; nothing is written when KMS or IAM refuses. */
export async function seal(s3: S3, bucket: Bucket, key: string, input: EncryptionRequest, call: Call): Promise<Encryption> {
  const wanted = wantedOf(bucket, input);
  if (wanted === undefined) return { algorithm: 'AES256' };
  const bucketKey = input.BucketKeyEnabled ?? bucket.encryption.BucketKeyEnabled ?? false;
  const context = { ...contextOf(input), 'aws:s3:arn': arnOf(bucket, bucketKey ? undefined : key) };
  const dataKey = await translated(() =>
    s3.ground.call(
      viaService(call.caller, 's3', bucket.region),
      'kms',
      'GenerateDataKey',
      { KeyId: wanted, KeySpec: 'AES_256', EncryptionContext: context },
      bucket.region,
    ),
  );
  return {
    algorithm: 'aws:kms',
    keyArn: dataKey.KeyId ?? wanted,
    bucketKey,
    context,
    sealed: dataKey.CiphertextBlob ?? new Uint8Array(),
  };
}

/** Asks KMS whether this caller may read the object; a disabled or deleted key keeps its objects shut. */
export async function unseal(s3: S3, bucket: Bucket, encryption: Encryption, call: Call): Promise<void> {
  if (encryption.algorithm !== 'aws:kms') return;
  await translated(() =>
    s3.ground.call(
      viaService(call.caller, 's3', bucket.region),
      'kms',
      'Decrypt',
      { CiphertextBlob: encryption.sealed, EncryptionContext: encryption.context },
      bucket.region,
    ),
  );
}

export const encryptionOutput = (encryption: Encryption): EncryptionRequest =>
  encryption.algorithm === 'AES256'
    ? { ServerSideEncryption: 'AES256' }
    : {
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: encryption.keyArn,
        ...(encryption.bucketKey && { BucketKeyEnabled: true }),
      };

/** The KMS key an object is to be encrypted under; undefined for SSE-S3. */
function wantedOf(bucket: Bucket, { ServerSideEncryption: asked, SSEKMSKeyId: keyId }: EncryptionRequest): string | undefined {
  if (asked === undefined) {
    if (keyId !== undefined) throw invalidArgument(NEEDS_KMS, 'x-amz-server-side-encryption', undefined);
    const rule = bucket.encryption.ApplyServerSideEncryptionByDefault;
    return rule?.SSEAlgorithm === 'aws:kms' ? (rule.KMSMasterKeyID ?? MANAGED_KEY) : undefined;
  }
  if (asked === 'AES256') {
    if (keyId !== undefined) throw invalidArgument(NEEDS_KMS, 'x-amz-server-side-encryption', 'AES256');
    return undefined;
  }
  if (asked === 'aws:kms') return keyId ?? MANAGED_KEY;
  if (asked === 'aws:kms:dsse')
    throw new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented: aws:kms:dsse', {
      status: 501,
    });
  throw invalidArgument('The encryption method specified is not supported', 'x-amz-server-side-encryption', asked);
}

function contextOf({ SSEKMSEncryptionContext: text }: EncryptionRequest): Record<string, string> {
  if (text === undefined) return {};
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString()) as Record<string, string>;
  } catch {
    throw invalidArgument(
      'The header x-amz-server-side-encryption-context is invalid',
      'x-amz-server-side-encryption-context',
      text,
    );
  }
}

/** S3 passes KMS's refusals on under `KMS.`, except the denial, which is its own. */
async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code.startsWith('AccessDenied')) throw accessDenied(error.message);
    if (/^(NotFound|Disabled|KMSInvalidState|InvalidKeyUsage|KeyUnavailable)Exception$/.test(error.code))
      throw badRequest(`KMS.${error.code}`, error.message);
    throw error;
  }
}
