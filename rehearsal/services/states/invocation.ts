// A Task that runs a Lambda function: the invocation in the role's name, and Lambda's failures under the names Step Functions
// gives them.
import type { Caller } from '../../iam/ask.ts';
import { StateError, type Json, type TaskCall } from '../../states/world.ts';
import { bytesOf } from '../bytes.ts';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';

/** Lambda's errors that keep their name; the rest is its client's general exception. */
const NAMED = new Set([
  'EC2AccessDeniedException',
  'EC2ThrottledException',
  'EC2UnexpectedException',
  'ENILimitReachedException',
  'InvalidParameterValueException',
  'InvalidRequestContentException',
  'InvalidRuntimeException',
  'InvalidSecurityGroupIDException',
  'InvalidSubnetIDException',
  'InvalidZipFileException',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSInvalidStateException',
  'KMSNotFoundException',
  'RecursiveInvocationException',
  'RequestTooLargeException',
  'ResourceConflictException',
  'ResourceNotFoundException',
  'ResourceNotReadyException',
  'SdkClientException',
  'ServiceException',
  'SubnetIPAddressLimitReachedException',
  'TooManyRequestsException',
  'UnsupportedMediaTypeException',
]);
const ARGUMENTS = new Set(['FunctionName', 'Payload', 'InvocationType', 'Qualifier', 'LogType', 'ClientContext']);

export interface Answer {
  readonly payload: Json;
  readonly executedVersion: string | undefined;
  readonly statusCode: number;
}

interface Invocation {
  readonly FunctionName: string;
  readonly Payload: Json | undefined;
  readonly InvocationType: 'RequestResponse' | 'Event' | 'DryRun' | undefined;
  readonly Qualifier: string | undefined;
}

/** `Resource` is the function itself: its answer is the result. */
export async function invokeFunction(ground: Ground, caller: Caller, task: TaskCall, region: string): Promise<Json> {
  const invocation = { FunctionName: task.resource, Payload: task.arguments, InvocationType: undefined, Qualifier: undefined };
  return (await invoke(ground, caller, invocation, region)).payload;
}

/** `lambda:invoke`: the answer comes with what the SDK would have told about it. */
export async function invokeOptimized(ground: Ground, caller: Caller, task: TaskCall, region: string): Promise<Json> {
  const answer = await invoke(ground, caller, invocationOf(task.arguments), region);
  const requestId = ground.uuid();
  const headers = { 'Content-Type': 'application/json', 'x-amzn-RequestId': requestId };
  return {
    ...(answer.executedVersion === undefined ? {} : { ExecutedVersion: answer.executedVersion }),
    ...(answer.statusCode === 200 ? { Payload: answer.payload } : {}),
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: answer.statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: answer.statusCode,
  };
}

function invocationOf(given: Json): Invocation {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw runtime('Arguments must be an object');
  const unknown = Object.keys(given).find((key) => !ARGUMENTS.has(key));
  if (unknown !== undefined) throw runtime(`The field '${unknown}' is not supported by Step Functions`);
  const { FunctionName, Payload, InvocationType, Qualifier } = given;
  if (typeof FunctionName !== 'string') throw runtime("The field 'FunctionName' must be a string");
  return {
    FunctionName,
    Payload,
    InvocationType: InvocationType as Invocation['InvocationType'],
    Qualifier: typeof Qualifier === 'string' ? Qualifier : undefined,
  };
}

const runtime = (reason: string): StateError => new StateError('States.Runtime', reason);

async function invoke(ground: Ground, caller: Caller, { Payload, ...invocation }: Invocation, region: string): Promise<Answer> {
  const payload = Payload === undefined ? undefined : Buffer.from(JSON.stringify(Payload));
  const answer = await ground
    .call(caller, 'lambda', 'Invoke', { ...invocation, Payload: payload }, region)
    .catch((error: unknown) => {
      throw lambdaError(ground, error);
    });
  const written = (await bytesOf(answer.Payload)).toString('utf8');
  if (answer.FunctionError !== undefined) throw functionError(written);
  return {
    payload: written === '' ? null : (JSON.parse(written) as Json),
    executedVersion: answer.ExecutedVersion,
    statusCode: answer.StatusCode ?? 200,
  };
}

/** The function's own error: its type is the name Retry and Catch match, the whole payload is the cause. */
function functionError(written: string): StateError {
  const payload = parsed(written);
  const type = typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? payload['errorType'] : undefined;
  if (typeof type === 'string' && type !== '') return new StateError(type, written);
  return new StateError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${written}`,
  );
}

function parsed(written: string): Json | undefined {
  try {
    return JSON.parse(written) as Json;
  } catch {
    return undefined;
  }
}

/** Lambda refused, or was not reached: `Lambda.<name>`, with the request as its client words it. */
function lambdaError(ground: Ground, error: unknown): unknown {
  if (!(error instanceof AwsError)) return error;
  const name = NAMED.has(error.code) ? error.code : 'AWSLambdaException';
  if (name === 'SdkClientException') return new StateError('Lambda.SdkClientException', error.message);
  return new StateError(`Lambda.${name}`, `${error.message} (${requestOf(ground, 'AWSLambda', error)})`);
}

const STATUS: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  TooManyRequestsException: 429,
};

export const requestOf = (ground: Ground, client: string, { code, status }: AwsError): string =>
  `Service: ${client}; Status Code: ${status ?? STATUS[code] ?? 400}; Error Code: ${code}; Request ID: ${ground.uuid()}; Proxy: null`;
