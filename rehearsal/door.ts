// Every call goes through here, from the wire or from inside: what is not imitated, what IAM says, what is to go wrong.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Caller } from './iam/ask.ts';
import type { Judge } from './iam/contract.ts';
import type { Fault, Faults } from './faults/faults.ts';
import { AwsError, notImitated } from './services/error.ts';
import type { Services } from './services/registry.ts';
import type { Call, Operation, ServiceId } from './services/service.ts';
import type { Timeline } from './time/timeline.ts';
import { schemaOf } from './wire/schemas.ts';
import { ConnectionLost, type WireCall } from './wire/server.ts';

export interface DoorOptions {
  readonly account: string;
  readonly timeline: Timeline;
  readonly judge: Judge;
  readonly faults: Faults;
  readonly services: Services;
  /** Told of every call that took effect, also where its answer is lost. */
  readonly tell: (done: Done) => void;
}

export interface Done {
  readonly operation: string;
  readonly caller: Caller;
}

/** A refusal that was given to a role. `silent` when whoever asked goes on as if nothing was: Lambda's own log lines. */
export interface Denial {
  readonly message: string;
  readonly caller: Caller;
  readonly silent: boolean;
}

type AnyOperation = Operation<Record<string, unknown>, object>;

export function createDoor({ account, timeline, judge, faults, services, tell }: DoorOptions) {
  const staleAnswers = new Map<string, object>();
  const denials: Denial[] = [];

  const refusal = (service: ServiceId, message: string): AwsError => {
    if (service === 'sns') return new AwsError('AuthorizationErrorException', message, { status: 403 });
    const { protocol } = schemaOf(service);
    const json = protocol === 'json' || protocol === 'restJson';
    return new AwsError(json ? 'AccessDeniedException' : 'AccessDenied', message, {
      status: json && service !== 'lambda' ? 400 : 403,
    });
  };

  function sceneOf({ service, operation, caller, region, requestId }: WireCall): Call {
    const at = timeline.now();
    const verdict: Call['allows'] = (ask) => judge.judge(caller, ask, { at, region }).allowed;
    const require: Call['require'] = (ask) => {
      const { allowed, message } = judge.judge(caller, ask, { at, region });
      if (allowed) return;
      if (caller.kind !== 'operator') denials.push({ message, caller, silent: service === 'logs' });
      throw refusal(service, message);
    };
    return { service, operation, region, account, caller, requestId, at, allows: verdict, require };
  }

  async function before(struck: readonly Fault[], call: WireCall): Promise<void> {
    for (const fault of struck) {
      if (fault.kind === 'slow') await timeline.wait(fault.milliseconds ?? 5_000);
      if (fault.kind === 'throttled') throw throttled(call.service);
      if (fault.kind === 'server-error') throw serverError(call.service);
      if (fault.kind === 'denied') throw refusal(call.service, deniedMessage(call));
      if (fault.kind === 'killed-before') await kill(call.caller);
      if (fault.kind === 'killed-before' || fault.kind === 'lost-before') throw new ConnectionLost();
    }
  }

  async function after(struck: readonly Fault[], call: WireCall): Promise<void> {
    for (const fault of struck) {
      if (fault.kind === 'killed-after') await kill(call.caller);
      if (fault.kind === 'killed-after' || fault.kind === 'lost-after') throw new ConnectionLost();
    }
  }

  async function kill(caller: Caller): Promise<void> {
    const invocation = caller.kind === 'role' ? caller.trace?.invocation : undefined;
    if (invocation !== undefined) await services.lambda.kill(invocation);
  }

  /** Keeps the first answer to a question that may be asked again, in a form that can be given twice. */
  async function remember(question: string, answer: object): Promise<void> {
    if (staleAnswers.has(question)) return;
    if ('Body' in answer && answer.Body instanceof Readable) answer.Body = await buffer(answer.Body);
    staleAnswers.set(question, answer);
  }

  async function handle(call: WireCall): Promise<object> {
    const operation = (services[call.service].operations as Record<string, AnyOperation | undefined>)[call.operation];
    if (!operation) throw notImplemented(call);
    const name = `${call.service}:${call.operation}`;
    const question = faults.mayBeStale(name) ? `${name} ${JSON.stringify(call.input)}` : undefined;
    const earlier = question === undefined ? undefined : staleAnswers.get(question);
    const struck = faults.ofCall({ operation: name, caller: call.caller, asked: earlier !== undefined });
    await before(struck, call);
    const scene = sceneOf(call);
    for (const ask of operation.asks(call.input, scene)) scene.require(ask);
    const output = await operation.run(call.input, scene);
    tell({ operation: name, caller: call.caller });
    await after(struck, call);
    if (question !== undefined) await remember(question, output);
    return earlier && struck.some(({ kind }) => kind === 'stale') ? earlier : output;
  }
  /** A call that comes over the network; what one service asks of another does not. */
  async function receive(call: WireCall): Promise<object> {
    if (isBeyondReach(call)) throw new ConnectionLost();
    return handle(call);
  }
  return { handle, receive, denials: (): readonly Denial[] => denials };
}

/** A network without a way to the internet has endpoints for what its functions need, and for nothing else: a call goes nowhere. */
const ENDPOINTS: readonly ServiceId[] = ['s3', 'secretsmanager'];
const isBeyondReach = ({ service, caller }: WireCall): boolean =>
  // A function's log lines are Lambda's own doing, outside that network.
  caller.kind === 'role' && caller.trace?.inNetwork === true && service !== 'logs' && !ENDPOINTS.includes(service);

const notImplemented = ({ service, operation }: WireCall): AwsError =>
  notImitated(`${service}:${operation}; docs/rehearsal-fidelity.md lists what it does`);

function throttled(service: ServiceId): AwsError {
  if (service === 's3') return new AwsError('SlowDown', 'Please reduce your request rate.', { status: 503 });
  if (['query', 'restXml'].includes(schemaOf(service).protocol))
    return new AwsError('Throttling', 'Rate exceeded', { status: 400 });
  const code = service === 'lambda' ? 'TooManyRequestsException' : 'ThrottlingException';
  return new AwsError(code, 'Rate exceeded', { status: service === 'lambda' ? 429 : 400 });
}

function serverError(service: ServiceId): AwsError {
  if (service === 's3')
    return new AwsError('InternalError', 'We encountered an internal error. Please try again.', { status: 500 });
  return new AwsError(
    service === 'lambda' ? 'ServiceException' : 'InternalFailure',
    'The request processing has failed because of an unknown error, exception or failure.',
    { status: 500 },
  );
}

function deniedMessage({ service, operation, caller }: WireCall): string {
  const who = caller.kind === 'operator' || caller.kind === 'role' ? caller.arn : caller.kind;
  const action = `${service === 'monitoring' ? 'cloudwatch' : service}:${operation}`;
  return `User: ${who} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
}
