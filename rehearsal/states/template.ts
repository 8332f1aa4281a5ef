// A field's value, with JSONata wherever a string holds it: compiled once, filled in at every use.
import type { Template } from './definition.ts';
import { EvaluationError } from './errors.ts';
import { element, field, refuse } from './faults.ts';
import type { Place } from './faults.ts';
import { ask, compile, delimitersOf, described } from './query.ts';
import type { Query } from './query.ts';
import type { Reads } from './references.ts';
import type { Json } from './world.ts';

/** Parts of $states that only some fields may read. */
export type Reading = 'result' | 'errorOutput' | 'token';

/** `name` is how AWS names the field in its messages: `Output/approver`. */
export function compileTemplate(place: Place, name: string, value: Json, may: readonly Reading[]): Template {
  if (typeof value === 'string') return compileText(place, name, value, may);
  if (Array.isArray(value)) {
    return settle(
      'array',
      value.map((item, i) => compileTemplate(element(place, i), `${name}[${i}]`, item, may)),
      value,
    );
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(
      ([key, item]) => [key, compileTemplate(field(place, key), `${name}/${key}`, item, may)] as const,
    );
    return fields.every(([, item]) => item.kind === 'literal') ? { kind: 'literal', value } : { kind: 'object', fields };
  }
  return { kind: 'literal', value };
}

const settle = (kind: 'array', items: readonly Template[], value: Json): Template =>
  items.every((item) => item.kind === 'literal') ? { kind: 'literal', value } : { kind, items };

function compileText(place: Place, name: string, text: string, may: readonly Reading[]): Template {
  const delimiters = delimitersOf(text);
  if (delimiters === 'none') return { kind: 'literal', value: text };
  if (delimiters === 'broken') {
    refuse(
      place,
      "A JSONata expression must start with '{%' and end with '%}', with nothing around them",
      'INVALID_JSONATA_EXPRESSION',
    );
    return { kind: 'literal', value: text };
  }
  try {
    const query = compile(text);
    checkReads(place, query, may);
    return { kind: 'query', query, field: name };
  } catch (error) {
    refuse(place, described(error), 'INVALID_JSONATA_EXPRESSION');
    return { kind: 'literal', value: text };
  }
}

const STATES_FIELDS = ['input', 'result', 'errorOutput', 'context'];

function checkReads(place: Place, { reads }: Query, may: readonly Reading[]): void {
  for (const message of reads.forbidden) refuse(place, message, 'UNSUPPORTED_JSONATA_EXPRESSION');
  for (const path of reads.states) {
    const [part = ''] = path.split('.');
    const restricted = part === 'result' || part === 'errorOutput' ? part : isToken(path) ? 'token' : undefined;
    if (part !== '' && !STATES_FIELDS.includes(part)) {
      refuse(
        place,
        `'$states.${part}' does not exist: $states has ${STATES_FIELDS.join(', ')}`,
        'UNSUPPORTED_JSONATA_EXPRESSION',
      );
    } else if (restricted && !may.includes(restricted)) {
      refuse(place, `Reference to '$states.${path}' is not supported in this field.`, 'UNSUPPORTED_JSONATA_EXPRESSION');
    }
  }
}

export const isToken = (path: string): boolean => path === 'context.Task.Token' || path.startsWith('context.Task.Token.');

/** Every expression of a template, in the order they are written. */
export function* queriesOf(template: Template | undefined): Generator<Query> {
  if (template?.kind === 'query') yield template.query;
  if (template?.kind === 'array') for (const item of template.items) yield* queriesOf(item);
  if (template?.kind === 'object') for (const [, item] of template.fields) yield* queriesOf(item);
}

/** The values an expression may see of what it mentions. */
export type Bind = (reads: Reads) => Record<string, unknown>;

/** Fills the template in; throws EvaluationError naming the field. */
export async function fill(template: Template, bind: Bind): Promise<Json> {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'query': {
      const answer = await ask(template.query, bind(template.query.reads));
      if ('value' in answer) return answer.value;
      throw new EvaluationError(
        `The JSONata expression '${template.query.text}' specified for the field '${template.field}' ${answer.refusal}`,
        template.field,
      );
    }
    case 'array': {
      const items: Json[] = [];
      for (const item of template.items) items.push(await fill(item, bind));
      return items;
    }
    case 'object': {
      const entries: [string, Json][] = [];
      for (const [key, item] of template.fields) entries.push([key, await fill(item, bind)]);
      return Object.fromEntries(entries);
    }
  }
}
