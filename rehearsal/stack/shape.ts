// What a resource's properties may be. A shape reads a value into the type the SDK wants, coercing as CloudFormation does, and
// notes every mistake under its path instead of stopping at the first.
import { isObject, isUnknown as isMarked } from './values.ts';
import type { Json } from './values.ts';

export interface Mistake {
  /** `#/Code/S3Key`, in the words of AWS's property validation. */
  readonly pointer: string;
  readonly message: string;
  /** The members that lead there: `Code.S3Key`. */
  readonly place: string;
}

/** Where a shape is reading, and what it found wrong. */
export interface Spot {
  readonly pointer: string;
  readonly mistakes: Mistake[];
}

export type Shape<T> = (value: Json, spot: Spot) => T;
export type Read<S> = S extends Shape<infer T> ? T : never;

const kindOf = (value: Json): string =>
  value === null ? 'Null' : Array.isArray(value) ? 'JSONArray' : isObject(value) ? 'JSONObject' : KINDS[typeof value as 'string'];
const KINDS = { string: 'String', number: 'Number', boolean: 'Boolean' } as const;

function note(spot: Spot, message: string, key?: string): void {
  const members = [...spot.pointer.split('/').slice(1), ...(key === undefined ? [] : [key])];
  spot.mistakes.push({ pointer: spot.pointer, message, place: members.join('.') });
}
const under = (spot: Spot, key: string | number): Spot => ({ ...spot, pointer: `${spot.pointer}/${key}` });

/** A value that only the deployment will know: what it is cannot be judged before. */
const isUnknown = (value: Json): boolean => isMarked(value) || (typeof value === 'string' && value.includes('{{resolve:'));

/** A mistaken value is reported, and never used: nothing runs while there are mistakes. */
const wrong = (spot: Spot, expected: string, found: Json): never => {
  note(spot, `expected type: ${expected}, found: ${kindOf(found)}`);
  return undefined as never;
};

export const text: Shape<string> = (value, spot) => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : wrong(spot, 'String', value);
};

export const number: Shape<number> = (value, spot) => {
  if (typeof value === 'number') return value;
  if (isUnknown(value)) return 0;
  const numeric = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  return numeric ? Number(value) : wrong(spot, 'Number', value);
};

export const integer: Shape<number> = (value, spot) => {
  const read = number(value, { ...spot, mistakes: [] });
  return Number.isInteger(read) ? read : wrong(spot, 'Integer', value);
};

export const flag: Shape<boolean> = (value, spot) => {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  return isUnknown(value) ? false : wrong(spot, 'Boolean', value);
};

export const oneOf =
  <const T extends string>(...allowed: readonly T[]): Shape<T> =>
  (value, spot) => {
    const read = text(value, spot);
    const known = allowed.find((one) => one === read);
    if (known !== undefined || isUnknown(read)) return known ?? (read as T);
    if (typeof read === 'string') note(spot, `${read} is not a valid enum value`);
    return read as T;
  };

export const list =
  <T>(item: Shape<T>): Shape<T[]> =>
  (value, spot) => {
    if (Array.isArray(value)) return value.map((one, index) => item(one, under(spot, index)));
    return isUnknown(value) ? [] : wrong(spot, 'JSONArray', value);
  };

export const dictionary =
  <T>(item: Shape<T>): Shape<Record<string, T>> =>
  (value, spot) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, item(one, under(spot, key))]))
      : isUnknown(value)
        ? {}
        : wrong(spot, 'JSONObject', value);

/** A document the service itself judges (a policy, an event pattern), always given as an object or as its JSON text. */
export const document: Shape<Json> = (value, spot) =>
  isObject(value) || typeof value === 'string' ? value : wrong(spot, 'JSONObject', value);

type Members = Readonly<Record<string, Shape<unknown>>>;
export type Structure<R extends Members, O extends Members> = { [K in keyof R]: Read<R[K]> } & { [K in keyof O]?: Read<O[K]> };

/** A closed object; `unimitated` are members AWS has and this cloud has not. */
export function structure<R extends Members, O extends Members>(
  required: R,
  optional: O,
  unimitated: readonly string[] = [],
): Shape<Structure<R, O>> {
  const members = new Map<string, Shape<unknown>>([...Object.entries(required), ...Object.entries(optional)]);
  return (value, spot) => {
    if (!isObject(value)) return wrong(spot, 'JSONObject', value);
    for (const key of Object.keys(required)) if (!Object.hasOwn(value, key)) note(spot, `required key [${key}] not found`, key);
    const read: Record<string, unknown> = {};
    for (const [key, one] of Object.entries(value)) {
      const shape = members.get(key);
      if (shape) read[key] = shape(one, under(spot, key));
      else if (unimitated.includes(key)) note(spot, `key [${key}] is not imitated by this cloud`, key);
      else note(spot, `extraneous key [${key}] is not permitted`, key);
    }
    return read as Structure<R, O>;
  };
}

export const tag = structure({ Key: text, Value: text }, {});

/** A word whose allowed values are the service's own to judge. */
export const word =
  <T extends string>(): Shape<T> =>
  (value, spot) =>
    text(value, spot) as T;
