// The Conditions section: evaluated by need, a circle refused.
import { functionCall } from './functions.ts';
import { evaluate } from './intrinsics.ts';
import type { Scope } from './intrinsics.ts';
import { invalid, isObject, malformed } from './values.ts';
import type { Json } from './values.ts';

export type Conditions = (name: string, path: string) => boolean;

/** `scopeOf` gives what a condition may see: parameters and mappings, no resource. */
export function conditionsOf(declared: ReadonlyMap<string, Json>, scopeOf: (conditions: Conditions) => Scope): Conditions {
  const known = new Map<string, boolean>();
  const open = new Set<string>();
  const conditions: Conditions = (name, path) => {
    const value = declared.get(name);
    if (value === undefined) throw invalid(`Template error: unresolved condition dependency ${name} in Fn::If (${path})`);
    if (open.has(name)) throw malformed(`Circular dependency between conditions: [${[...open].join(', ')}]`);
    const judged = known.get(name);
    if (judged !== undefined) return judged;
    open.add(name);
    const verdict = judge(value, `Conditions/${name}`);
    open.delete(name);
    known.set(name, verdict);
    return verdict;
  };
  const scope = scopeOf(conditions);

  function judge(value: Json, path: string): boolean {
    if (isObject(value) && typeof value['Condition'] === 'string' && Object.keys(value).length === 1) {
      return conditions(value['Condition'], path);
    }
    const call = functionCall(value, path);
    const argument = Array.isArray(call?.argument) ? call.argument : [];
    const each = (): boolean[] => argument.map((item, index) => judge(item, `${path}/${call?.name ?? ''}/${index}`));
    switch (call?.name) {
      case 'Fn::Equals':
        return equals(argument, path);
      case 'Fn::Not':
        return !only(argument.length === 1, each(), 'Fn::Not', 'one', path)[0];
      case 'Fn::And':
        return only(argument.length >= 2 && argument.length <= 10, each(), 'Fn::And', 'two to ten', path).every(Boolean);
      case 'Fn::Or':
        return only(argument.length >= 2 && argument.length <= 10, each(), 'Fn::Or', 'two to ten', path).some(Boolean);
      default:
        throw malformed(`Every Conditions member must be a condition function: Fn::And, Fn::Equals, Fn::Not, Fn::Or (${path})`);
    }
  }

  function equals(argument: readonly Json[], path: string): boolean {
    if (argument.length !== 2)
      throw invalid(`Template error: every Fn::Equals object requires a list of 2 string parameters. (${path})`);
    const [left, right] = argument.map((item) => evaluate(item, scope, path));
    return JSON.stringify(asText(left)) === JSON.stringify(asText(right));
  }
  return conditions;
}

/** AWS compares the texts: a number parameter equals its digits. */
const asText = (value: Json | undefined): Json | undefined =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;

function only<T>(fits: boolean, value: T, name: string, count: string, path: string): T {
  if (fits) return value;
  throw invalid(`Template error: every ${name} object requires a list of ${count} parameters. (${path})`);
}
