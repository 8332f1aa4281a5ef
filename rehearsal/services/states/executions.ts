// Executions: started, stopped, taken up again, described and listed.
import { MAX_PAYLOAD_BYTES } from '../../states/limits.ts';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { aliasAt, routeOf } from './aliases.ts';
import { encryptFor, readWithKey } from './encryption.ts';
import type { Engine } from './engine.ts';
import { absentMachine, executionAt, machineAt, refuseDeleting, type Execution, type Ledger } from './ledger.ts';
import { askMachine, checkName, constraint, executionArnOf, isVersion, pointerOf, validation } from './naming.ts';
import { pageOf } from './page.ts';
import { redriveStatusOf } from './redrive.ts';
import type { Scene, StatesOperations } from './scene.ts';
import { versionAt } from './versions.ts';

/** A closed execution's name is free again after this, and its history is gone. */
const RETENTION = 90 * 24 * 3600 * 1000;
const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'];

type Target = Pick<Execution, 'machine' | 'revision' | 'versionArn' | 'aliasArn'>;

export function executionOperations(scene: Scene, engine: Engine): StatesOperations {
  const { ground, ledgerOf } = scene;
  const ledgerAt = (call: Call): Ledger => {
    const ledger = ledgerOf(call.region);
    forget(ledger, call.at);
    return ledger;
  };

  return {
    StartExecution: {
      asks: (input) => [askMachine('states:StartExecution', input.stateMachineArn)],
      async run(input, call) {
        const ledger = ledgerAt(call);
        const target = targetOf(ledger, input.stateMachineArn ?? '', ground);
        const text = input.input ?? '{}';
        checkInput(text);
        if (input.name !== undefined) checkName(input.name);
        await encryptFor(ground, target);
        const name = input.name ?? ground.uuid();
        const arn = executionArnOf(target.machine.arn, name);
        const known = ledger.executions.get(arn);
        if (known?.status === 'RUNNING' && known.input === text) {
          return { executionArn: arn, startDate: new Date(known.startedAt) };
        }
        if (known) throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
        const execution = newExecution(target, name, arn, text, call.at);
        ledger.executions.set(arn, execution);
        engine.begin(execution);
        return { executionArn: arn, startDate: new Date(call.at) };
      },
    },
    StopExecution: {
      asks: (input) => [{ action: 'states:StopExecution', resource: input.executionArn ?? '' }],
      async run(input, call) {
        const execution = executionAt(ledgerAt(call), input.executionArn ?? '');
        const { error, cause } = input;
        if ((error?.length ?? 0) > 256) throw constraint(error, 'error', 'have length less than or equal to 256');
        if ((cause?.length ?? 0) > 32_768) throw constraint('(too long)', 'cause', 'have length less than or equal to 32768');
        if (execution.status === 'RUNNING') {
          // With nothing to write, nothing is encrypted, and the key is not needed.
          if (error !== undefined || cause !== undefined) await encryptFor(ground, execution);
          engine.stop(execution, error, cause);
        }
        return { stopDate: new Date(execution.stoppedAt ?? call.at) };
      },
    },
    RedriveExecution: {
      asks: (input) => [{ action: 'states:RedriveExecution', resource: input.executionArn ?? '' }],
      async run(input, call) {
        const execution = executionAt(ledgerAt(call), input.executionArn ?? '');
        const { clientToken } = input;
        if (clientToken !== undefined && execution.redriveTokens.has(clientToken) && execution.redrivenAt !== undefined) {
          return { redriveDate: new Date(execution.redrivenAt) };
        }
        await encryptFor(ground, execution);
        const { redriveStatusReason } = redriveStatusOf(execution, call.at);
        if (redriveStatusReason !== undefined) throw new AwsError('ExecutionNotRedrivable', redriveStatusReason);
        if (clientToken !== undefined) execution.redriveTokens.add(clientToken);
        engine.redrive(execution, call.at);
        return { redriveDate: new Date(call.at) };
      },
    },
    DescribeExecution: {
      asks: (input) => [{ action: 'states:DescribeExecution', resource: input.executionArn ?? '' }],
      async run(input, call) {
        const execution = executionAt(ledgerAt(call), input.executionArn ?? '');
        const whole = input.includedData !== 'METADATA_ONLY';
        if (whole) await readWithKey(ground, call, execution.machine, execution.revision);
        return describe(execution, whole, call.at);
      },
    },
    ListExecutions: {
      asks: (input) => [askMachine('states:ListExecutions', input.stateMachineArn)],
      run(input, call) {
        if (input.mapRunArn !== undefined) throw new AwsError('ResourceNotFound', `Resource not found: '${input.mapRunArn}'`);
        if (input.stateMachineArn === undefined) throw validation('Either stateMachineArn or mapRunArn must be specified');
        const { statusFilter: status, redriveFilter } = input;
        if (status !== undefined && !STATUSES.includes(status)) {
          throw constraint(status, 'statusFilter', `satisfy enum value set: [${STATUSES.join(', ')}]`);
        }
        const ledger = ledgerAt(call);
        const pointer = pointerOf(input.stateMachineArn, 'stateMachine');
        const machine = machineAt(ledger, pointer);
        const asked = [...ledger.executions.values()]
          .filter((e) => e.machine === machine && belongs(e, pointer.arn) && (status === undefined || e.status === status))
          .filter((e) => redriveFilter === undefined || (redriveFilter === 'REDRIVEN') === e.redriveCount > 0)
          .reverse();
        const question = ['executions', pointer.arn, status, redriveFilter];
        const page = pageOf(asked, input, question, (e) => e.arn);
        return { executions: page.items.map(listed), nextToken: page.next };
      },
    },
    ListMapRuns: {
      asks: (input) => [{ action: 'states:ListMapRuns', resource: input.executionArn ?? '' }],
      run(input, call) {
        // A distributed Map is refused when the machine is loaded, so no execution ever has a Map Run.
        executionAt(ledgerAt(call), input.executionArn ?? '');
        return { mapRuns: [] };
      },
    },
  };
}

/** Machine, version or alias: what an execution started with this ARN runs. */
function targetOf(ledger: Ledger, arn: string, ground: Ground): Target {
  const pointer = pointerOf(arn, 'stateMachine');
  const machine = machineAt(ledger, pointer);
  refuseDeleting(machine);
  if (pointer.qualifier === undefined) {
    return { machine, revision: machine.revision, versionArn: undefined, aliasArn: undefined };
  }
  if (isVersion(pointer.qualifier)) {
    return { machine, revision: versionAt(machine, arn).revision, versionArn: arn, aliasArn: undefined };
  }
  if (!machine.aliases.has(pointer.qualifier)) throw absentMachine(arn);
  const versionArn = routeOf(aliasAt(ledger, arn).alias, ground.random());
  return { machine, revision: versionAt(machine, versionArn).revision, versionArn, aliasArn: arn };
}

function checkInput(text: string): void {
  if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
    throw constraint('(too long)', 'input', `have length less than or equal to ${MAX_PAYLOAD_BYTES}`);
  }
  try {
    JSON.parse(text);
  } catch (error) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
}

function newExecution(target: Target, name: string, arn: string, input: string, at: number): Execution {
  return {
    ...target,
    arn,
    name,
    input,
    startedAt: at,
    status: 'RUNNING',
    stoppedAt: undefined,
    output: undefined,
    error: undefined,
    cause: undefined,
    redriveCount: 0,
    redrivenAt: undefined,
    redriveTokens: new Set(),
    history: [],
    run: undefined,
    endings: [],
  };
}

function describe(execution: Execution, whole: boolean, now: number) {
  const { machine, status, stoppedAt, output, redrivenAt } = execution;
  return {
    executionArn: execution.arn,
    stateMachineArn: machine.arn,
    name: execution.name,
    status,
    startDate: new Date(execution.startedAt),
    stopDate: stoppedAt === undefined ? undefined : new Date(stoppedAt),
    input: whole ? execution.input : undefined,
    inputDetails: { included: whole },
    output: whole ? output : undefined,
    outputDetails: output === undefined ? undefined : { included: whole },
    error: whole ? execution.error : undefined,
    cause: whole ? execution.cause : undefined,
    stateMachineVersionArn: execution.versionArn,
    stateMachineAliasArn: execution.aliasArn,
    redriveCount: execution.redriveCount,
    redriveDate: redrivenAt === undefined ? undefined : new Date(redrivenAt),
    ...redriveStatusOf(execution, now),
  };
}

const listed = (execution: Execution) => ({
  executionArn: execution.arn,
  stateMachineArn: execution.machine.arn,
  name: execution.name,
  status: execution.status,
  startDate: new Date(execution.startedAt),
  stopDate: execution.stoppedAt === undefined ? undefined : new Date(execution.stoppedAt),
  stateMachineVersionArn: execution.versionArn,
  stateMachineAliasArn: execution.aliasArn,
  redriveCount: execution.redriveCount,
  redriveDate: execution.redrivenAt === undefined ? undefined : new Date(execution.redrivenAt),
});

const belongs = ({ machine, versionArn, aliasArn }: Execution, arn: string): boolean =>
  machine.arn === arn || versionArn === arn || aliasArn === arn;

function forget(ledger: Ledger, now: number): void {
  for (const [arn, { stoppedAt }] of ledger.executions) {
    if (stoppedAt !== undefined && now - stoppedAt > RETENTION) ledger.executions.delete(arn);
  }
}
