// The functions that stand: what each is made of, kept per Region.
import type { Cors, DestinationConfig, Architecture, TracingMode } from '@aws-sdk/client-lambda';
import type { Server } from 'node:http';
import type { Host } from '../../host/host.ts';
import type { Logging } from '../../host/program.ts';
import type { PolicyStatement } from '../../iam/ask.ts';
import type { Ground } from '../ground.ts';
import type { OperationsOf, Sdks } from '../service.ts';

export type LambdaOperations = OperationsOf<Sdks['lambda']>;

export interface Settings {
  readonly role: string;
  readonly handler: string;
  readonly runtime: string;
  readonly description: string;
  readonly timeout: number;
  readonly memorySize: number;
  readonly variables: Readonly<Record<string, string>> | undefined;
  readonly kmsKeyArn: string | undefined;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly tracing: TracingMode;
  readonly storage: number;
  readonly deadLetter: string | undefined;
  readonly logging: Logging;
}

export interface Code {
  readonly zip: Buffer;
  /** Base64. */
  readonly sha256: string;
  readonly architecture: Architecture;
}

/** $LATEST, or one published version. */
export interface Version {
  readonly number: string;
  readonly settings: Settings;
  readonly code: Code;
  readonly modified: number;
  readonly revisionId: string;
  /** Pending until this instant. */
  readonly activeAt: number;
  /** The last update is in progress until this instant, and the version before it still serves. */
  readonly updatedAt: number;
  readonly before?: Version | undefined;
}

export interface Alias {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly weights: Readonly<Record<string, number>>;
  readonly revisionId: string;
}

export interface FunctionPolicy {
  readonly statements: readonly (PolicyStatement & { readonly Sid: string })[];
  readonly revisionId: string;
}

export interface EventConfig {
  readonly modified: number;
  readonly attempts: number | undefined;
  readonly age: number | undefined;
  readonly destinations: DestinationConfig;
}

export interface FunctionUrl {
  readonly id: string;
  readonly qualifier: string;
  readonly created: number;
  readonly modified: number;
  readonly cors: Cors | undefined;
  readonly server: Server;
}

export interface LambdaFunction {
  readonly name: string;
  readonly region: string;
  readonly arn: string;
  latest: Version;
  readonly versions: Map<string, Version>;
  published: number;
  readonly aliases: Map<string, Alias>;
  readonly tags: Map<string, string>;
  /** By qualifier; '' is the unqualified function. */
  readonly policies: Map<string, FunctionPolicy>;
  readonly urls: Map<string, FunctionUrl>;
  readonly eventConfigs: Map<string, EventConfig>;
  reserved: number | undefined;
  /** Invocations under way. */
  running: number;
}

export interface Room {
  readonly ground: Ground;
  readonly host: Host;
  readonly region: (region: string) => Map<string, LambdaFunction>;
}
