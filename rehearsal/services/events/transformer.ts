// What a target is given of an event: all of it, a part, a constant, or a template filled in.
import type { InputTransformer, Target } from '@aws-sdk/client-eventbridge';
import { validation } from './rulebook.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Facts of the delivery that a template may name. */
export interface Delivery {
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly ingestedAt: string;
}

type Step = string | number;

/** `$.detail.name`, `$.resources[0]`, `$['detail-type']`; undefined when it is no such path. */
function stepsOf(path: string): Step[] | undefined {
  if (!/^\$(\.[\w-]+|\[\d+\]|\['[^']+'\])*$/.test(path)) return undefined;
  return [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(([, name, index, quoted]) =>
    index === undefined ? (name ?? quoted ?? '') : Number(index),
  );
}

function valueAt(event: Json, path: string): Json | undefined {
  let found: Json | undefined = event;
  for (const step of stepsOf(path) ?? []) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Array.isArray(found) ? found[Number(step)] : found[step];
  }
  return found;
}

/** Refuses what could not be filled in later. */
export function checkInput({ Id, Input, InputPath, InputTransformer }: Target): void {
  if ([Input, InputPath, InputTransformer].filter((given) => given !== undefined).length > 1) {
    throw validation(`Only one of Input, InputPath, or InputTransformer must be provided for target ${String(Id)}.`);
  }
  if (Input !== undefined && !isJson(Input)) throw validation(`JSON syntax error in input for target ${String(Id)}`);
  if (InputPath !== undefined && stepsOf(InputPath) === undefined)
    throw validation(`Invalid InputPath for target ${String(Id)}.`);
  if (InputTransformer !== undefined) checkTransformer(String(Id), InputTransformer);
}

function checkTransformer(id: string, { InputPathsMap = {}, InputTemplate = '' }: InputTransformer): void {
  for (const [name, path] of Object.entries(InputPathsMap)) {
    if (/^aws/i.test(name) || !/^[\w-]+$/.test(name) || stepsOf(path) === undefined) {
      throw validation(`Invalid InputPathsMap for target ${id}.`);
    }
  }
  for (const [, name = ''] of InputTemplate.matchAll(/<([\w.-]+)>/g)) {
    if (!(name in InputPathsMap) && !RESERVED.has(name)) {
      throw validation(`Invalid InputTemplate for target ${id} : [Template contains undefined variable: ${name}].`);
    }
  }
  const sample = fill(InputTemplate, () => '');
  if (!isJson(sample)) throw validation(`Invalid InputTemplate for target ${id} : [Template is not valid JSON].`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const RESERVED = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
]);

/** The JSON text a target receives. */
export function inputOf({ Input, InputPath, InputTransformer }: Target, event: Json, delivery: Delivery): string {
  if (Input !== undefined) return Input;
  if (InputPath !== undefined) return JSON.stringify(valueAt(event, InputPath) ?? null);
  if (InputTransformer === undefined) return JSON.stringify(event);
  const { InputPathsMap = {}, InputTemplate = '' } = InputTransformer;
  const reserved: Record<string, Json> = {
    'aws.events.rule-arn': delivery.ruleArn,
    'aws.events.rule-name': delivery.ruleName,
    'aws.events.event.ingestion-time': delivery.ingestedAt,
    'aws.events.event': withoutDetail(event),
    'aws.events.event.json': event,
  };
  return fill(InputTemplate, (name) => reserved[name] ?? valueAt(event, InputPathsMap[name] ?? '') ?? '');
}

/** `<aws.events.event>` is the event without its detail. */
function withoutDetail(event: Json): Json {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  return Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'detail'));
}

/** A variable inside a JSON string becomes text of it; one that stands alone becomes a value. */
function fill(template: string, value: (name: string) => Json): string {
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/g, (found, name: string | undefined) => {
    if (found === '"') quoted = !quoted;
    if (name === undefined) return found;
    const written = value(name);
    if (!quoted) return JSON.stringify(written);
    return JSON.stringify(typeof written === 'string' ? written : JSON.stringify(written)).slice(1, -1);
  });
}
