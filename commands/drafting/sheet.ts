// An estate as it is drafted: each field is known, and says where it was found, or open, and says what would fill it.
import type { Path } from '../../shared/estate-rules/mistake.ts';

export type Value = string | number | boolean | readonly string[];

export interface Known {
  readonly kind: 'known';
  readonly value: Value;
  /** Where it was found, and what to check. */
  readonly found: string;
}
export interface Open {
  readonly kind: 'open';
  /** What could fill it, or why it could not be decided. */
  readonly hint: string;
  /** The estate is whole without it: unanswered, it goes. */
  readonly optional: boolean;
}
export interface Fields {
  readonly kind: 'fields';
  readonly fields: readonly (readonly [string, Sheet])[];
  /** Said above them. */
  readonly above: string;
}
export interface List {
  readonly kind: 'list';
  readonly items: readonly Sheet[];
  readonly above: string;
}
export type Sheet = Known | Open | Fields | List;

export const known = (value: Value, found = ''): Known => ({ kind: 'known', value, found });
export const open = (hint = ''): Open => ({ kind: 'open', hint, optional: false });
export const optional = (hint = ''): Open => ({ kind: 'open', hint, optional: true });
export const list = (items: readonly Sheet[], above = ''): List => ({ kind: 'list', items, above });
export const fields = (named: Readonly<Record<string, Sheet | undefined>>, above = ''): Fields => ({
  kind: 'fields',
  fields: Object.entries(named).flatMap(([name, sheet]) => (sheet === undefined ? [] : [[name, sheet] as const])),
  above,
});

/** The one that there is; open where none or several could be meant. */
export const only = (candidates: readonly string[], found: string, none = ''): Known | Open => {
  const [one, ...others] = candidates;
  if (one === undefined) return open(none);
  return others.length === 0 ? known(one, found) : open(`found ${candidates.join(', ')}`);
};

/** Every open field, in the order of the file. */
export function openIn(sheet: Sheet, above: Path = []): { readonly path: Path; readonly open: Open }[] {
  if (sheet.kind === 'open') return [{ path: above, open: sheet }];
  if (sheet.kind === 'fields') return sheet.fields.flatMap(([name, one]) => openIn(one, [...above, name]));
  return sheet.kind === 'list' ? sheet.items.flatMap((one, at) => openIn(one, [...above, at])) : [];
}

/** What a reader of the file would have: nothing where a field is open. */
export function plainOf(sheet: Sheet): unknown {
  if (sheet.kind === 'known') return sheet.value;
  if (sheet.kind === 'open') return null;
  if (sheet.kind === 'list') return sheet.items.map(plainOf);
  return Object.fromEntries(sheet.fields.map(([name, one]) => [name, plainOf(one)]));
}

/** The sheet with another in the place of one of its own; undefined takes it out. */
export function put(sheet: Sheet, [first, ...rest]: Path, other: Sheet | undefined): Sheet {
  const inside = (one: Sheet): Sheet[] => {
    const next = rest.length === 0 ? other : put(one, rest, other);
    return next === undefined ? [] : [next];
  };
  if (sheet.kind === 'fields') {
    const changed = sheet.fields.flatMap(([name, one]) =>
      name === first ? inside(one).map((next) => [name, next] as const) : [[name, one] as const],
    );
    return { ...sheet, fields: changed };
  }
  if (sheet.kind === 'list') return { ...sheet, items: sheet.items.flatMap((one, at) => (at === first ? inside(one) : [one])) };
  return sheet;
}

/** Without the fields that may be missing and that nobody filled, and without what is empty then. */
export function settled(sheet: Sheet): Sheet {
  return openIn(sheet)
    .filter(({ open: { optional: dispensable } }) => dispensable)
    .reduceRight((whole, { path }) => put(whole, path, undefined), sheet);
}
