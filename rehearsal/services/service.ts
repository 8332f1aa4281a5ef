// What a service of the embedded cloud is: operations typed by the SDK's own input and output types, each saying what IAM
// must be asked before it runs.
import type { Readable } from 'node:stream';
import type { Ask, Caller } from '../iam/ask.ts';

/** The SDK client modules whose exported schemas are the wire; the key is the credential scope, and IAM's prefix. */
export interface Sdks {
  states: typeof import('@aws-sdk/client-sfn');
  lambda: typeof import('@aws-sdk/client-lambda');
  s3: typeof import('@aws-sdk/client-s3');
  iam: typeof import('@aws-sdk/client-iam');
  sts: typeof import('@aws-sdk/client-sts');
  kms: typeof import('@aws-sdk/client-kms');
  monitoring: typeof import('@aws-sdk/client-cloudwatch');
  logs: typeof import('@aws-sdk/client-cloudwatch-logs');
  events: typeof import('@aws-sdk/client-eventbridge');
  sns: typeof import('@aws-sdk/client-sns');
  secretsmanager: typeof import('@aws-sdk/client-secrets-manager');
  ssm: typeof import('@aws-sdk/client-ssm');
  cloudformation: typeof import('@aws-sdk/client-cloudformation');
  elasticloadbalancing: typeof import('@aws-sdk/client-elastic-load-balancing-v2');
  acm: typeof import('@aws-sdk/client-acm');
  cloudfront: typeof import('@aws-sdk/client-cloudfront');
  rds: typeof import('@aws-sdk/client-rds');
  route53: typeof import('@aws-sdk/client-route-53');
}
export type ServiceId = keyof Sdks;

type CommandOf<Sdk, Op extends string> = Sdk[Extract<keyof Sdk, `${Op}Command`>];
type Handled<C> = C extends new (...args: never) => {
  readonly input: infer I;
  resolveMiddleware(...rest: never): (args: never) => Promise<{ output: infer O }>;
}
  ? { input: I; output: O }
  : never;

/** A streaming member travels as bytes or as a Node stream; the SDK's mixed-in stream types are the client's business. */
type Plain<T> = { [K in keyof T]: K extends 'Body' | 'Payload' ? Uint8Array | Readable | undefined : T[K] };

export type OperationName<Sdk> = keyof { [K in keyof Sdk as K extends `${infer Op}Command` ? Op : never]: true } & string;
export type InputOf<Sdk, Op extends string> = Plain<Handled<CommandOf<Sdk, Op>>['input']>;
export type OutputOf<Sdk, Op extends string> = Plain<Omit<Handled<CommandOf<Sdk, Op>>['output'], '$metadata'>>;

/** One request as a service sees it, after the wire and before the effect. */
export interface Call {
  readonly service: ServiceId;
  readonly operation: string;
  readonly region: string;
  readonly account: string;
  readonly caller: Caller;
  readonly requestId: string;
  /** Instant of the timeline, milliseconds since 1970. */
  readonly at: number;
  /** Whether the caller may also do this: for answers that depend on a second permission (S3's missing key). */
  allows(ask: Ask): boolean;
  /** Throws AccessDenied in the service's own form unless the caller may also do this. */
  require(ask: Ask): void;
}

export interface Operation<I, O> {
  /** What IAM judges before `run`. An operation AWS asks nothing for (sts:GetCallerIdentity) returns []. */
  asks(input: I, call: Call): Ask[];
  run(input: I, call: Call): Promise<O> | O;
}

export type OperationsOf<Sdk> = { readonly [Op in OperationName<Sdk>]?: Operation<InputOf<Sdk, Op>, OutputOf<Sdk, Op>> };

export interface Service<Id extends ServiceId = ServiceId> {
  readonly id: Id;
  readonly operations: OperationsOf<Sdks[Id]>;
  /** Every resource that stands, by ARN or name: a reset cloud must list what a fresh one lists. */
  inventory(): Record<string, unknown>;
  /** Ends what the service runs (child processes, listeners, timers). */
  stop?(): Promise<void> | void;
}

/** Keeps one state per Region, made at first use. */
export function perRegion<T>(make: (region: string) => T): ((region: string) => T) & { all(): [string, T][] } {
  const states = new Map<string, T>();
  const of = (region: string): T => {
    const known = states.get(region);
    if (known !== undefined) return known;
    const made = make(region);
    states.set(region, made);
    return made;
  };
  return Object.assign(of, { all: () => [...states] });
}
