// A function's code: given in the request or fetched from S3 with the caller's rights, and unpacked before it is accepted.
import { createHash } from 'node:crypto';
import { BadArchive } from '../../host/archive.ts';
import { bytesOf } from '../bytes.ts';
import { AwsError } from '../error.ts';
import type { Call } from '../service.ts';
import type { Code, Room } from './catalog.ts';
import { constraint, invalid, notImitated } from './refusals.ts';

export interface CodeInput {
  readonly ZipFile?: Uint8Array | undefined;
  readonly S3Bucket?: string | undefined;
  readonly S3Key?: string | undefined;
  readonly S3ObjectVersion?: string | undefined;
  readonly ImageUri?: string | undefined;
  readonly SourceKMSKeyArn?: string | undefined;
}

const ZIP_LIMIT = 52_428_800;
const UNPACKED_LIMIT = 262_144_000;

export async function codeOf(
  room: Room,
  call: Call,
  input: CodeInput,
  architectures: readonly string[] | undefined,
): Promise<Code> {
  const zip = await zipOf(room, call, input);
  const sha256 = createHash('sha256').update(zip).digest('base64');
  try {
    const unpacked = await room.host.prepare(zip, sha256);
    if (unpacked > UNPACKED_LIMIT) throw invalid(`Unzipped size must be smaller than ${UNPACKED_LIMIT} bytes`);
  } catch (error) {
    if (!(error instanceof BadArchive)) throw error;
    throw invalid('Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
  return { zip, sha256, architecture: architectureOf(architectures) };
}

function architectureOf(asked: readonly string[] | undefined): Code['architecture'] {
  const [first = 'x86_64', ...more] = asked ?? [];
  if ((first === 'x86_64' || first === 'arm64') && more.length === 0) return first;
  throw constraint(
    `[${asked?.join(', ') ?? ''}]`,
    'architectures',
    'Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]',
  );
}

async function zipOf(room: Room, call: Call, input: CodeInput): Promise<Buffer> {
  if (input.ImageUri !== undefined) throw notImitated('container images (Code.ImageUri)');
  if (input.SourceKMSKeyArn !== undefined) throw notImitated('SourceKMSKeyArn');
  const fromS3 = input.S3Bucket !== undefined || input.S3Key !== undefined;
  if (input.ZipFile !== undefined) {
    if (fromS3) throw invalid('Please do not provide other FunctionCode parameters when providing a ZipFile.');
    if (input.ZipFile.length === 0) throw invalid('Uploaded file must be a non-empty zip');
    if (input.ZipFile.length > ZIP_LIMIT) {
      throw new AwsError(
        'RequestEntityTooLargeException',
        `Request must be smaller than 70167211 bytes for the ${call.operation} operation`,
        { status: 413 },
      );
    }
    return Buffer.from(input.ZipFile);
  }
  if (input.S3Bucket === undefined || input.S3Key === undefined) throw invalid('Please provide a source for function code.');
  return fetchZip(room, call, { Bucket: input.S3Bucket, Key: input.S3Key, VersionId: input.S3ObjectVersion });
}

async function fetchZip(
  room: Room,
  call: Call,
  place: { Bucket: string; Key: string; VersionId: string | undefined },
): Promise<Buffer> {
  const { VersionId, ...rest } = place;
  try {
    const asked = { ...rest, ...(VersionId !== undefined && { VersionId }) };
    const { Body } = await room.ground.call(call.caller, 's3', 'GetObject', asked, call.region);
    return await bytesOf(Body);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'AccessDenied') {
      throw new AwsError(
        'AccessDeniedException',
        `Your access has been denied by S3, please make sure your request credentials have permission to GetObject for ${place.Bucket}/${place.Key}. S3 Error Code: AccessDenied. S3 Error Message: ${error.message}`,
        { status: 403 },
      );
    }
    throw invalid(`Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`);
  }
}
