// What people uploaded: counted and compared by the listings of the buckets, copied by S3 itself.
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  ListObjectsV2Command,
  S3Client,
  type _Object as Listed,
} from '@aws-sdk/client-s3';
import { RunbookError } from '../../errors.ts';
import type { Upload } from '../../runbooks/uploads.ts';
import type { Uploads } from '../ports.ts';
import { asking, nameOf } from './errors.ts';

/** A listing comes in the order of names, not of time, so all of it must be seen; beyond this the count is a lower bound. */
const MOST_PAGES = 10;
/** Whoever compares must see all of it, and has the time for that. */
const MOST_PAGES_COMPARED = 200;
const COPIES_AT_ONCE = 8;
const MOST_DELETED = 1000;

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
    async pair(from, to) {
      const [source, target] = [new Map<string, Listed>(), new Map<string, Listed>()];
      const keep = (into: Map<string, Listed>) => (page: readonly Listed[]) =>
        page.forEach((one) => into.set(one.Key ?? '', one));
      const [moreThere, moreHere] = await Promise.all([
        list(from, MOST_PAGES_COMPARED, keep(source)),
        list(to, MOST_PAGES_COMPARED, keep(target)),
      ]);
      return {
        source: [...source.keys()],
        target: [...target.keys()],
        missing: [...source].flatMap(([key, one]) => (isThere(one, target.get(key)) ? [] : [key])),
        extra: [...target.keys()].filter((key) => !source.has(key)),
        bytes: [...source.values()].reduce((sum, { Size = 0 }) => sum + Size, 0),
        keepsVersions: await keepsVersions(to),
        more: moreThere || moreHere,
      };
    },
    remove: (Bucket, keys) =>
      asking(`taking files out of ${Bucket}`, async () => {
        for (let at = 0; at < keys.length; at += MOST_DELETED) {
          const Objects = keys.slice(at, at + MOST_DELETED).map((Key) => ({ Key }));
          const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
          const [first] = Errors;
          if (first)
            throw new RunbookError('CloudRefused', `S3 did not take ${first.Key ?? ''} out of ${Bucket} (${first.Code ?? ''})`, {
              Bucket,
            });
        }
      }),
    copy: (from, to, keys, heed) =>
      asking(`copying uploads from ${from} to ${to}`, async () => {
        const left = [...keys];
        const gone: string[] = [];
        const copyOn = async (): Promise<void> => {
          for (let Key = left.pop(); Key !== undefined; Key = left.pop()) {
            await heed?.();
            const order = new CopyObjectCommand({ Bucket: to, Key, CopySource: `${from}/${encodeURIComponent(Key)}` });
            if (!(await s3.send(order).then(() => true, onlyIfGone))) gone.push(Key);
          }
        };
        await Promise.all(Array.from({ length: COPIES_AT_ONCE }, copyOn));
        return gone;
      }),
  };
}

/** Somebody took it away after it was listed. */
function onlyIfGone(error: unknown): false {
  if (nameOf(error) === 'NoSuchKey') return false;
  throw error;
}

/** By size, and by who was written last: a bucket with a key of its own gives the same file another tag. */
const isThere = (source: Listed, target: Listed | undefined): boolean =>
  target !== undefined && source.Size === target.Size && (source.LastModified ?? 0) <= (target.LastModified ?? 0);

/** S3 tells seconds only: what was written in the same second counts, for a loss is better told too large. */
function isFrom(since: Date): (listed: Listed) => boolean {
  const from = Math.floor(since.getTime() / 1000) * 1000;
  return ({ LastModified }) => (LastModified?.getTime() ?? 0) >= from;
}

const uploadOf = ({ Key = '', Size = 0, ETag = '' }: Listed): Upload => ({ key: Key, size: Size, etag: ETag });
