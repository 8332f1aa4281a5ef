// The servers that databases run on, and what storage keeps of them: as RDS tells of them, what we call ours, and which of two alike.
import * as z from 'zod';
import { listOf } from './words.ts';

export type InstanceFacts = z.infer<typeof InstanceFacts>;
export const InstanceFacts = z.strictObject({
  id: z.string(),
  arn: z.string(),
  /** Stays what it is through every renaming. */
  resourceId: z.string(),
  status: z.string(),
  /** Null while it has none. */
  host: z.string().nullable(),
  port: z.int(),
  createdAt: z.string().nullable(),
  engineVersion: z.string(),
  storageGigabytes: z.number().nonnegative(),
  /** The newest instant it can be restored to; null without backups. */
  restorableUntil: z.string().nullable(),
  replicas: z.array(z.string()),
  /** What waits for the next maintenance, by name. */
  pending: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
  settings: z.lazy(() => InstanceSettings),
});

/** What a restored instance must have as the one had whose place it takes: RDS gives it defaults unless told. */
export type InstanceSettings = z.infer<typeof InstanceSettings>;
export const InstanceSettings = z.strictObject({
  instanceClass: z.string(),
  storageType: z.string(),
  multiAz: z.boolean(),
  publiclyAccessible: z.boolean(),
  securityGroups: z.array(z.string()),
  subnetGroup: z.string(),
  parameterGroup: z.string(),
  optionGroup: z.string(),
  deletionProtection: z.boolean(),
  backupRetentionDays: z.int().nonnegative(),
  backupWindow: z.string(),
  maintenanceWindow: z.string(),
  copyTagsToSnapshot: z.boolean(),
  encrypted: z.boolean(),
  kmsKey: z.string().nullable(),
  iamAuthentication: z.boolean(),
  autoMinorVersionUpgrade: z.boolean(),
  certificateAuthority: z.string().nullable(),
});

export type SnapshotFacts = z.infer<typeof SnapshotFacts>;
export const SnapshotFacts = z.strictObject({
  id: z.string(),
  arn: z.string(),
  kind: z.enum(['manual', 'automated', 'other']),
  status: z.string(),
  percent: z.number(),
  instance: z.string(),
  /** The source's own identity: a name may have been another's when it was taken. */
  resourceId: z.string(),
  /** The instant of what is in it; null before it is known. */
  takenAt: z.string().nullable(),
  engineVersion: z.string(),
  gigabytes: z.number().nonnegative(),
  encrypted: z.boolean(),
  tags: z.record(z.string(), z.string()),
});

/** What an instance is called in messages when it is gone, and how it is found again. */
export type Place = z.infer<typeof Place>;
export const Place = z.strictObject({ instance: z.string(), host: z.string(), port: z.int() });

/** What says that a thing is ours: for whom it was made, by which run, and why it stands there. */
export const TAG = 'changeover';
export const RUN_TAG = 'changeover:run';
export const WHAT_TAG = 'changeover:what';
export const ENVIRONMENT_TAG = 'changeover:environment';
/** When a shelf was put aside. */
export const SINCE_TAG = 'changeover:since';
/** RDS and CloudFormation have tags of their own, which nobody may give. */
export const isOwnTag = (key: string): boolean => key === TAG || key.startsWith(`${TAG}:`) || /^(aws|rds):/i.test(key);
export type What = 'restored' | 'shelf' | 'snapshot';

export interface Ours {
  readonly app: string;
  readonly run: string;
  readonly environment: string;
  readonly what: What;
}

/** RDS takes letters, digits, spaces and a few signs. */
const tagText = (text: string): string => text.replace(/[^\p{L}\p{N} _.:/=+\-@]/gu, '_').slice(0, 256);

export const tagsOf = ({ app, run, environment, what }: Ours): Record<string, string> => ({
  [TAG]: tagText(app),
  [RUN_TAG]: tagText(run),
  [ENVIRONMENT_TAG]: environment,
  [WHAT_TAG]: what,
});

/** Of an instance that was put aside: since when, so that its age is known. */
export const shelfTags = (ours: Omit<Ours, 'what'>, now: Date): Record<string, string> => ({
  ...tagsOf({ ...ours, what: 'shelf' }),
  [SINCE_TAG]: now.toISOString(),
});
export const isShelf = (tags: Readonly<Record<string, string>>, run: string): boolean =>
  tags[WHAT_TAG] === 'shelf' && isOfRun(tags, run);

export const isOurs = (tags: Readonly<Record<string, string>>, app: string): boolean => tags[TAG] === tagText(app);
export const isOfRun = (tags: Readonly<Record<string, string>>, run: string): boolean => tags[RUN_TAG] === tagText(run);

/** Room for what is put behind a name in the 63 letters that RDS has. */
const LONGEST_BASE = 40;
const baseOf = (instance: string): string => instance.slice(0, LONGEST_BASE).replace(/-+$/, '');
/** The same for every try of a run, another for every run; where two were alike all the same, their tags tell (FNV-1a). */
export function markOf(run: string): string {
  const mixed = Array.from(run).reduce(
    (sum, letter) => Math.imul(sum ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0,
    0x811c9dc5,
  );
  return mixed.toString(16).padStart(8, '0');
}

export const restoredName = (instance: string, run: string): string => `${baseOf(instance)}-r${markOf(run)}`;
export const snapshotName = (instance: string, run: string): string => `${baseOf(instance)}-s${markOf(run)}`;
export const shelfInstanceName = (instance: string, run: string): string => `${baseOf(instance)}-shelf-${markOf(run)}`;
export const lastSnapshotName = (instance: string, run: string): string => `${baseOf(instance)}-last-${markOf(run)}`;

/** Every name of ours beside an instance, as a policy writes it. */
const EIGHT = '????????';
export const namePatterns = (instance: string): { readonly instances: string[]; readonly snapshots: string[] } => {
  const base = baseOf(instance);
  return {
    instances: [`${base}-r${EIGHT}`, `${base}-shelf-${EIGHT}`],
    snapshots: [`${base}-s${EIGHT}`, `${base}-last-${EIGHT}`],
  };
};

const SETTING_WORDS: Readonly<Record<keyof InstanceSettings, string>> = {
  instanceClass: 'class',
  storageType: 'storage',
  multiAz: 'Multi-AZ',
  publiclyAccessible: 'public access',
  securityGroups: 'security groups',
  subnetGroup: 'subnet group',
  parameterGroup: 'parameter group',
  optionGroup: 'option group',
  deletionProtection: 'deletion protection',
  backupRetentionDays: 'days of backups',
  backupWindow: 'backup window',
  maintenanceWindow: 'maintenance window',
  copyTagsToSnapshot: 'tags on snapshots',
  encrypted: 'encryption',
  kmsKey: 'key',
  iamAuthentication: 'IAM authentication',
  autoMinorVersionUpgrade: 'minor upgrades',
  certificateAuthority: 'certificate authority',
};

/** Setting by setting, what is not as it was. */
export function settingsApart(was: InstanceSettings, is: InstanceSettings): { name: keyof InstanceSettings; says: string }[] {
  return (Object.keys(SETTING_WORDS) as (keyof InstanceSettings)[]).flatMap((name) => {
    const [before, now] = [textOf(was[name]), textOf(is[name])];
    return before === now ? [] : [{ name, says: `${SETTING_WORDS[name]}: ${now || 'none'} instead of ${before || 'none'}` }];
  });
}

const textOf = (value: InstanceSettings[keyof InstanceSettings]): string =>
  Array.isArray(value) ? [...value].sort().join(', ') : String(value ?? '');

/** A window of backups as a person reads it. */
export const snapshotSays = ({ id, kind, takenAt }: SnapshotFacts): string =>
  `${id} (${kind === 'automated' ? 'by RDS itself' : kind === 'manual' ? 'by hand' : 'shared'}, ${takenAt ?? 'not finished'})`;

export const settingsSay = (apart: readonly { readonly says: string }[]): string =>
  apart.length === 0 ? 'all its settings are those of the one before' : listOf(apart.map(({ says }) => says));
