// Preconditions of reads and writes, and what happens when somebody else writes meanwhile.
import { type Bucket, liveOf, type ObjectVersion } from './bucket.ts';
import { conditionalConflict, invalidArgument, noSuchKey, notModified, preconditionFailed } from './failures.ts';

export interface WriteConditions {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
}
export interface ReadConditions extends WriteConditions {
  IfModifiedSince?: Date | undefined;
  IfUnmodifiedSince?: Date | undefined;
}

const bare = (etag: string): string => etag.trim().replace(/^W\//, '').replace(/^"|"$/g, '');
const matches = (header: string, etag: string): boolean =>
  header.trim() === '*' || header.split(',').some((one) => bare(one) === bare(etag));

/** RFC 9110's order: a match overrides the dates. */
export function judgeRead(input: ReadConditions, { etag, modifiedAt }: ObjectVersion): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = input;
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, etag)) throw preconditionFailed('If-Match');
  } else if (IfUnmodifiedSince && modifiedAt > IfUnmodifiedSince.getTime()) throw preconditionFailed('If-Unmodified-Since');
  if (IfNoneMatch !== undefined) {
    if (matches(IfNoneMatch, etag)) throw notModified();
  } else if (IfModifiedSince && modifiedAt <= IfModifiedSince.getTime()) throw notModified();
}

/** The source of a copy has the same four conditions, but nothing to answer 304 with. */
export function judgeCopySource(input: ReadConditions, { etag, modifiedAt }: ObjectVersion): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = input;
  if (IfMatch !== undefined && !matches(IfMatch, etag)) throw preconditionFailed('x-amz-copy-source-If-Match');
  if (IfMatch === undefined && IfUnmodifiedSince && modifiedAt > IfUnmodifiedSince.getTime())
    throw preconditionFailed('x-amz-copy-source-If-Unmodified-Since');
  if (IfNoneMatch !== undefined && matches(IfNoneMatch, etag)) throw preconditionFailed('x-amz-copy-source-If-None-Match');
  if (IfNoneMatch === undefined && IfModifiedSince && modifiedAt <= IfModifiedSince.getTime())
    throw preconditionFailed('x-amz-copy-source-If-Modified-Since');
}

function judgeWrite({ IfMatch, IfNoneMatch }: WriteConditions, bucket: Bucket, key: string): void {
  const live = liveOf(bucket, key);
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch.trim() !== '*')
      throw invalidArgument('The If-None-Match header only supports the * (asterisk) character.', 'If-None-Match', IfNoneMatch);
    if (live) throw preconditionFailed('If-None-Match');
  }
  if (IfMatch !== undefined) {
    if (!live) throw noSuchKey(key);
    if (!matches(IfMatch, live.etag)) throw preconditionFailed('If-Match');
  }
}

/**
 * Begins a write: its condition is judged now, and again when the returned function is called before the effect. What another
 * request changed under the key in between makes a conditional write fail, whoever would have won by the condition alone.
 */
export function beginWrite(input: WriteConditions, bucket: Bucket, key: string): () => void {
  judgeWrite(input, bucket, key);
  const condition = input.IfNoneMatch !== undefined ? 'If-None-Match' : 'If-Match';
  const conditional = input.IfNoneMatch !== undefined || input.IfMatch !== undefined;
  const seen = changesOf(bucket, key);
  return () => {
    if (conditional && changesOf(bucket, key) !== seen) throw conditionalConflict(condition, key);
  };
}

/** DeleteObject's If-Match takes `*` for "whatever is there". */
export function judgeDelete(ifMatch: string | undefined, bucket: Bucket, key: string): void {
  if (ifMatch === undefined) return;
  const live = liveOf(bucket, key);
  if (!live) throw noSuchKey(key);
  if (!matches(ifMatch, live.etag)) throw preconditionFailed('If-Match');
}

const changesOf = (bucket: Bucket, key: string): number => bucket.changes.get(key) ?? 0;
export const changed = (bucket: Bucket, key: string): void => void bucket.changes.set(key, changesOf(bucket, key) + 1);
