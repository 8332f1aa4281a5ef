// What a Task may call, and what it must be given.
import type { Template } from '../definition.ts';
import { field, refuse } from '../faults.ts';
import type { Place } from '../faults.ts';
import { isToken, queriesOf } from '../template.ts';
import type { Integration } from '../world.ts';
import { textAt } from './fields.ts';
import type { Fields } from './fields.ts';

const FUNCTION = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:(\$LATEST|[A-Za-z0-9_-]+))?$/;
const OPTIMISED = /^arn:aws[a-z-]*:states:::(.+)$/;
const IMITATED: readonly string[] = [
  'lambda:invoke',
  'lambda:invoke.waitForTaskToken',
  'states:startExecution.sync:2',
] satisfies Integration[];

export function integrationAt(place: Place, fields: Fields): Integration | undefined {
  if (fields['Resource'] === undefined) return undefined;
  const at = field(place, 'Resource');
  const resource = textAt(at, fields['Resource']);
  if (resource === undefined) return undefined;
  if (FUNCTION.test(resource)) return 'function';
  const [, called] = OPTIMISED.exec(resource) ?? [];
  if (called !== undefined && IMITATED.includes(called)) return called as Integration;
  if (!resource.startsWith('arn:')) return refuse(at, 'Value is not a valid resource ARN');
  return refuse(
    at,
    `The resource '${resource}' is not imitated: a Task may call a Lambda function's ARN or arn:aws:states:::<${IMITATED.join(' | ')}>`,
    'NOT_IMITATED',
  );
}

const MEMBERS: Readonly<Record<Exclude<Integration, 'function'>, { required: string; known: readonly string[] }>> = {
  'lambda:invoke': {
    required: 'FunctionName',
    known: ['FunctionName', 'Payload', 'ClientContext', 'InvocationType', 'LogType', 'Qualifier'],
  },
  'lambda:invoke.waitForTaskToken': {
    required: 'FunctionName',
    known: ['FunctionName', 'Payload', 'ClientContext', 'InvocationType', 'LogType', 'Qualifier'],
  },
  'states:startExecution.sync:2': { required: 'StateMachineArn', known: ['StateMachineArn', 'Input', 'Name', 'TraceHeader'] },
};

/** Members of a service's request are known by name; arguments that are one expression show theirs only at run time. */
export function checkArguments(
  place: Place,
  fields: Fields,
  integration: Integration | undefined,
  compiled: Template | undefined,
): void {
  if (integration === undefined || integration === 'function') return;
  const { required, known } = MEMBERS[integration];
  const at = field(place, 'Arguments');
  const given = fields['Arguments'];
  if (given === undefined) return refuse(place, `The field '${required}' is required in Arguments but was missing`);
  if (typeof given !== 'string') {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return refuse(at, 'Expected value of type [OBJECT]');
    if (!(required in given)) refuse(at, `The field '${required}' is required but was missing`);
    for (const name of Object.keys(given)) {
      if (!known.includes(name)) refuse(field(at, name), `The field '${name}' is not supported by Step Functions`);
    }
  }
  if (integration === 'lambda:invoke.waitForTaskToken' && !mentionsToken(compiled)) {
    refuse(
      at,
      "A task that waits for a token must pass '$states.context.Task.Token' in its Arguments, or nobody can ever answer",
    );
  }
}

function mentionsToken(compiled: Template | undefined): boolean {
  for (const { reads } of queriesOf(compiled)) {
    for (const path of reads.states) if (isToken(path) || ['', 'context', 'context.Task'].includes(path)) return true;
  }
  return false;
}
