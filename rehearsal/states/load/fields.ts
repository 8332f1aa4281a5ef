// Reading fields strictly: which a state may have, and what a value must be.
import { compileTemplate } from '../template.ts';
import type { Reading } from '../template.ts';
import type { Assignments, Template } from '../definition.ts';
import { field, refuse } from '../faults.ts';
import type { Place } from '../faults.ts';
import { MAX_NAME_CHARACTERS } from '../limits.ts';
import { delimitersOf } from '../query.ts';
import type { Json } from '../world.ts';

export type Fields = Readonly<Record<string, Json>>;

/** JSONPath's fields: AWS refuses them in a JSONata state, with these words. */
const JSONPATH_FIELDS = new Set(
  'InputPath OutputPath ResultPath ResultSelector Parameters Result ItemsPath MaxConcurrencyPath SecondsPath TimestampPath TimeoutSecondsPath HeartbeatSecondsPath ToleratedFailureCountPath ToleratedFailurePercentagePath ErrorPath CausePath Variable And Or Not'.split(
    ' ',
  ),
);
const COMPARISON =
  /^(String|Numeric|Boolean|Timestamp)(Equals|LessThan|GreaterThan|Matches)|^Is(Null|Present|String|Numeric|Boolean|Timestamp)$/;

/** What AWS has and this interpreter does not. */
const NOT_IMITATED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ItemReader: 'ItemReader belongs to Distributed Map, which is not imitated',
    ItemBatcher: 'ItemBatcher belongs to Distributed Map, which is not imitated',
    ResultWriter: 'ResultWriter belongs to Distributed Map, which is not imitated',
    Label: 'Label belongs to Distributed Map, which is not imitated',
    Iterator: "Iterator is the old name of ItemProcessor, and is not imitated: write 'ItemProcessor'",
    Credentials: 'Credentials (running a Task under another role) is not imitated',
  }),
);

export function objectAt(place: Place, value: Json | undefined): Fields | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  return refuse(place, 'Expected value of type [OBJECT]');
}

export function arrayAt(place: Place, value: Json | undefined): readonly Json[] | undefined {
  return Array.isArray(value) ? value : refuse(place, 'Expected value of type [ARRAY]');
}

export function textAt(place: Place, value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : refuse(place, 'Expected value of type [STRING]');
}

/** Refuses every field that is not `known`, by name. */
export function checkFields(place: Place, fields: Fields, known: readonly string[]): void {
  for (const name of Object.keys(fields)) {
    if (known.includes(name)) continue;
    const why = NOT_IMITATED.get(name);
    if (why !== undefined) refuse(field(place, name), why, 'NOT_IMITATED');
    else if (JSONPATH_FIELDS.has(name) || COMPARISON.test(name)) {
      refuse(
        place,
        `The QueryLanguage is set to 'JSONata', but field '${name}' is only supported for the 'JSONPath' QueryLanguage`,
      );
    } else refuse(place, `Field '${name}' is not supported`);
  }
}

export function requireFields(place: Place, fields: Fields, names: readonly string[]): void {
  for (const name of names) if (!(name in fields)) refuse(place, `The field '${name}' is required but was missing`);
}

export interface Bounds {
  readonly min: number;
  readonly max?: number;
  readonly integer?: boolean;
}

export function numberAt(
  place: Place,
  value: Json | undefined,
  { min, max = Infinity, integer = true }: Bounds,
): number | undefined {
  if (typeof value !== 'number') return refuse(place, `Expected value of type [${integer ? 'INTEGER' : 'NUMBER'}]`);
  if (integer && !Number.isInteger(value)) return refuse(place, 'Expected value of type [INTEGER]');
  if (value < min) return refuse(place, `Value is lower than the minimum allowed: ${min}`);
  return value > max ? refuse(place, `Value is greater than the maximum allowed: ${max}`) : value;
}

/** A field that is a number as written, or JSONata that comes to one. */
export function numberTemplate(place: Place, fields: Fields, name: string, bounds: Bounds): Template | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  const at = field(place, name);
  if (typeof value === 'string') return expressionAt(at, name, value, 'NUMBER');
  const number = numberAt(at, value, bounds);
  return number === undefined ? undefined : { kind: 'literal', value: number };
}

/** A field that must be JSONata when it is a string. */
export function expressionAt(place: Place, name: string, value: Json, otherwise: string): Template | undefined {
  if (typeof value !== 'string' || delimitersOf(value) === 'none') {
    return refuse(place, `Expected value of type [${otherwise}] or a JSONata expression`);
  }
  return compileTemplate(place, name, value, []);
}

export function templateAt(
  place: Place,
  fields: Fields,
  name: string,
  may: readonly Reading[],
  prefix = '',
): Template | undefined {
  const value = fields[name];
  return value === undefined ? undefined : compileTemplate(field(place, name), prefix + name, value, may);
}

/** Letters, digits and underscores, not starting with a digit: what follows a `$` in an expression. */
const VARIABLE = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

export function assignAt(place: Place, fields: Fields, may: readonly Reading[], prefix = ''): Assignments {
  if (fields['Assign'] === undefined) return [];
  const at = field(place, 'Assign');
  const entries = Object.entries(objectAt(at, fields['Assign']) ?? {});
  for (const [name] of entries) checkVariable(field(at, name), name);
  return entries.map(([name, value]) => [name, compileTemplate(field(at, name), `${prefix}Assign/${name}`, value, may)] as const);
}

function checkVariable(place: Place, name: string): void {
  if (name === 'states') refuse(place, "Variable name 'states' is reserved.");
  else if (name.endsWith('.$')) refuse(place, `Variable '${name}': '.$' belongs to the 'JSONPath' QueryLanguage`);
  else if (!VARIABLE.test(name)) refuse(place, `Variable name '${name}' is not a valid identifier`);
  if (name.length > MAX_NAME_CHARACTERS) refuse(place, `Variable name is longer than ${MAX_NAME_CHARACTERS} characters`);
}
