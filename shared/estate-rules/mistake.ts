// A mistake in an estate, and what the rules that find one have in common.
import type { Estate } from '../estate.ts';
import { nearest } from '../nearest.ts';

export type Path = readonly (string | number)[];
export interface Mistake {
  readonly path: Path;
  readonly found: string;
  readonly expected: string;
  readonly wayOut: string;
}

/** An estate as far as it can be understood: what is wrong by itself is undefined, so that the rest is judged all the same. */
export type Sketch<T> = T extends readonly (infer Element)[]
  ? readonly (Sketch<Element> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Sketch<T[Key]> | undefined }
    : T | undefined;
export type Draft = Sketch<Estate>;
export type Rule = (draft: Draft) => readonly Mistake[];

export const quoted = (value: string): string => JSON.stringify(value);

export const dotted = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');

/** Whether a field is not there at all: one that is wrong by itself has been told already. */
export const lacks = (of: object | undefined, field: string): boolean => of === undefined || !Object.hasOwn(of, field);

/** The one mistake, where it was made. */
export const when = (
  made: boolean | undefined,
  path: Path,
  found: string,
  expected: string,
  wayOut: string,
): readonly Mistake[] => (made === true ? [{ path, found, expected, wayOut }] : []);

/** Values that only one may have; those that say nothing are passed over. */
export function once(
  values: readonly (readonly [Path, string | undefined])[],
  expected: string,
  wayOut: string,
  same = (value: string): string => value,
): readonly Mistake[] {
  const first = new Map<string, Path>();
  return values.flatMap(([path, value]) => {
    if (value === undefined) return [];
    const before = first.get(same(value));
    first.set(same(value), before ?? path);
    return when(before !== undefined, path, `${quoted(value)}, which ${dotted(before ?? [])} is as well`, expected, wayOut);
  });
}

export const environmentsOf = ({ environments }: Draft) => Object.entries(environments ?? {});
export const environmentNamed = ({ environments }: Draft, name: string) =>
  Object.hasOwn(environments ?? {}, name) ? environments?.[name] : undefined;

/** A name that must be an environment's; nothing is said where no environment could be read. */
export function unknownEnvironment(draft: Draft, path: Path, name: string | undefined): readonly Mistake[] {
  const known = environmentsOf(draft).map(([key]) => key);
  if (name === undefined || known.length === 0 || known.includes(name)) return [];
  const meant = nearest(name, known);
  const wayOut = meant === undefined ? 'declare it under environments, or take it out' : `did you mean ${quoted(meant)}?`;
  return [{ path, found: quoted(name), expected: `an environment: ${known.join(', ')}`, wayOut }];
}
