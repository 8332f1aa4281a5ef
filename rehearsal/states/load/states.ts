// One state of each type, read from its fields.
import type { ChoiceRule, Leaving, Scope, State, StateType, Template } from '../definition.ts';
import { element, field, refuse } from '../faults.ts';
import type { Place } from '../faults.ts';
import { MAX_SECONDS } from '../limits.ts';
import { compileTemplate, queriesOf } from '../template.ts';
import type { Reading } from '../template.ts';
import { isTimestamp } from '../timestamp.ts';
import type { Json } from '../world.ts';
import {
  arrayAt,
  assignAt,
  checkFields,
  expressionAt,
  numberTemplate,
  objectAt,
  requireFields,
  templateAt,
  textAt,
} from './fields.ts';
import type { Fields } from './fields.ts';
import { catchAt, retryAt } from './handling.ts';
import { checkArguments, integrationAt } from './resources.ts';

/** Reads a nested scope: given by the reader of scopes, which reads states. */
export type ReadScope = (place: Place, fields: Fields, known: readonly string[]) => Scope;

const COMMON = ['Type', 'Comment', 'QueryLanguage'];
const MOVING = ['Next', 'End', 'Output', 'Assign'];
const HANDLING = ['Retry', 'Catch'];
const KNOWN: Readonly<Record<StateType, readonly string[]>> = {
  Pass: [...COMMON, ...MOVING],
  Task: [...COMMON, ...MOVING, ...HANDLING, 'Resource', 'Arguments', 'TimeoutSeconds', 'HeartbeatSeconds'],
  Choice: [...COMMON, 'Choices', 'Default', 'Output', 'Assign'],
  Wait: [...COMMON, ...MOVING, 'Seconds', 'Timestamp'],
  Succeed: [...COMMON, 'Output'],
  Fail: [...COMMON, 'Error', 'Cause'],
  Parallel: [...COMMON, ...MOVING, ...HANDLING, 'Branches', 'Arguments'],
  Map: [
    ...[...COMMON, ...MOVING, ...HANDLING, 'Items', 'ItemSelector', 'ItemProcessor', 'MaxConcurrency'],
    ...['ToleratedFailureCount', 'ToleratedFailurePercentage'],
  ],
};

export function stateAt(place: Place, name: string, value: Json, readScope: ReadScope): State | undefined {
  const fields = objectAt(place, value);
  if (!fields) return undefined;
  requireFields(place, fields, ['Type']);
  if (fields['Type'] === undefined) return undefined;
  const type = textAt(field(place, 'Type'), fields['Type']);
  if (type === undefined) return undefined;
  if (!isType(type))
    return refuse(field(place, 'Type'), `Value should be one of the following: [${Object.keys(KNOWN).join(', ')}]`);
  checkFields(place, fields, KNOWN[type]);
  checkLanguage(place, fields);
  if (fields['Comment'] !== undefined) textAt(field(place, 'Comment'), fields['Comment']);
  return readers[type](place, name, fields, readScope);
}

const isType = (type: string): type is StateType => Object.hasOwn(KNOWN, type);

function checkLanguage(place: Place, fields: Fields): void {
  const language = fields['QueryLanguage'];
  if (language === undefined || language === 'JSONata') return;
  if (language === 'JSONPath') refuse(place, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  else refuse(field(place, 'QueryLanguage'), 'Value should be one of the following: [JSONPath, JSONata]');
}

type Reader = (place: Place, name: string, fields: Fields, readScope: ReadScope) => State | undefined;

const readers: Readonly<Record<StateType, Reader>> = {
  Pass: (place, name, fields) => ({ type: 'Pass', name, ...leavingAt(place, fields, []) }),
  Task: taskAt,
  Choice: choiceAt,
  Wait: waitAt,
  Succeed: (place, name, fields) => ({ type: 'Succeed', name, output: templateAt(place, fields, 'Output', []) }),
  Fail: (place, name, fields) => ({
    type: 'Fail',
    name,
    error: textTemplate(place, fields, 'Error'),
    cause: textTemplate(place, fields, 'Cause'),
  }),
  Parallel: parallelAt,
  Map: mapAt,
};

function leavingAt(place: Place, fields: Fields, may: readonly Reading[]): Leaving {
  const { Next, End } = fields;
  if (Next === undefined && End === undefined)
    refuse(place, "One of the fields 'Next' or 'End' is required but both were missing");
  if (Next !== undefined && End !== undefined) refuse(place, "Only one of the fields 'Next' and 'End' may be given");
  if (End !== undefined && End !== true) refuse(field(place, 'End'), "Value must be 'true'");
  const next = Next === undefined ? undefined : textAt(field(place, 'Next'), Next);
  return { next, output: templateAt(place, fields, 'Output', may), assign: assignAt(place, fields, may) };
}

function textTemplate(place: Place, fields: Fields, name: string): Template | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  const text = textAt(field(place, name), value);
  return text === undefined ? undefined : compileTemplate(field(place, name), name, text, []);
}

function taskAt(place: Place, name: string, fields: Fields): State | undefined {
  requireFields(place, fields, ['Resource']);
  const integration = integrationAt(place, fields);
  const waits = integration === 'lambda:invoke.waitForTaskToken';
  const given = templateAt(place, fields, 'Arguments', waits ? ['token'] : []);
  checkArguments(place, fields, integration, given);
  const timeoutSeconds = numberTemplate(place, fields, 'TimeoutSeconds', { min: 1, max: MAX_SECONDS });
  const heartbeatSeconds = numberTemplate(place, fields, 'HeartbeatSeconds', { min: 1, max: MAX_SECONDS });
  if (timeoutSeconds?.kind === 'literal' && heartbeatSeconds?.kind === 'literal') {
    if (Number(heartbeatSeconds.value) >= Number(timeoutSeconds.value)) {
      refuse(field(place, 'HeartbeatSeconds'), 'HeartbeatSeconds must be smaller than TimeoutSeconds');
    }
  }
  const read = { ...leavingAt(place, fields, ['result']), retry: retryAt(place, fields), catch: catchAt(place, fields) };
  return {
    type: 'Task',
    name,
    ...read,
    resource: fields['Resource'] as string,
    // A Task that calls nothing we know was refused above; its arrows are still worth checking.
    integration: integration ?? 'function',
    arguments: given,
    timeoutSeconds,
    heartbeatSeconds,
  };
}

function choiceAt(place: Place, name: string, fields: Fields): State {
  requireFields(place, fields, ['Choices']);
  const at = field(place, 'Choices');
  const choices = fields['Choices'] === undefined ? [] : (arrayAt(at, fields['Choices']) ?? []);
  if (fields['Choices'] !== undefined && choices.length === 0) refuse(at, 'The field should be non-empty');
  const rules = choices.flatMap((rule, i) => ruleAt(element(at, i), `Choices[${i}]`, rule) ?? []);
  const next = fields['Default'] === undefined ? undefined : textAt(field(place, 'Default'), fields['Default']);
  const leaving = { next, output: templateAt(place, fields, 'Output', []), assign: assignAt(place, fields, []) };
  return { type: 'Choice', name, rules, otherwise: next === undefined ? undefined : leaving };
}

function ruleAt(place: Place, name: string, value: Json): ChoiceRule | undefined {
  const fields = objectAt(place, value);
  if (!fields) return undefined;
  checkFields(place, fields, ['Comment', 'Condition', 'Next', 'Output', 'Assign']);
  requireFields(place, fields, ['Condition', 'Next']);
  const next = fields['Next'] === undefined ? undefined : textAt(field(place, 'Next'), fields['Next']);
  const condition =
    fields['Condition'] === undefined
      ? undefined
      : conditionAt(field(place, 'Condition'), `${name}/Condition`, fields['Condition']);
  const leaving = {
    next,
    output: templateAt(place, fields, 'Output', [], `${name}/`),
    assign: assignAt(place, fields, [], `${name}/`),
  };
  return condition && { condition, leaving };
}

const conditionAt = (place: Place, name: string, value: Json): Template | undefined =>
  typeof value === 'boolean' ? { kind: 'literal', value } : expressionAt(place, name, value, 'BOOLEAN');

function waitAt(place: Place, name: string, fields: Fields): State {
  const given = ['Seconds', 'Timestamp'].filter((each) => each in fields);
  if (given.length !== 1) refuse(place, "Exactly one of the fields 'Seconds' and 'Timestamp' is required");
  const timestamp = textTemplate(place, fields, 'Timestamp');
  if (timestamp?.kind === 'literal' && !isTimestamp(timestamp.value as string)) {
    refuse(field(place, 'Timestamp'), 'Value is not a valid RFC 3339 timestamp');
  }
  const seconds = numberTemplate(place, fields, 'Seconds', { min: 0, max: MAX_SECONDS });
  return { type: 'Wait', name, ...leavingAt(place, fields, []), seconds, timestamp };
}

function parallelAt(place: Place, name: string, fields: Fields, readScope: ReadScope): State {
  requireFields(place, fields, ['Branches']);
  const at = field(place, 'Branches');
  const given = fields['Branches'] === undefined ? [] : (arrayAt(at, fields['Branches']) ?? []);
  if (fields['Branches'] !== undefined && given.length === 0) refuse(at, 'The field should be non-empty');
  const branches = given.flatMap((value, i) => {
    const branch = objectAt(element(at, i), value);
    return branch ? [readScope(element(at, i), branch, ['StartAt', 'States', 'Comment'])] : [];
  });
  const args = templateAt(place, fields, 'Arguments', []);
  const read = { ...leavingAt(place, fields, ['result']), retry: retryAt(place, fields), catch: catchAt(place, fields) };
  return { type: 'Parallel', name, ...read, arguments: args, branches };
}

function mapAt(place: Place, name: string, fields: Fields, readScope: ReadScope): State | undefined {
  requireFields(place, fields, ['ItemProcessor']);
  const at = field(place, 'ItemProcessor');
  const given = fields['ItemProcessor'] === undefined ? undefined : objectAt(at, fields['ItemProcessor']);
  if (given) checkProcessor(field(at, 'ProcessorConfig'), given['ProcessorConfig']);
  const processor = given && readScope(at, given, ['StartAt', 'States', 'Comment', 'ProcessorConfig']);
  const read = {
    ...leavingAt(place, fields, ['result']),
    retry: retryAt(place, fields),
    catch: catchAt(place, fields),
    items: itemsAt(place, fields),
    selector: templateAt(place, fields, 'ItemSelector', []),
    maxConcurrency: numberTemplate(place, fields, 'MaxConcurrency', { min: 0 }),
    toleratedFailureCount: numberTemplate(place, fields, 'ToleratedFailureCount', { min: 0 }),
    toleratedFailurePercentage: numberTemplate(place, fields, 'ToleratedFailurePercentage', { min: 0, max: 100, integer: false }),
  };
  return { type: 'Map', name, ...read, processor: processor ?? { startAt: '', states: new Map() } };
}

function itemsAt(place: Place, fields: Fields): Template | undefined {
  const value = fields['Items'];
  if (value === undefined) return undefined;
  const at = field(place, 'Items');
  return Array.isArray(value) ? compileTemplate(at, 'Items', value, []) : expressionAt(at, 'Items', value, 'ARRAY');
}

function checkProcessor(place: Place, value: Json | undefined): void {
  if (value === undefined) return;
  const config = objectAt(place, value);
  if (!config) return;
  for (const name of Object.keys(config)) {
    if (name === 'ExecutionType')
      refuse(field(place, name), 'ExecutionType belongs to Distributed Map, which is not imitated', 'NOT_IMITATED');
    else if (name !== 'Mode') refuse(place, `Field '${name}' is not supported`);
  }
  if (config['Mode'] === 'DISTRIBUTED')
    refuse(field(place, 'Mode'), 'Distributed Map is not imitated: use INLINE', 'NOT_IMITATED');
  else if (config['Mode'] !== undefined && config['Mode'] !== 'INLINE') {
    refuse(field(place, 'Mode'), 'Value should be one of the following: [DISTRIBUTED, INLINE]');
  }
}

/** Every expression a state may evaluate, those of its ways out included. */
export function* ownTemplates(state: State): Generator<Template | undefined> {
  if (state.type === 'Task') yield* [state.arguments, state.timeoutSeconds, state.heartbeatSeconds];
  if (state.type === 'Wait') yield* [state.seconds, state.timestamp];
  if (state.type === 'Fail') yield* [state.error, state.cause];
  if (state.type === 'Succeed') yield state.output;
  if (state.type === 'Parallel') yield state.arguments;
  if (state.type === 'Choice') for (const rule of state.rules) yield rule.condition;
  if (state.type === 'Map') {
    yield* [state.items, state.selector, state.maxConcurrency, state.toleratedFailureCount, state.toleratedFailurePercentage];
  }
  for (const { output, assign } of leavingsOf(state)) {
    yield output;
    for (const [, value] of assign) yield value;
  }
}

/** Every way out of a state. */
export function leavingsOf(state: State): readonly Leaving[] {
  if (state.type === 'Succeed' || state.type === 'Fail') return [];
  if (state.type === 'Choice') return [...state.rules.map((rule) => rule.leaving), ...(state.otherwise ? [state.otherwise] : [])];
  return 'catch' in state ? [state, ...state.catch] : [state];
}

/** The variables a state's own expressions read. */
export function variablesOf(state: State): string[] {
  const names = new Set<string>();
  for (const template of ownTemplates(state))
    for (const { reads } of queriesOf(template)) for (const name of reads.variables) names.add(name);
  return [...names].sort();
}
