// From a definition to a machine that can run, or to everything that is wrong with it.
import { Buffer } from 'node:buffer';
import type { Machine } from './definition.ts';
import { field, InvalidDefinition, refuse } from './faults.ts';
import type { Place } from './faults.ts';
import { MAX_DEFINITION_BYTES, MAX_SECONDS } from './limits.ts';
import { numberAt, objectAt, textAt } from './load/fields.ts';
import type { Fields } from './load/fields.ts';
import { scopeAt } from './load/scopes.ts';
import { checkVariables, referencesIn } from './load/variables.ts';
import type { Json } from './world.ts';

const TOP = ['Comment', 'StartAt', 'States', 'QueryLanguage', 'TimeoutSeconds', 'Version'];

/** Reads a definition in the JSONata dialect; throws InvalidDefinition with every fault at once. */
export function loadMachine(definition: string | object): Machine {
  const top: Place = { path: '', faults: [] };
  const fields = fieldsOf(top, definition);
  checkLanguage(top, fields);
  const scope = scopeAt(top, fields, TOP, new Set());
  const timeoutSeconds = timeoutAt(top, fields);
  checkVariables(top, scope, new Set(), new Set());
  if (top.faults.length > 0) throw new InvalidDefinition(top.faults);
  return { definition: fields, timeoutSeconds, scope, variableReferences: referencesIn(scope) };
}

/** Ends the reading at once: without an object there is nothing more to say. */
function fieldsOf(top: Place, definition: string | object): Fields {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > MAX_DEFINITION_BYTES)
    refuse(top, `The definition is ${bytes} bytes long; at most ${MAX_DEFINITION_BYTES} are allowed`);
  const parsed = top.faults.length === 0 ? parsedAt(top, text) : undefined;
  const fields = parsed === undefined ? undefined : objectAt(top, parsed);
  if (!fields) throw new InvalidDefinition(top.faults);
  return fields;
}

function parsedAt(top: Place, text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    return refuse(top, (error as Error).message, 'INVALID_JSON_DESCRIPTION');
  }
}

function checkLanguage(top: Place, fields: Fields): void {
  const { QueryLanguage, Version } = fields;
  const at = field(top, 'QueryLanguage');
  if (QueryLanguage === undefined || QueryLanguage === 'JSONPath') {
    refuse(at, 'Only the JSONata dialect is imitated: write "QueryLanguage": "JSONata" at the top level', 'NOT_IMITATED');
  } else if (QueryLanguage !== 'JSONata') refuse(at, 'Value should be one of the following: [JSONPath, JSONata]');
  if (Version !== undefined && Version !== '1.0') refuse(field(top, 'Version'), 'Value should be one of the following: [1.0]');
}

function timeoutAt(top: Place, fields: Fields): number | undefined {
  if (fields['Comment'] !== undefined) textAt(field(top, 'Comment'), fields['Comment']);
  if (fields['TimeoutSeconds'] === undefined) return undefined;
  return numberAt(field(top, 'TimeoutSeconds'), fields['TimeoutSeconds'], { min: 1, max: MAX_SECONDS });
}
