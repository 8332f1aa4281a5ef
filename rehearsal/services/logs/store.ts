// Log groups, their streams and their events, kept per Region.
import type { MetricTransformation } from '@aws-sdk/client-cloudwatch-logs';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { missingGroup, missingStream } from './refusals.ts';

export type LogsOperations = OperationsOf<Sdks['logs']>;

export interface LogEvent {
  /** Grows by one with each event of the Region; its place in every order. */
  readonly serial: number;
  readonly timestamp: number;
  readonly ingested: number;
  readonly message: string;
}

export interface LogStream {
  readonly name: string;
  readonly arn: string;
  readonly created: number;
  events: LogEvent[];
  bytes: number;
  lastIngested: number | undefined;
}

export interface MetricFilter {
  readonly name: string;
  readonly pattern: string;
  readonly transformations: readonly MetricTransformation[];
  readonly created: number;
}

export interface LogGroup {
  readonly name: string;
  /** Without the `:*` that some answers add. */
  readonly arn: string;
  readonly created: number;
  readonly kmsKeyId: string | undefined;
  retention: number | undefined;
  protected: boolean;
  readonly tags: Map<string, string>;
  readonly streams: Map<string, LogStream>;
  readonly filters: Map<string, MetricFilter>;
}

export interface ResourcePolicyRecord {
  readonly name: string;
  readonly document: string;
  readonly updated: number;
}

export interface Region {
  readonly groups: Map<string, LogGroup>;
  readonly policies: Map<string, ResourcePolicyRecord>;
  serial: number;
}

const DAY = 86_400_000;

export const groupArn = (call: Call, name: string): string => `arn:aws:logs:${call.region}:${call.account}:log-group:${name}`;
export const streamArn = (call: Call, group: string, stream: string): string => `${groupArn(call, group)}:log-stream:${stream}`;

/** A group by its name, or by its ARN where AWS takes an identifier. */
export function groupNameOf(name: string | undefined, identifier?: string): string {
  if (identifier === undefined) return name ?? '';
  return /^arn:aws[a-z-]*:logs:[^:]+:\d{12}:log-group:([^:]+)(:\*)?$/.exec(identifier)?.[1] ?? identifier;
}

export function groupOf(region: Region, name: string): LogGroup {
  const found = region.groups.get(name);
  if (!found) throw missingGroup();
  return found;
}

export function streamOf(group: LogGroup, name: string | undefined, now: number): LogStream {
  const found = group.streams.get(name ?? '');
  if (!found) throw missingStream();
  expire(group, found, now);
  return found;
}

/** What is older than the group's retention is gone. */
export function expire(group: LogGroup, stream: LogStream, now: number): void {
  if (group.retention === undefined) return;
  const oldest = now - group.retention * DAY;
  if (stream.events.every(({ timestamp }) => timestamp >= oldest)) return;
  stream.events = stream.events.filter(({ timestamp }) => timestamp >= oldest);
}
