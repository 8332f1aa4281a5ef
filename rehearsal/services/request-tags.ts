// What a request that carries tags says to the conditions of policies: `aws:RequestTag/…` for each, `aws:TagKeys` for all.

type Context = Record<string, string | string[]>;

interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** Of tags as most services write them; nothing when there is none. */
export const requestTags = (tags: readonly Tag[] = []): Context =>
  requestTagsOf(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

export function requestTagsOf(tags: readonly (readonly [key: string, value: string])[]): Context {
  if (tags.length === 0) return {};
  const named = tags.map(([key, value]) => [`aws:RequestTag/${key}`, value] as const);
  return { ...Object.fromEntries(named), 'aws:TagKeys': tags.map(([key]) => key) };
}
