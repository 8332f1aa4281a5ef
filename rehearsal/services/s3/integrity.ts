// What the writer said about the bytes, held against the bytes.
import { type Algorithm, ALGORITHMS, BYTES, type Checksums, isAlgorithm, memberOf } from './checksums.ts';
import { badRequest, invalidRequest } from './failures.ts';
import type { Stored } from './vault.ts';

export interface Claims extends Checksums {
  ContentMD5?: string | undefined;
  ChecksumAlgorithm?: string | undefined;
  ContentLength?: number | undefined;
}

/** Every member of a request that speaks of its bytes. */
export const CLAIM_MEMBERS = ['ContentMD5', 'ContentLength', 'ChecksumAlgorithm', ...ALGORITHMS.map(memberOf)];

/** The one algorithm a request brings a checksum for; refuses before the bytes are kept. */
export function claimedAlgorithm(input: Claims): Algorithm | undefined {
  const claimed = ALGORITHMS.filter((algorithm) => input[memberOf(algorithm)] !== undefined);
  if (claimed.length > 1)
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  const [algorithm] = claimed;
  if (algorithm !== undefined) requireWellFormed(input, algorithm);
  if (input.ChecksumAlgorithm === undefined) return algorithm;
  if (!isAlgorithm(input.ChecksumAlgorithm)) throw invalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.');
  if (algorithm === undefined)
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  if (algorithm !== input.ChecksumAlgorithm) throw invalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.');
  return algorithm;
}

function requireWellFormed(input: Claims, algorithm: Algorithm): void {
  const value = input[memberOf(algorithm)] ?? '';
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== BYTES[algorithm] || bytes.toString('base64') !== value)
    throw invalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`);
}

export function requireWellFormedMd5({ ContentMD5: said }: Claims): void {
  if (said === undefined) return;
  const bytes = Buffer.from(said, 'base64');
  if (bytes.length !== 16 || bytes.toString('base64') !== said)
    throw badRequest('InvalidDigest', 'The Content-MD5 you specified was invalid.', { 'Content-MD5': said });
}

/** Throws BadDigest when the bytes are not what was announced. */
export function verify(input: Claims, algorithm: Algorithm | undefined, { digests }: Stored): void {
  const md5 = digests.get('MD5')?.toString('base64');
  if (input.ContentMD5 !== undefined && input.ContentMD5 !== md5)
    throw badRequest('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
      ExpectedDigest: input.ContentMD5,
      CalculatedDigest: md5,
    });
  if (algorithm === undefined) return;
  if (input[memberOf(algorithm)] !== digests.get(algorithm)?.toString('base64'))
    throw badRequest('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
}

/** What the object will answer: the writer's algorithm, S3's own where the writer had none. */
export const keptAlgorithm = (claimed: Algorithm | undefined): Algorithm => claimed ?? 'CRC64NVME';

export const checksumsOf = (algorithm: Algorithm, { digests }: Stored): Checksums => ({
  [memberOf(algorithm)]: digests.get(algorithm)?.toString('base64'),
});

export const etagOf = ({ digests }: Stored): string => `"${(digests.get('MD5') ?? Buffer.alloc(0)).toString('hex')}"`;
