// How a policy's patterns match: wildcards in actions, resources and ARNs, and the variables inside them.
import type { Context } from './context.ts';

/** Stand for a `*` and a `?` that are meant literally: they came out of a variable, or were written `${*}`. */
const LITERAL_STAR = '\uE000';
const LITERAL_MARK = '\uE001';
const compiled = new Map<string, RegExp>();

/** Whether the whole text matches the pattern, in which `*` is any run of characters and `?` any one. */
export function matchesPattern(pattern: string, text: string, options: { ignoreCase?: boolean } = {}): boolean {
  const flags = options.ignoreCase ? 'is' : 's';
  const known = compiled.get(flags + pattern) ?? compile(pattern, flags);
  return known.test(text);
}

function compile(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll(LITERAL_STAR, '\\*')
    .replaceAll(LITERAL_MARK, '\\?');
  const made = new RegExp(`^${source}$`, flags);
  compiled.set(flags + pattern, made);
  return made;
}

/** ARNs match segment by segment: a wildcard never runs over one of the first five colons. */
export function matchesArn(pattern: string, arn: string): boolean {
  const wanted = segments(pattern);
  if (wanted.length < 6) return matchesPattern(pattern, arn);
  const found = segments(arn);
  return found.length === wanted.length && wanted.every((segment, i) => matchesPattern(segment, found[i] ?? ''));
}

function segments(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

const VARIABLE = /\$\{([^}]*)\}/g;

/** The variables a pattern names, without their defaults. */
export const variablesIn = (pattern: string): string[] =>
  [...pattern.matchAll(VARIABLE)].map((found) => nameOf(found[1] ?? '')).filter((name) => !['*', '?', '$'].includes(name));

const nameOf = (body: string): string => (body.split(',')[0] ?? '').trim();
const defaultOf = (body: string): string | undefined => /,\s*'([^']*)'\s*$/.exec(body)?.[1];

/** The pattern with its variables filled in; undefined when one of them has no single value, which matches nothing. */
export function expand(pattern: string, context: Context): string | undefined {
  const missing: string[] = [];
  const filled = pattern.replace(VARIABLE, (_, body: string) => {
    const name = nameOf(body);
    if (name === '*') return LITERAL_STAR;
    if (name === '?') return LITERAL_MARK;
    if (name === '$') return '$';
    const values = context.values(name);
    const value = values?.length === 1 ? values[0] : defaultOf(body);
    if (value === undefined) missing.push(name);
    return (value ?? '').replaceAll('*', LITERAL_STAR).replaceAll('?', LITERAL_MARK);
  });
  return missing.length === 0 ? filled : undefined;
}

/** A variable's text outside of patterns: literal marks become the characters they stand for. */
export const plain = (expanded: string): string => expanded.replaceAll(LITERAL_STAR, '*').replaceAll(LITERAL_MARK, '?');
