// What a service stands on: time, chance, the account, and the door to the other services.
import type { Ask, Caller, Trace } from '../iam/ask.ts';
import type { Timeline } from '../time/timeline.ts';
import type { InputOf, OperationName, OutputOf, ServiceId, Sdks } from './service.ts';

export interface Ground {
  readonly timeline: Timeline;
  readonly account: string;
  /** The Region a request without one is taken to be in. */
  readonly region: string;
  /** `http://127.0.0.1:<port>` of the wire. */
  endpoint(): string;
  /** Between 0 and 1, from the cloud's seed. */
  random(): number;
  /** A UUID from the cloud's seed. */
  uuid(): string;
  /** Letters and digits from the cloud's seed. */
  token(length: number, alphabet?: string): string;
  /** A folder of this cloud's own, removed when it stops. */
  folder(name: string): string;

  /** One service calling another as AWS does inside: through the same IAM and the same faults as the wire. */
  call<Id extends ServiceId, Op extends OperationName<Sdks[Id]>>(
    caller: Caller,
    service: Id,
    operation: Op,
    input: InputOf<Sdks[Id], Op>,
    region?: string,
  ): Promise<OutputOf<Sdks[Id], Op>>;

  /** The role as its trusted service (`states.amazonaws.com`) wears it; throws when the trust policy does not allow it. */
  assume(roleArn: string, service: string, session: string, trace?: Trace): Extract<Caller, { kind: 'role' }>;
  /** Whether this caller may, for permissions AWS checks without an operation of its own (`logs:CreateLogDelivery`). */
  allows(caller: Caller, ask: Ask, region?: string): boolean;
  /** Keys for a process that calls through the wire; `who` is asked at every call, so one host can serve many invocations. */
  issueKeys(who: () => Caller): Keys;
  revokeKeys(accessKeyId: string): void;
  /** Says where on this machine a public origin is served: `https://x.lambda-url.eu-west-1.on.aws` at `http://127.0.0.1:40123`. */
  publish(publicOrigin: string, loopbackOrigin: string): void;
  unpublish(publicOrigin: string): void;
  /** Public origin to loopback origin, as it stands. */
  published(): ReadonlyMap<string, string>;
  /** What should go wrong with this Lambda invocation, if anything; asking uses the fault up. */
  faultOfInvocation(trace: Trace): InvocationFault | undefined;

  /** An event on the default bus, as AWS services emit them: EventBridge listens. */
  emit(event: BusEvent): void;
  /** EventBridge's ear. */
  onEmit(listener: (event: BusEvent) => void): void;
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export type InvocationFault =
  /** The process dies before the handler's first line. */
  | { readonly kind: 'killed' }
  /** The event is delivered twice, one after the other; the caller sees the second answer. */
  | { readonly kind: 'duplicate' }
  /** The handler starts only after this much timeline. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Lambda answers the invoker with this error, and nothing ran. */
  | { readonly kind: 'refused'; readonly error: 'TooManyRequestsException' | 'ServiceException' };

export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}
