// How much of a listing one answer holds: asking for more than the most is no mistake, asking for nothing is.
import { invalidInput } from './refusals.ts';

export function pageSize(asked: number | undefined, most: number): number {
  if (asked === undefined) return most;
  if (!Number.isInteger(asked) || asked < 1) throw invalidInput(`The MaxItems ${asked} is not valid: it must be 1 or more.`);
  return Math.min(asked, most);
}
