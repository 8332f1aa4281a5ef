// What a service stands on: time, chance, the account, and the door to the other services.
import type { Caller } from '../iam/ask.ts';
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
  assume(roleArn: string, service: string, session: string, source?: { arn: string }): Caller;

  /** An event on the default bus, as AWS services emit them: EventBridge listens. */
  emit(event: BusEvent): void;
  /** EventBridge's ear. */
  onEmit(listener: (event: BusEvent) => void): void;
}

export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}
