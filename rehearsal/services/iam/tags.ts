// Tags of roles and policies: what may be one, and what they say to conditions.
import type { Tag } from '@aws-sdk/client-iam';
import { constraint, invalidInput, limitExceeded } from './failures.ts';

const MOST = 50;

/** Adds the tags or refuses all of them. */
export function addTags(tags: Map<string, string>, added: readonly Tag[] = []): void {
  const keys = new Set<string>();
  for (const { Key: key = '', Value: value = '' } of added) {
    if (key.length < 1 || key.length > 128) throw constraint('tags.1.member.key', key, 'have length less than or equal to 128');
    if (value.length > 256) throw constraint('tags.1.member.value', value, 'have length less than or equal to 256');
    if (key.toLowerCase().startsWith('aws:')) throw invalidInput('Tags keys beginning with aws: are reserved.');
    if (keys.has(key.toLowerCase()))
      throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    keys.add(key.toLowerCase());
  }
  const standing = [...tags.keys()].filter((key) => !keys.has(key.toLowerCase()));
  if (standing.length + keys.size > MOST) throw limitExceeded(`The number of tags has reached the maximum limit.`);
  for (const { Key: key = '', Value: value = '' } of added) {
    const same = [...tags.keys()].find((known) => known.toLowerCase() === key.toLowerCase());
    if (same !== undefined) tags.delete(same);
    tags.set(key, value);
  }
}

export function removeTags(tags: Map<string, string>, keys: readonly string[] = []): void {
  for (const key of keys) tags.delete(key);
}

export function resourceTags(tags: ReadonlyMap<string, string> | undefined): Record<string, string> {
  const each = [...(tags ?? [])].flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value] as const,
    [`iam:ResourceTag/${key}`, value] as const,
  ]);
  return Object.fromEntries(each);
}
