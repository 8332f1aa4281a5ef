// A stack as it stands: what was asked of it, what it made, and everything that happened.
import type { ResourceStatus, StackStatus } from '@aws-sdk/client-cloudformation';
import type { Standing, Tag } from './resources/resource.ts';
import type { Parameters } from './parameters.ts';
import type { Retention, Template } from './template.ts';
import type { Json } from './values.ts';

export interface ResourceRecord {
  readonly id: string;
  readonly type: string;
  /** Nothing when it never stood, or stands no longer. */
  readonly standing: Standing | undefined;
  /** After every function, before dynamic references. */
  readonly properties: Json;
  readonly needs: ReadonlySet<string>;
  readonly deletionPolicy: Retention | undefined;
  readonly updateReplacePolicy: Retention | undefined;
  readonly metadata: Json | undefined;
  readonly status: ResourceStatus;
  readonly reason: string | undefined;
  readonly at: number;
}

export interface EventRecord {
  readonly id: string;
  readonly at: number;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly reason: string | undefined;
  readonly token: string | undefined;
}

export interface OutputRecord {
  readonly name: string;
  readonly value: string;
  readonly description: string | undefined;
  readonly exportName: string | undefined;
}

/** What a caller asked the stack to be; replaced as a whole when an update has succeeded. */
export interface Intent {
  readonly template: Template;
  readonly parameters: Parameters;
  readonly capabilities: readonly string[];
  readonly tags: readonly Tag[];
  readonly roleArn: string | undefined;
}

export interface StackRecord {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly createdAt: number;
  /** A stack that only a change set knows has none. */
  intent: Intent | undefined;
  status: StackStatus;
  reason: string | undefined;
  updatedAt: number | undefined;
  deletedAt: number | undefined;
  outputs: readonly OutputRecord[];
  imports: ReadonlySet<string>;
  disableRollback: boolean;
  terminationProtection: boolean;
  changeSetId: string | undefined;
  readonly tokens: Set<string>;
  readonly resources: Map<string, ResourceRecord>;
  /** Oldest first. */
  readonly events: EventRecord[];
}

export const liveResources = (stack: StackRecord): (ResourceRecord & { standing: Standing })[] =>
  [...stack.resources.values()].filter((one): one is ResourceRecord & { standing: Standing } => one.standing !== undefined);

export const isBusy = ({ status }: StackRecord): boolean => status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
