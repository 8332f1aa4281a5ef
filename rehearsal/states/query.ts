// JSONata as Step Functions runs it: `{% … %}`, no context item, bounded, and a JSON value or an error at the end.
import jsonata from 'jsonata';
import { readsOf } from './references.ts';
import type { Reads } from './references.ts';
import type { Json } from './world.ts';

export interface Query {
  /** What stands between the delimiters, trimmed: what AWS's messages quote. */
  readonly text: string;
  readonly reads: Reads;
  readonly expression: jsonata.Expression;
}

/** AWS's own ceilings: 100 levels, five seconds of computing, about seven megabytes in one value. */
const BOUNDS = { stack: 100, timeout: 5000, sequence: 873_782 };

/** How a text is delimited; `broken` is what AWS calls improperly opened or closed. */
export function delimitersOf(text: string): 'none' | 'whole' | 'broken' {
  const opens = text.startsWith('{%');
  const closes = text.endsWith('%}');
  if (opens && closes && text.length >= 4) return 'whole';
  const trimmed = text.trim();
  return trimmed.startsWith('{%') || trimmed.endsWith('%}') ? 'broken' : 'none';
}

/** Throws jsonata's error when the text does not parse. */
export function compile(delimited: string): Query {
  const text = delimited.slice(2, -2).trim();
  const expression = jsonata(text, BOUNDS);
  return { text, expression, reads: readsOf(expression.ast()) };
}

/** What an expression came to, or why it came to nothing AWS would carry on with. */
export type Answer = { readonly value: Json } | { readonly refusal: string };

export async function ask(query: Query, bindings: Record<string, unknown>): Promise<Answer> {
  try {
    const found: unknown = await query.expression.evaluate(undefined, bindings);
    if (found === undefined) return { refusal: 'returned nothing (undefined).' };
    const value = plain(found);
    return value === undefined ? { refusal: 'returned an unsupported result type.' } : { value };
  } catch (error) {
    return { refusal: `threw an error during evaluation. ${described(error)}` };
  }
}

export function described(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  const text = message ?? String(error);
  return code === undefined ? text : `${code}: ${text}`;
}

/** A copy in plain JSON: sequences lose their marks, and nothing is shared with the machine's data. */
function plain(value: unknown): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  // JSON has no such numbers; AWS writes their names.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return plainArray(value);
  return typeof value === 'object' && Object.getPrototypeOf(value) !== null ? plainObject(value) : plainBare(value);
}

function plainArray(values: readonly unknown[]): Json[] | undefined {
  const copies: Json[] = [];
  for (const value of values) {
    const copy = plain(value);
    if (copy === undefined) return undefined;
    copies.push(copy);
  }
  return copies;
}

const plainBare = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null ? plainObject(value) : undefined;

function plainObject(value: object): Json | undefined {
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) return undefined;
  const copies: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const copy = plain(item);
    if (copy === undefined) return undefined;
    // A key named __proto__ stays a key.
    Object.defineProperty(copies, key, { value: copy, enumerable: true, writable: true, configurable: true });
  }
  return copies;
}
