// What people uploaded: counted and compared by the listings of the buckets, copied by S3 itself.
import {
  CopyObjectCommand,
  GetBucketVersioningCommand,
  ListObjectsV2Command,
  S3Client,
  type _Object as Listed,
} from '@aws-sdk/client-s3';
import type { Upload } from '../../runbooks/uploads.ts';
import type { Uploads } from '../ports.ts';
import { asking } from './errors.ts';

/** A listing comes in the order of names, not of time, so all of it must be seen; beyond this the count is a lower bound. */
const MOST_PAGES = 10;
/** Whoever compares must see all of it, and has the time for that. */
const MOST_PAGES_COMPARED = 200;
const COPIES_AT_ONCE = 8;

export function awsUploads(): Uploads {
  // An environment's bucket may stand in another Region than this function.
  const s3 = new S3Client({ followRegionRedirects: true });

  /** Tells each page; answers whether there was more than that. */
  const list = (Bucket: string, most: number, tell: (page: readonly Listed[]) => void): Promise<boolean> =>
    asking(`listing the uploads in ${Bucket}`, async () => {
      let ContinuationToken: string | undefined;
      for (let pages = 0; pages < most; pages++) {
        const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
        tell(page.Contents ?? []);
        ContinuationToken = page.NextContinuationToken;
        if (ContinuationToken === undefined) return false;
      }
      return true;
    });

  const keepsVersions = (Bucket: string): Promise<boolean> =>
    asking(`reading whether ${Bucket} keeps versions`, async () => {
      const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
      return Status === 'Enabled';
    });

  return {
    async countSince(bucket, since) {
      let count = 0;
      const more = await list(bucket, MOST_PAGES, (page) => {
        count += page.filter(isFrom(since)).length;
      });
      return { count, more };
    },
    async compare(here, there, since) {
      const theirs: Upload[] = [];
      const manyThere = await list(there, MOST_PAGES_COMPARED, (page) =>
        theirs.push(...page.filter(isFrom(since)).map(uploadOf)),
      );
      const asked = new Set(theirs.map(({ key }) => key));
      if (asked.size === 0) return { there: [], here: [], more: manyThere, keepsVersions: null };
      const ours: Upload[] = [];
      const manyHere = await list(here, MOST_PAGES_COMPARED, (page) =>
        ours.push(...page.map(uploadOf).filter(({ key }) => asked.has(key))),
      );
      return {
        there: theirs,
        here: ours,
        more: manyThere || manyHere,
        keepsVersions: ours.length === 0 ? null : await keepsVersions(here),
      };
    },
    copy: (from, to, keys) =>
      asking(`copying uploads from ${from} to ${to}`, async () => {
        const left = [...keys];
        const copyOn = async (): Promise<void> => {
          for (let Key = left.pop(); Key !== undefined; Key = left.pop())
            await s3.send(new CopyObjectCommand({ Bucket: to, Key, CopySource: `${from}/${encodeURIComponent(Key)}` }));
        };
        await Promise.all(Array.from({ length: COPIES_AT_ONCE }, copyOn));
      }),
  };
}

/** S3 tells seconds only: what was written in the same second counts, for a loss is better told too large. */
function isFrom(since: Date): (listed: Listed) => boolean {
  const from = Math.floor(since.getTime() / 1000) * 1000;
  return ({ LastModified }) => (LastModified?.getTime() ?? 0) >= from;
}

const uploadOf = ({ Key = '', Size = 0, ETag = '' }: Listed): Upload => ({ key: Key, size: Size, etag: ETag });
