// The filters of RDS: every one named must hold, by any of its values.
import type { Filter } from '@aws-sdk/client-rds';
import { invalidValue } from './failures.ts';

/** What a record answers to each filter it knows; undefined when it has no such thing. */
export type Answers<T> = Readonly<Record<string, (item: T, value: string) => boolean>>;

export function requireFilters<T>(filters: readonly Filter[] | undefined, known: Answers<T>): (item: T) => boolean {
  for (const { Name: name = '', Values: values = [] } of filters ?? []) {
    if (!Object.hasOwn(known, name)) throw invalidValue(`Unrecognized filter name: ${name}`);
    if (values.length === 0) throw invalidValue(`The filter ${name} needs at least one value.`);
  }
  return (item) =>
    (filters ?? []).every(({ Name: name = '', Values: values = [] }) => values.some((value) => known[name]?.(item, value)));
}
