// DeleteObject and DeleteObjects: a marker on top, or one version for good.
import type { DeletedObject, _Error as KeyError, ObjectIdentifier } from '@aws-sdk/client-s3';
import type { Ask } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { ask, keys } from './access.ts';
import { type Bucket, bucketOf, type S3 } from './bucket.ts';
import { judgeDelete } from './conditions.ts';
import { malformedXml, only, required } from './failures.ts';
import { CLAIM_MEMBERS } from './integrity.ts';
import { markDeleted, removeVersion } from './versions.ts';

const MAX_KEYS = 1000;

interface Named {
  Key?: string | undefined;
  VersionId?: string | undefined;
}

const deleteAsk = (bucket: Bucket, { Key: key = '', VersionId: versionId }: Named): Ask =>
  versionId === undefined
    ? ask(bucket, 'DeleteObject', key)
    : ask(bucket, 'DeleteObjectVersion', key, keys({ VersionId: versionId }));

/** Deleting what is not there succeeds, as in S3. */
async function deleteOne(
  s3: S3,
  bucket: Bucket,
  { Key: key = '', VersionId: versionId }: Named,
): Promise<Omit<DeletedObject, 'Key'>> {
  if (versionId !== undefined) {
    const removed = await removeVersion(s3, bucket, key, versionId);
    return removed?.kind === 'marker'
      ? { VersionId: versionId, DeleteMarker: true, DeleteMarkerVersionId: versionId }
      : { VersionId: versionId };
  }
  const marker = await markDeleted(s3, bucket, key);
  return marker ? { DeleteMarker: true, DeleteMarkerVersionId: marker.versionId } : {};
}

export const createDeletes = (s3: S3): OperationsOf<Sdks['s3']> => ({
  DeleteObject: {
    asks: (input, call) => [deleteAsk(bucketOf(s3, input, call), input)],
    async run(input, call) {
      only(input, 'Bucket', 'Key', 'VersionId', 'IfMatch', 'ExpectedBucketOwner');
      const bucket = bucketOf(s3, input, call);
      const key = required(input.Key, 'Key');
      judgeDelete(input.IfMatch, bucket, key);
      const { DeleteMarker, DeleteMarkerVersionId, VersionId } = await deleteOne(s3, bucket, input);
      return { DeleteMarker, VersionId: VersionId ?? DeleteMarkerVersionId };
    },
  },
  DeleteObjects: {
    // Every key is judged by itself: a refused one is an error in the answer, not of the request.
    asks(input, call) {
      bucketOf(s3, input, call);
      return [];
    },
    async run(input, call) {
      only(input, 'Bucket', 'Delete', 'ExpectedBucketOwner', ...CLAIM_MEMBERS);
      const bucket = bucketOf(s3, input, call);
      const objects = input.Delete?.Objects ?? [];
      if (objects.length === 0 || objects.length > MAX_KEYS) throw malformedXml();
      const Deleted: DeletedObject[] = [];
      const Errors: KeyError[] = [];
      for (const object of objects) {
        try {
          Deleted.push({ Key: object.Key, ...(await deleteListed(s3, bucket, object, call)) });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          Errors.push({ Key: object.Key, VersionId: object.VersionId, Code: error.code, Message: error.message });
        }
      }
      return {
        ...(input.Delete?.Quiet !== true && Deleted.length > 0 && { Deleted }),
        ...(Errors.length > 0 && { Errors }),
      };
    },
  },
});

async function deleteListed(s3: S3, bucket: Bucket, object: ObjectIdentifier, call: Call): Promise<Omit<DeletedObject, 'Key'>> {
  only(object, 'Key', 'VersionId', 'ETag');
  call.require(deleteAsk(bucket, object));
  judgeDelete(object.ETag, bucket, object.Key ?? '');
  return deleteOne(s3, bucket, object);
}
