// What people uploaded, counted from the bucket's own listing.
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Uploads } from '../ports.ts';
import { asking } from './errors.ts';

/** A listing comes in the order of names, not of time, so all of it must be seen; beyond this the count is a lower bound. */
const MOST_PAGES = 10;

export function awsUploads(): Uploads {
  // An environment's bucket may stand in another Region than this function.
  const s3 = new S3Client({ followRegionRedirects: true });
  return {
    countSince: (Bucket, since) =>
      asking(`listing the uploads in ${Bucket}`, async () => {
        // S3 tells seconds only: what was written in the same second counts, for a loss is better told too large.
        const from = Math.floor(since.getTime() / 1000) * 1000;
        let count = 0;
        let ContinuationToken: string | undefined;
        for (let pages = 0; pages < MOST_PAGES; pages++) {
          const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
          count += (page.Contents ?? []).filter(({ LastModified }) => (LastModified?.getTime() ?? 0) >= from).length;
          ContinuationToken = page.NextContinuationToken;
          if (ContinuationToken === undefined) return { count, more: false };
        }
        return { count, more: true };
      }),
  };
}
