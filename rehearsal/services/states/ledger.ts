// What Step Functions remembers in one Region: machines, their revisions, versions and aliases, and executions.
import type { CreateStateMachineInput, ExecutionStatus, RoutingConfigurationListItem } from '@aws-sdk/client-sfn';
import type { Machine as LoadedMachine } from '../../states/definition.ts';
import type { Run } from '../../states/run.ts';
import type { HistoryEvent } from '../../states/world.ts';
import { AwsError } from '../error.ts';
import { pointerOf, type Pointer } from './naming.ts';

/** What an update replaces as a whole, and a version freezes. */
export interface Revision {
  /** `INITIAL` until the first update. */
  readonly id: string;
  readonly madeAt: number;
  readonly definition: string;
  readonly loaded: LoadedMachine;
  readonly roleArn: string;
  readonly logging: NonNullable<CreateStateMachineInput['loggingConfiguration']>;
  readonly tracing: boolean;
  readonly encryption: NonNullable<CreateStateMachineInput['encryptionConfiguration']>;
  readonly dataKey: Uint8Array | undefined;
}
export interface Version {
  readonly number: number;
  readonly arn: string;
  readonly revision: Revision;
  readonly description: string | undefined;
  readonly createdAt: number;
}
export interface Alias {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  updatedAt: number;
  description: string | undefined;
  routes: readonly RoutingConfigurationListItem[];
}
export interface Machine {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly createdAt: number;
  status: 'ACTIVE' | 'DELETING';
  revision: Revision;
  readonly versions: Version[];
  readonly aliases: Map<string, Alias>;
  readonly tags: Map<string, string>;
  nextVersion: number;
  /** Stream of the log group, made when logging is first used. */
  logStream: string | undefined;
  /** Whether the role could use the key, and until when that is believed. */
  keyGoodUntil: number;
}
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  readonly revision: Revision;
  readonly versionArn: string | undefined;
  readonly aliasArn: string | undefined;
  readonly input: string;
  readonly startedAt: number;
  status: ExecutionStatus;
  stoppedAt: number | undefined;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  redriveCount: number;
  redrivenAt: number | undefined;
  readonly redriveTokens: Set<string>;
  readonly history: HistoryEvent[];
  run: Run | undefined;
  /** Called when it ends: the parent that waits for it, the machine that is being deleted. */
  readonly endings: (() => void)[];
}

export interface Ledger {
  readonly machines: Map<string, Machine>;
  readonly executions: Map<string, Execution>;
}

export const newLedger = (): Ledger => ({ machines: new Map(), executions: new Map() });

export const absentMachine = (arn: string): AwsError =>
  new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);

export const absentResource = (arn: string): AwsError =>
  new AwsError('ResourceNotFound', `Resource not found: '${arn}'`, { fields: { resourceName: arn } });

/** The machine an ARN with or without qualifier belongs to. */
export function machineAt(ledger: Ledger, pointer: Pointer): Machine {
  const machine = ledger.machines.get(pointer.machineArn);
  if (machine === undefined) throw absentMachine(pointer.arn);
  return machine;
}

export function executionAt(ledger: Ledger, arn: string): Execution {
  const pointer = pointerOf(arn, 'execution');
  const execution = ledger.executions.get(pointer.arn);
  if (execution === undefined) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  return execution;
}

export const refuseDeleting = (machine: Machine): void => {
  if (machine.status === 'DELETING') {
    throw new AwsError('StateMachineDeleting', `State Machine is being deleted: '${machine.arn}'`);
  }
};

/** Executions of a machine that have not ended. */
const runningOf = (ledger: Ledger, machine: Machine): Execution[] =>
  [...ledger.executions.values()].filter((e) => e.machine === machine && e.status === 'RUNNING');

/** A machine being deleted goes when its last execution has ended. */
export function buryIfDone(ledger: Ledger, machine: Machine): void {
  if (machine.status === 'DELETING' && runningOf(ledger, machine).length === 0) ledger.machines.delete(machine.arn);
}
