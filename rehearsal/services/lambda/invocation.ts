// Invoke: who may, what is run, what comes back.
import type { Readable } from 'node:stream';
import { PAYLOAD_LIMIT, type Answer, type Program } from '../../host/program.ts';
import type { Ask, Trace } from '../../iam/ask.ts';
import { bytesOf } from '../bytes.ts';
import { AwsError } from '../error.ts';
import type { Call } from '../service.ts';
import type { createAsynchronous } from './asynchronous.ts';
import type { LambdaFunction, LambdaOperations, Room, Version } from './catalog.ts';
import { enter } from './concurrency.ts';
import { stateOf } from './configuration.ts';
import { askAbout, functionOf, referenceOf, targetOf } from './naming.ts';
import { policyDocumentOf } from './permissions.ts';
import { conflict, constraint, notImitated, throttled } from './refusals.ts';
import { counted } from './telemetry.ts';

const EVENT_LIMIT = 1_048_576;
const CLIENT_CONTEXT_LIMIT = 3_583;

export interface Order {
  readonly fn: LambdaFunction;
  readonly version: Version;
  readonly requestId: string;
  readonly invokedArn: string;
  /** JSON text. */
  readonly event: string;
  readonly clientContext?: unknown;
  readonly trace?: Trace | undefined;
}

/** While an update is in progress, what was there before still serves. */
const servingAt = (version: Version, now: number): Version =>
  version.before && now < version.updatedAt ? version.before : version;

export function programOf(fn: LambdaFunction, version: Version): Program {
  const { settings, code } = version;
  const { role, handler, runtime, memorySize, timeout, variables = {}, logging } = settings;
  return {
    functionArn: fn.arn,
    name: fn.name,
    version: version.number,
    region: fn.region,
    role,
    handler,
    runtime,
    memorySize,
    timeout,
    variables,
    logging,
    zip: code.zip,
    sha256: code.sha256,
    revision: version.revisionId,
    inNetwork: version.settings.subnets.length > 0,
  };
}

/** Runs one order to its answer, with what is to go wrong with it, and counts it. */
export const perform = (room: Room, order: Order): Promise<Answer> => counted(room.ground, order, () => carryOut(room, order));

async function carryOut(room: Room, order: Order): Promise<Answer> {
  const { ground, host } = room;
  const { fn, requestId, invokedArn, event, clientContext, trace } = order;
  const fault = ground.faultOfInvocation({ ...trace, functionName: fn.name });
  if (fault?.kind === 'refused') {
    if (fault.error === 'ServiceException')
      throw new AwsError('ServiceException', 'An error occurred and the request cannot be processed.', { status: 500 });
    throw throttled('ConcurrentInvocationLimitExceeded');
  }
  if (fault?.kind === 'slow') await ground.timeline.wait(fault.milliseconds);
  const leave = enter(room, fn);
  const program = programOf(fn, servingAt(order.version, ground.timeline.now()));
  const invocation = { requestId, invokedArn, event, clientContext, trace };
  try {
    if (fault?.kind === 'duplicate') await host.invoke(program, invocation);
    return await host.invoke(program, { ...invocation, stillborn: fault?.kind === 'killed' });
  } catch (error) {
    if (error instanceof AwsError && error.code.startsWith('AccessDenied')) {
      throw new AwsError('AccessDeniedException', 'The role defined for the function cannot be assumed by Lambda.', {
        status: 403,
      });
    }
    throw error;
  } finally {
    leave();
  }
}

export function invocationOperations(room: Room, asynchronous: ReturnType<typeof createAsynchronous>): LambdaOperations {
  const { ground } = room;
  return {
    Invoke: {
      asks({ FunctionName, Qualifier }, call): Ask[] {
        const reference = referenceOf(call, FunctionName, Qualifier);
        const fn = room.region(call.region).get(reference.name);
        const resourcePolicy = fn && policyDocumentOf(fn, reference.qualifier);
        const context = { 'lambda:FunctionArn': reference.qualifiedArn };
        return [{ ...askAbout(room, call, 'InvokeFunction', reference.qualifiedArn, context), resourcePolicy }];
      },
      async run(input, call) {
        const { InvocationType = 'RequestResponse' } = input;
        const order = await orderOf(room, call, input);
        const { version } = order;
        if (InvocationType === 'DryRun') return { StatusCode: 204, ExecutedVersion: version.number };
        if (InvocationType === 'Event') {
          asynchronous.accept(order, referenceOf(call, input.FunctionName, input.Qualifier).qualifier);
          return { StatusCode: 202 };
        }
        const answer = await perform(room, order);
        return {
          StatusCode: 200,
          ExecutedVersion: version.number,
          ...(answer.failed && { FunctionError: 'Unhandled' }),
          ...(input.LogType === 'Tail' && { LogResult: answer.logTail.toString('base64') }),
          Payload: Buffer.from(answer.payload),
        };
      },
    },
  };

  async function orderOf(
    of: Room,
    call: Call,
    input: Parameters<NonNullable<LambdaOperations['Invoke']>['run']>[0],
  ): Promise<Order> {
    const { InvocationType = 'RequestResponse', LogType, ClientContext } = input;
    if (!['RequestResponse', 'Event', 'DryRun'].includes(InvocationType)) {
      throw constraint(InvocationType, 'invocationType', 'Member must satisfy enum value set: [Event, RequestResponse, DryRun]');
    }
    if (LogType !== undefined && !['Tail', 'None'].includes(LogType)) {
      throw constraint(LogType, 'logType', 'Member must satisfy enum value set: [Tail, None]');
    }
    if (input.TenantId !== undefined) throw notImitated('TenantId');
    if (input.DurableExecutionName !== undefined) throw notImitated('DurableExecutionName');
    const reference = referenceOf(call, input.FunctionName, input.Qualifier);
    const fn = functionOf(of, call, reference);
    const { version } = targetOf(fn, reference.qualifier, ground.random);
    if (stateOf(version, call.at) === 'Pending') {
      throw conflict('The operation cannot be performed at this time. The function is currently in the following state: Pending');
    }
    return {
      fn,
      version,
      requestId: ground.uuid(),
      invokedArn: reference.qualifiedArn,
      event: await eventOf(input.Payload, InvocationType === 'Event' ? EVENT_LIMIT : PAYLOAD_LIMIT),
      clientContext: clientContextOf(ClientContext),
      trace: call.caller.kind === 'role' ? call.caller.trace : undefined,
    };
  }
}

async function eventOf(payload: Uint8Array | Readable | undefined, limit: number): Promise<string> {
  const bytes = await bytesOf(payload);
  if (bytes.length > limit) {
    throw new AwsError(
      'RequestTooLargeException',
      `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
      {
        status: 413,
        fields: { Type: 'User' },
      },
    );
  }
  const text = bytes.toString('utf8');
  if (text.trim() === '') return '{}';
  try {
    JSON.parse(text);
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: Could not parse payload into json: ${error instanceof Error ? error.message : ''}`,
      { fields: { Type: 'User' } },
    );
  }
  return text;
}

function clientContextOf(written: string | undefined): unknown {
  if (written === undefined) return undefined;
  const refusal = new AwsError('InvalidRequestContentException', 'Client context must be a valid Base64-encoded JSON object.');
  if (written.length > CLIENT_CONTEXT_LIMIT) throw refusal;
  try {
    return JSON.parse(Buffer.from(written, 'base64').toString('utf8')) as unknown;
  } catch {
    throw refusal;
  }
}
