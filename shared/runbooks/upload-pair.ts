// The bucket that goes with a copied database: what is brought, what may go, and whether every file that the copy names is there.
import { RunbookError } from '../errors.ts';
import { countOf, listOf } from './words.ts';

export interface BucketPair {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** In the source, and not, or not as new or as large, in the target. */
  readonly missing: readonly string[];
  /** Only in the target. */
  readonly extra: readonly string[];
  readonly bytes: number;
  readonly keepsVersions: boolean;
  /** One of the two was too large to be listed to its end. */
  readonly more: boolean;
}

export interface Bringing {
  readonly keys: readonly string[];
  readonly going: readonly string[];
  readonly told: readonly string[];
}

/** Nothing goes for good: only where the bucket keeps versions, and never many at once. */
export function decideBringing({ missing, extra, keepsVersions, more }: BucketPair, mostDeletions: number, to: string): Bringing {
  if (more) {
    const says = `the buckets are too large to be listed in one go, so they are no pair with the copy; let S3 replicate them, and share or replicate what ${to} reads`;
    throw new RunbookError('CloudRefused', says, { to });
  }
  const why = !keepsVersions
    ? `the bucket of ${to} keeps no versions`
    : extra.length > mostDeletions
      ? `more than ${mostDeletions} at once`
      : null;
  const stay = extra.length > 0 && why !== null;
  return {
    keys: missing,
    going: stay ? [] : extra,
    told: stay ? [`${countOf(extra.length, 'file')} that only ${to} has stay: ${why}`] : [],
  };
}

const MOST = 3;
const some = (keys: readonly string[]): string =>
  keys.length > MOST ? `${listOf(keys.slice(0, MOST))} and ${keys.length - MOST} more` : listOf(keys);

/** What the source had when its listing was read, the target has. What the source itself no longer has is told. */
export function judgePair(
  {
    brought,
    target,
    references,
  }: { readonly brought: readonly string[]; readonly target: readonly string[]; readonly references: readonly string[] },
  from: string,
  to: string,
): { says: string; told: string[] } {
  const here = new Set(target);
  const lost = brought.filter((key) => !here.has(key));
  if (lost.length > 0) {
    const says = `files of ${from} are not in the bucket of ${to} after they were brought: ${some(lost)}; look who writes to it, then start again`;
    throw new RunbookError('VerifyFailed', says, { missing: lost.length });
  }
  const dangling = references.filter((key) => !here.has(key));
  const named = new Set(references);
  const orphaned = references.length === 0 ? 0 : target.filter((key) => !named.has(key)).length;
  const gone = dangling.length;
  return {
    says: `${countOf(target.length, 'file')}, ${references.length} of them named by the copy, ${gone} named and nowhere, ${orphaned} not named`,
    told:
      gone === 0
        ? []
        : [
            `${countOf(gone, 'file')} that the database names are in no bucket, neither of ${from} nor of ${to}: ${some(dangling)}`,
          ],
  };
}
