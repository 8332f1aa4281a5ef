// What people uploaded on the side that is left since it was moved to, held against the other side's bucket.
import type { Winner } from './divergence.ts';
import { countOf, listOf } from './words.ts';

/** An object as a bucket's listing tells it. */
export interface Upload {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

export interface UploadDivergence {
  /** Written there since the move. */
  readonly there: readonly Upload[];
  /** What stands here under the same keys. */
  readonly here: readonly Upload[];
  /** A bucket was too large to be listed to its end. */
  readonly more: boolean;
  /** Whether what is written over here stays as an older version; null where nothing would be written over. */
  readonly keepsVersions: boolean | null;
}

/** S3 copies five times as much in one request, and promises nobody how fast: an act has 85 seconds. */
export const LARGEST_BYTES = 1024 ** 3;
/** As many as one act can copy in its time. */
export const MOST_UPLOADS = 2_000;

export const byKey = (uploads: readonly Upload[]): Map<string, Upload> => new Map(uploads.map((one) => [one.key, one]));

export function onlyThere({ here, there }: UploadDivergence): Upload[] {
  const twins = byKey(here);
  return there.filter(({ key }) => !twins.has(key));
}

/** The same name, and not the same file: nobody can tell which is meant. */
export function onBoth({ here, there }: UploadDivergence): Upload[] {
  const twins = byKey(here);
  return there.filter(({ key, size, etag }) => {
    const twin = twins.get(key);
    return twin !== undefined && !(twin.size === size && twin.etag === etag);
  });
}

/** What a merge copies: the files that only the other side has, and its own under a shared name where its side wins. */
export const broughtOf = (found: UploadDivergence, winner: Winner): string[] =>
  [...onlyThere(found), ...(winner === 'there' ? onBoth(found) : [])].map(({ key }) => key);

/** Why they cannot all be brought. */
export function unbringable(found: UploadDivergence, winner: Winner): string[] {
  const brought = broughtOf(found, winner);
  const isBrought = new Set(brought);
  const large = found.there.filter(({ key, size }) => size > LARGEST_BYTES && isBrought.has(key));
  return [
    ...(found.more ? ['a bucket is too large to be listed to its end'] : []),
    ...(brought.length > MOST_UPLOADS ? [`${brought.length} uploaded files are more than ${MOST_UPLOADS}`] : []),
    ...(large.length > 0 ? [`larger than 1 GiB: ${namesOf(large)}`] : []),
  ];
}

/** Why nothing may be written under names that both sides have. */
export function disputed(found: UploadDivergence, winner: Winner): string[] {
  const both = onBoth(found);
  if (both.length === 0 || winner === 'here') return [];
  const says = `${countOf(both.length, 'uploaded file')} with the same name on both sides: ${namesOf(both)}`;
  if (winner === 'nobody') return [says];
  return found.keepsVersions === true ? [] : [`${says}; the bucket keeps no versions, so the other file would be gone`];
}

const MOST_NAMES = 3;
const namesOf = (uploads: readonly Upload[]): string =>
  uploads.length > MOST_NAMES
    ? `${listOf(uploads.slice(0, MOST_NAMES).map(({ key }) => key))} and ${uploads.length - MOST_NAMES} more`
    : listOf(uploads.map(({ key }) => key));
