// PutObject: one object in one request, all or nothing.
import type { OperationsOf, Sdks } from '../service.ts';
import { ask, tagsOfHeader, writeKeys } from './access.ts';
import { bucketOf, type S3, wholeSecond } from './bucket.ts';
import { beginWrite } from './conditions.ts';
import { encryptionOutput, seal } from './encryption.ts';
import { badRequest, only, required } from './failures.ts';
import {
  checksumsOf,
  CLAIM_MEMBERS,
  claimedAlgorithm,
  etagOf,
  keptAlgorithm,
  requireWellFormedMd5,
  verify,
} from './integrity.ts';
import { expirationOf } from './lifecycle.ts';
import { commit, shown } from './versions.ts';
import { describe, requireWritable, WRITE_MEMBERS } from './writing.ts';

const MAX_OBJECT_BYTES = 5 * 1024 ** 3;

export const createPut = (s3: S3): OperationsOf<Sdks['s3']> => ({
  PutObject: {
    asks(input, call) {
      const bucket = bucketOf(s3, input, call);
      const context = writeKeys(input);
      const asks = [ask(bucket, 'PutObject', input.Key, { ...context, 's3:ObjectCreationOperation': 'true' })];
      if (input.Tagging !== undefined) asks.push(ask(bucket, 'PutObjectTagging', input.Key, context));
      if (input.ACL !== undefined) asks.push(ask(bucket, 'PutObjectAcl', input.Key, context));
      return asks;
    },
    async run(input, call) {
      only(input, 'Body', ...CLAIM_MEMBERS, ...WRITE_MEMBERS);
      const bucket = bucketOf(s3, input, call);
      const key = required(input.Key, 'Key');
      requireWritable(bucket, input);
      requireWellFormedMd5(input);
      const claimed = claimedAlgorithm(input);
      const algorithm = keptAlgorithm(claimed);
      const requireUndisturbed = beginWrite(input, bucket, key);
      const encryption = await seal(s3, bucket, key, input, call);
      const stored = await s3.vault.store(input.Body, ['MD5', algorithm]);
      try {
        if (stored.size > MAX_OBJECT_BYTES)
          throw badRequest('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
            ProposedSize: stored.size,
          });
        verify(input, claimed, stored);
        requireUndisturbed();
      } catch (error) {
        await s3.vault.discard(stored.file);
        throw error;
      }
      const version = await commit(s3, bucket, key, {
        kind: 'object',
        modifiedAt: wholeSecond(s3.ground.timeline.now()),
        file: stored.file,
        size: stored.size,
        etag: etagOf(stored),
        description: describe(input),
        checksums: checksumsOf(algorithm, stored),
        checksumType: 'FULL_OBJECT',
        encryption,
        storageClass: input.StorageClass ?? 'STANDARD',
        tags: tagsOfHeader(input.Tagging),
      });
      return {
        ETag: version.etag,
        ...version.checksums,
        ChecksumType: 'FULL_OBJECT',
        ...encryptionOutput(encryption),
        VersionId: shown(bucket, version),
        Expiration: expirationOf(bucket, key, version),
      };
    },
  },
});
