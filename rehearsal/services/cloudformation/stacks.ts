// The stacks and change sets of one Region, and how a caller finds them.
import type { ChangeSetStatus, ChangeSetType, ExecutionStatus } from '@aws-sdk/client-cloudformation';
import type { Blueprint } from '../../stack/blueprint.ts';
import type { Change } from '../../stack/changes.ts';
import type { OnFailure } from '../../stack/creation.ts';
import type { Intent, StackRecord } from '../../stack/record.ts';
import { invalid } from '../../stack/values.ts';

/** What a caller asked for, read and found good. */
export interface Prepared {
  readonly intent: Intent;
  readonly blueprint: Blueprint;
  /** Exports of other stacks it uses; grows while it is evaluated. */
  readonly imports: Set<string>;
}

export interface ChangeSetRecord {
  readonly id: string;
  readonly name: string;
  readonly stack: StackRecord;
  readonly type: ChangeSetType;
  readonly description: string | undefined;
  readonly createdAt: number;
  readonly status: ChangeSetStatus;
  readonly reason: string | undefined;
  readonly changes: readonly Change[];
  readonly prepared: Prepared;
  readonly onFailure: OnFailure;
  executionStatus: ExecutionStatus;
}

export interface Room {
  readonly region: string;
  readonly stacks: Map<string, StackRecord>;
  readonly changeSets: Map<string, ChangeSetRecord>;
}

const NAME = /^[a-zA-Z][-a-zA-Z0-9]*$/;

export function checkStackName(name: string): void {
  if (!NAME.test(name))
    throw constraint(name, 'stackName', 'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*');
  if (name.length > 128) throw constraint(name, 'stackName', 'Member must have length less than or equal to 128');
}

export const constraint = (value: string, member: string, rule: string): Error =>
  invalid(`1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`);

/** By id also after its deletion, by name only while it stands. */
export function findStack(room: Room, nameOrId: string): StackRecord | undefined {
  const byId = room.stacks.get(nameOrId);
  if (byId) return byId;
  return [...room.stacks.values()].find(({ name, status }) => name === nameOrId && status !== 'DELETE_COMPLETE');
}

export function stackOf(
  room: Room,
  nameOrId: string | undefined,
  message = (id: string) => `Stack with id ${id} does not exist`,
): StackRecord {
  const found = findStack(room, nameOrId ?? '');
  if (!found) throw invalid(message(nameOrId ?? ''));
  return found;
}

/** A stack that nobody knows of yet. */
export const newStack = (name: string, about: Pick<StackRecord, 'id' | 'region' | 'account' | 'createdAt'>): StackRecord => ({
  ...about,
  name,
  intent: undefined,
  status: 'REVIEW_IN_PROGRESS',
  reason: undefined,
  updatedAt: undefined,
  deletedAt: undefined,
  outputs: [],
  imports: new Set(),
  disableRollback: false,
  terminationProtection: false,
  changeSetId: undefined,
  tokens: new Set(),
  resources: new Map(),
  events: [],
});
