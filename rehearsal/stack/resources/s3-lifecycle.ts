// `LifecycleConfiguration` of a bucket: CloudFormation's words for what S3's API calls otherwise.
import type { LifecycleRule, TransitionStorageClass } from '@aws-sdk/client-s3';
import { flag, integer, list, oneOf, structure, tag, text, word } from '../shape.ts';
import type { Read } from '../shape.ts';

const transition = structure(
  { StorageClass: word<TransitionStorageClass>() },
  { TransitionInDays: integer, TransitionDate: text },
);
const noncurrentTransition = structure(
  { StorageClass: word<TransitionStorageClass>(), TransitionInDays: integer },
  { NewerNoncurrentVersions: integer },
);
const rule = structure(
  { Status: oneOf('Enabled', 'Disabled') },
  {
    AbortIncompleteMultipartUpload: structure({ DaysAfterInitiation: integer }, {}),
    ExpirationDate: text,
    ExpirationInDays: integer,
    ExpiredObjectDeleteMarker: flag,
    Id: text,
    NoncurrentVersionExpiration: structure({ NoncurrentDays: integer }, { NewerNoncurrentVersions: integer }),
    NoncurrentVersionExpirationInDays: integer,
    NoncurrentVersionTransitions: list(noncurrentTransition),
    ObjectSizeGreaterThan: integer,
    ObjectSizeLessThan: integer,
    Prefix: text,
    TagFilters: list(tag),
    Transitions: list(transition),
  },
  ['NoncurrentVersionTransition', 'Transition'],
);
type Rule = Read<typeof rule>;

export const lifecycle = structure({ Rules: list(rule) }, {}, ['TransitionDefaultMinimumObjectSize']);
export type Lifecycle = Read<typeof lifecycle>;

export const lifecycleRules = ({ Rules }: Lifecycle): LifecycleRule[] => Rules.map(lifecycleRule);

function lifecycleRule(r: Rule): LifecycleRule {
  const noncurrent = r.NoncurrentVersionExpirationInDays;
  return {
    Status: r.Status,
    Filter: filterOf(r),
    ...(r.Id !== undefined && { ID: r.Id }),
    ...expirationOf(r),
    ...(noncurrent !== undefined && { NoncurrentVersionExpiration: { NoncurrentDays: noncurrent } }),
    ...(r.NoncurrentVersionExpiration && { NoncurrentVersionExpiration: r.NoncurrentVersionExpiration }),
    ...(r.AbortIncompleteMultipartUpload && { AbortIncompleteMultipartUpload: r.AbortIncompleteMultipartUpload }),
    ...(r.Transitions && {
      Transitions: r.Transitions.map(({ StorageClass, TransitionInDays, TransitionDate }) => ({
        StorageClass,
        ...(TransitionInDays !== undefined && { Days: TransitionInDays }),
        ...(TransitionDate !== undefined && { Date: new Date(TransitionDate) }),
      })),
    }),
    ...(r.NoncurrentVersionTransitions && {
      NoncurrentVersionTransitions: r.NoncurrentVersionTransitions.map(({ TransitionInDays, ...rest }) => ({
        ...rest,
        NoncurrentDays: TransitionInDays,
      })),
    }),
  };
}

function expirationOf(r: Rule): Pick<LifecycleRule, 'Expiration'> {
  const { ExpirationInDays: days, ExpirationDate: date, ExpiredObjectDeleteMarker: marker } = r;
  if (days === undefined && date === undefined && marker === undefined) return {};
  return {
    Expiration: {
      ...(days !== undefined && { Days: days }),
      ...(date !== undefined && { Date: new Date(date) }),
      ...(marker !== undefined && { ExpiredObjectDeleteMarker: marker }),
    },
  };
}

/** Two conditions or more stand under `And`, one alone does not. */
function filterOf(r: Rule): NonNullable<LifecycleRule['Filter']> {
  const { Prefix, TagFilters = [], ObjectSizeGreaterThan, ObjectSizeLessThan } = r;
  const sizes = {
    ...(ObjectSizeGreaterThan !== undefined && { ObjectSizeGreaterThan }),
    ...(ObjectSizeLessThan !== undefined && { ObjectSizeLessThan }),
  };
  const prefix = Prefix === undefined ? {} : { Prefix };
  const count = TagFilters.length + Object.keys(sizes).length + Object.keys(prefix).length;
  const [only] = TagFilters;
  if (count > 1) return { And: { ...prefix, ...sizes, ...(TagFilters.length > 0 && { Tags: TagFilters }) } };
  return count === 0 ? { Prefix: '' } : only ? { Tag: only } : { ...prefix, ...sizes };
}
