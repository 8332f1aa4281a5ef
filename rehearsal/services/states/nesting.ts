// `states:startExecution.sync:2`: another machine's execution as one Task, in the role's name from its start to its end.
import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import type { Caller } from '../../iam/ask.ts';
import { StateError, type Json, type TaskCall } from '../../states/world.ts';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import { requestOf } from './invocation.ts';
import type { Execution } from './ledger.ts';

const SERVICE = { resourceType: 'states', resource: 'startExecution.sync:2' };

/** Starts, waits and describes; a parent that leaves stops the child. */
export async function runNested(
  ground: Ground,
  caller: Caller,
  task: TaskCall,
  region: string,
  find: (arn: string) => Execution | undefined,
): Promise<Json> {
  const { executionArn = '', startDate } = await asStates(ground, () =>
    ground.call(caller, 'states', 'StartExecution', requestFrom(task.arguments), region),
  );
  const submitted = { ExecutionArn: executionArn, StartDate: startDate?.getTime() };
  const output = JSON.stringify(submitted);
  task.record({
    type: 'TaskSubmitted',
    details: { taskSubmittedEventDetails: { ...SERVICE, output, outputDetails: { truncated: false } } },
  });
  const stop = (): void => {
    // Too late to tell anyone: what the role may not stop runs on, as on AWS.
    void ground.call(caller, 'states', 'StopExecution', { executionArn }, region).catch(() => undefined);
  };
  if (task.signal.aborted) stop();
  else task.signal.addEventListener('abort', stop, { once: true });
  await ended(find(executionArn));
  task.signal.removeEventListener('abort', stop);
  const outcome = await asStates(ground, () => ground.call(caller, 'states', 'DescribeExecution', { executionArn }, region));
  const told = tell(outcome);
  if (outcome.status !== 'SUCCEEDED') throw new StateError('States.TaskFailed', JSON.stringify(told));
  return told;
}

function requestFrom(given: Json): { stateMachineArn: string; name?: string; input: string } {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new StateError('States.Runtime', 'Arguments must be an object');
  }
  const { StateMachineArn, Name, Input = {} } = given;
  if (typeof StateMachineArn !== 'string') throw new StateError('States.Runtime', "The field 'StateMachineArn' must be a string");
  const input = typeof Input === 'string' ? Input : JSON.stringify(Input);
  return { stateMachineArn: StateMachineArn, input, ...(typeof Name === 'string' ? { name: Name } : {}) };
}

const ended = (child: Execution | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (child?.status !== 'RUNNING') return resolve();
    child.endings.push(resolve);
  });

/** The description as Step Functions hands it to the parent: capital letters, and JSON instead of JSON text. */
function tell(outcome: Omit<DescribeExecutionOutput, '$metadata'>): Json {
  const known = Object.entries(outcome).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([key, value]) => [capital(key), valueOf(key, value)]));
}

function valueOf(key: string, value: unknown): Json {
  if (value instanceof Date) return value.getTime();
  if ((key === 'input' || key === 'output') && typeof value === 'string') return JSON.parse(value) as Json;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([inner, found]) => [capital(inner), valueOf(inner, found)]));
  }
  return value as Json;
}

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

async function asStates<T>(ground: Ground, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const name = error.code.endsWith('Exception') ? 'AWSStepFunctionsException' : `${error.code}Exception`;
    throw new StateError(`StepFunctions.${name}`, `${error.message} (${requestOf(ground, 'AWSStepFunctions', error)})`);
  }
}
