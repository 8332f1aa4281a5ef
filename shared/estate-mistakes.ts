// What is wrong in an estate as it was written, in words: for whoever edits the file, never in a bundle.
import { domainToASCII } from 'node:url';
import * as z from 'zod';
import { EnvironmentName, EstateFields, SECRET_NAME } from './estate.ts';
import { quoted, type Mistake, type Path } from './estate-rules/mistake.ts';
import { crossChecks } from './estate-rules/rules.ts';
import { nearest } from './nearest.ts';

const MANUAL = 'docs/estate.md has every field';
const MOST_CHARACTERS = 60;

export function mistakesIn(raw: unknown): Mistake[] {
  const all = [...judged(EstateFields, raw, []), ...crossChecks(understood(EstateFields, raw) ?? {})];
  const places = new Set<string>();
  return all.filter(({ path }) => {
    const place = JSON.stringify(path);
    return !places.has(place) && places.add(place);
  });
}

/** What is wrong with a field's value by itself. */
export const mistakesAt = (path: Path, value: unknown): Mistake[] =>
  judged(schemaAt(path, EstateFields) ?? z.never(), value, path);

export interface About {
  readonly description: string;
  readonly expected: string;
  /** `for instance owner: orders_owner`. */
  readonly example: string | undefined;
}
/** What a field says and what is expected of it, for whoever is asked for it. */
export function aboutField(path: Path): About {
  const schema = schemaAt(path, EstateFields);
  const { description } = schema?.meta() ?? {};
  return {
    description: description ?? (schema && bare(schema).meta()?.description) ?? String(path.at(-1)),
    expected: mistakesAt(path, null)[0]?.expected ?? '',
    example: example(schema, path.at(-1)),
  };
}

const judged = (schema: z.ZodType, value: unknown, above: Path): Mistake[] =>
  (schema.safeParse(value).error?.issues ?? []).flatMap((issue) => {
    const below = issue.path as Path;
    return told(issue, [...above, ...below], schemaAt(below, schema), valueAt(value, below));
  });

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const bare = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? bare(schema.unwrap() as z.ZodType)
    : schema;

function inside(schema: z.ZodType, part: string | number): z.ZodType | undefined {
  const whole = bare(schema);
  if (whole instanceof z.ZodObject) return (whole.shape as Record<string, z.ZodType>)[part];
  if (whole instanceof z.ZodRecord) return whole.valueType as z.ZodType;
  if (whole instanceof z.ZodArray) return whole.element as z.ZodType;
  return undefined;
}
const schemaAt = (path: Path, from: z.ZodType): z.ZodType | undefined =>
  path.reduce<z.ZodType | undefined>((schema, part) => schema && inside(schema, part), from);
const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((whole, part) => (whole as Record<string | number, unknown>)[part], value);

/** The value with its defaults; what does not fit is there and undefined, what is missing is not there. */
function understood(schema: z.ZodType, value: unknown): unknown {
  const { success, data } = schema.safeParse(value);
  if (success) return data;
  const whole = bare(schema);
  const fit = (part: string | number, one: unknown) => understood(inside(whole, part) ?? z.never(), one);
  if (Array.isArray(value) && whole instanceof z.ZodArray) return value.map((one, at) => fit(at, one));
  if (!isMapping(value)) return undefined;
  if (whole instanceof z.ZodObject) {
    const parts = Object.keys(whole.shape).map((key) => [key, fit(key, value[key])] as const);
    return Object.fromEntries(parts.filter(([key, one]) => Object.hasOwn(value, key) || one !== undefined));
  }
  if (whole instanceof z.ZodRecord) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fit(key, one)]));
  return undefined;
}

function told(issue: z.core.$ZodIssue, path: Path, schema: z.ZodType | undefined, value: unknown): Mistake[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(path, key, schema));
  if (issue.code === 'invalid_key') {
    const key = String(path.at(-1));
    const found = `the name ${quoted(key)}`;
    const expected = issue.issues[0]?.message ?? 'another name';
    const right = nearly(key).find((name) => typeof name === 'string' && EnvironmentName.safeParse(name).success);
    return [
      { path, found, expected, wayOut: right === undefined ? 'give it another name' : `did you mean ${JSON.stringify(right)}?` },
      // What bears a wrong name was not looked at.
      ...(schema === undefined ? [] : judged(schema, value, path)),
    ];
  }
  const expected = expectation(issue, schema);
  // Somebody may have written the secret itself where its name belongs: it is not repeated.
  if (expected === SECRET_NAME && typeof value === 'string')
    return [{ path, found: `a text of ${value.length} characters`, expected, wayOut: example(schema) ?? MANUAL }];
  return [{ path, found: shown(value), expected, wayOut: wayOut(path, value, schema) }];
}

function unknownField(path: Path, key: string, schema: z.ZodType | undefined): Mistake {
  const whole = schema && bare(schema);
  const known = whole instanceof z.ZodObject ? Object.keys(whole.shape) : [];
  const word = nearest(key, known);
  return {
    path: [...path, key],
    found: 'an unknown field',
    expected: `one of ${known.join(', ')}`,
    wayOut: word === undefined ? 'take it out' : `did you mean ${quoted(word)}?`,
  };
}

function expectation(issue: z.core.$ZodIssue, schema: z.ZodType | undefined): string {
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue.code !== 'invalid_type') return issue.message;
  const whole = schema && bare(schema);
  if (whole instanceof z.ZodObject) return `the fields ${Object.keys(whole.shape).join(', ')}`;
  if (whole instanceof z.ZodRecord) return 'fields, each by a name';
  return issue.expected === 'array' ? 'a list' : issue.message;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return isMapping(value) ? 'fields' : 'nothing';
}

function wayOut(path: Path, value: unknown, schema: z.ZodType | undefined): string {
  const instance = example(schema, path.at(-1));
  if (value === undefined || value === null) return instance === undefined ? `add it; ${MANUAL}` : `add it, ${instance}`;
  return meant(value, schema) ?? instance ?? MANUAL;
}

/** What is written nearly like this and would be right. */
function meant(value: unknown, schema: z.ZodType | undefined): string | undefined {
  const whole = schema && bare(schema);
  const word = whole instanceof z.ZodEnum && typeof value === 'string' ? nearest(value, whole.options.map(String)) : undefined;
  const right = word ?? nearly(value).find((candidate) => whole?.safeParse(candidate).success);
  return right === undefined ? undefined : `did you mean ${JSON.stringify(right)}?`;
}

function nearly(value: unknown): unknown[] {
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value), [String(value)]];
  if (typeof value !== 'string') return [];
  const plain = value.trim();
  const low = plain.toLowerCase();
  const truth = (
    { yes: [true], on: [true], true: [true], no: [false], off: [false], false: [false] } as Record<string, boolean[]>
  )[low];
  const number = plain === '' ? [] : [Number(plain)];
  const host = domainToASCII(low);
  return [
    plain,
    low,
    `${low}.`,
    low.replace(/[\s_.]+/g, '-'),
    ...(host === '' ? [] : [`${host}.`]),
    ...number,
    ...(truth ?? []),
    [plain],
  ];
}

function example(schema: z.ZodType | undefined, field?: string | number): string | undefined {
  const examples: unknown = schema && bare(schema).meta()?.['examples'];
  const one: unknown = Array.isArray(examples) ? examples[0] : undefined;
  if (one === undefined) return undefined;
  const text = typeof one === 'string' && /^[\w./@-]+$/.test(one) ? one : JSON.stringify(one);
  return typeof field === 'string' ? `for instance ${field}: ${text}` : `for instance ${text}`;
}
