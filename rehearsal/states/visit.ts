// One visit of one state: what its expressions may see, and how they are evaluated.
import { functionsOf } from './functions.ts';
import type { State, Template } from './definition.ts';
import { EvaluationError } from './errors.ts';
import type { Fiber, Item } from './execution.ts';
import { variableOf } from './execution.ts';
import { detailed } from './history.ts';
import { fill } from './template.ts';
import type { Bind } from './template.ts';
import type { Json } from './world.ts';

export interface Visit<S extends State = State> {
  readonly fiber: Fiber;
  readonly state: S;
  readonly input: Json;
  /** Attempts already made and failed: `$states.context.State.RetryCount`. */
  retryCount: number;
}

/** What only some fields may see. */
export interface Extras {
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly token?: string | undefined;
  readonly item?: Item;
}

/** Evaluates a field; a failure is written into the history and thrown as AWS words it. */
export async function evaluate(visit: Visit, template: Template, extras: Extras = {}): Promise<Json> {
  try {
    return await fill(template, binder(visit, extras));
  } catch (error) {
    throw error instanceof EvaluationError ? told(visit, error) : error;
  }
}

/** Writes EvaluationFailed and gives the cause its beginning, once. */
function told({ fiber, state }: Visit, { error, cause, location }: EvaluationError): EvaluationError {
  const full = causeIn(fiber, state, cause ?? '');
  fiber.execution.history.write(fiber.chain, detailed('EvaluationFailed', { error, cause: full, location, state: state.name }));
  return new EvaluationError(full, location);
}

export const causeIn = ({ frame }: Fiber, { name }: State, cause: string): string =>
  `An error occurred while executing the state '${name}' (entered at the event id #${frame.entered}). ${cause}`;

/** Binds what an expression mentions, each time anew: JSONata leaves marks on the arrays it is given. */
const binder =
  (visit: Visit, extras: Extras): Bind =>
  ({ mentioned, states }) => {
    const { world } = visit.fiber.execution;
    const bound: Record<string, unknown> = functionsOf({ now: () => world.timeline.now(), random: () => world.random() });
    for (const name of mentioned) {
      const value = variableOf(visit.fiber.frame, name);
      if (value !== undefined) bound[name] = copyOf(value);
    }
    return states.size === 0 ? bound : { ...bound, states: copyOf(statesOf(visit, extras)) };
  };

function statesOf(visit: Visit, { result, errorOutput, token, item }: Extras): Json {
  return {
    input: visit.input,
    context: contextOf(visit, token, item),
    ...(result === undefined ? {} : { result }),
    ...(errorOutput === undefined ? {} : { errorOutput }),
  };
}

function copyOf(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)]));
}

/** The context object, in the order AWS gives it. */
function contextOf({ fiber, state, retryCount }: Visit, token: string | undefined, item: Item | undefined): Json {
  const { execution, frame } = fiber;
  const { identity, redriveTime } = execution;
  const counts = 'retry' in state ? { RetryCount: retryCount } : {};
  const around = item ?? frame.item;
  return {
    Execution: {
      Id: identity.execution.id,
      Input: execution.input,
      StartTime: execution.startTime,
      Name: identity.execution.name,
      RoleArn: identity.execution.roleArn,
      RedriveCount: execution.redriveCount,
      ...(redriveTime === undefined ? {} : { RedriveTime: redriveTime }),
    },
    StateMachine: { Id: identity.stateMachine.id, Name: identity.stateMachine.name },
    State: { Name: state.name, EnteredTime: frame.enteredAt, ...counts },
    ...(token === undefined ? {} : { Task: { Token: token } }),
    ...(around === undefined ? {} : { Map: { Item: { Index: around.Index, Value: around.Value } } }),
  };
}

/** A field that must come to one type; says what it was instead. */
export async function evaluateAs<T extends Json>(
  visit: Visit,
  template: Template,
  type: string,
  is: (value: Json) => value is T,
  extras: Extras = {},
): Promise<T> {
  const value = await evaluate(visit, template, extras);
  if (is(value)) return value;
  throw unexpected(visit, template, type, value);
}

export function unexpected(visit: Visit, template: Template, expected: string, value: Json): EvaluationError {
  const [text, name] = template.kind === 'query' ? [template.query.text, template.field] : ['', visit.state.name];
  const was = typeOf(value);
  const cause =
    `The JSONata expression '${text}' specified for the field '${name}' returned an unexpected result type. ` +
    `Expected '${expected}', but was '${was}' for value: ${JSON.stringify(value)}`;
  return told(visit, new EvaluationError(cause, name));
}

const typeOf = (value: Json): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

export const isText = (value: Json): value is string => typeof value === 'string';
export const isTruth = (value: Json): value is boolean => typeof value === 'boolean';
export const isList = (value: Json): value is Json[] => Array.isArray(value);
export const within =
  (min: number, max: number, integer = true) =>
  (value: Json): value is number =>
    typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
