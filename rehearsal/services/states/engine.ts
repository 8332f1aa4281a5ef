// Where an execution meets the interpreter: its world, its events, its end.
import { InvalidDefinition, type Fault } from '../../states/faults.ts';
import { loadMachine } from '../../states/load.ts';
import { redrive, startMachine, type Run } from '../../states/run.ts';
import type { Machine as LoadedMachine, Scope } from '../../states/definition.ts';
import { StateError, type HistoryEvent, type Json, type TaskCall, type World } from '../../states/world.ts';
import type { Caller } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import { invokeFunction, invokeOptimized } from './invocation.ts';
import { buryIfDone, type Execution } from './ledger.ts';
import { createLog } from './logging.ts';
import { runNested } from './nesting.ts';
import type { Scene } from './scene.ts';
import { announce } from './telemetry.ts';

export interface Engine {
  begin(execution: Execution): void;
  stop(execution: Execution, error: string | undefined, cause: string | undefined): void;
  redrive(execution: Execution, at: number): void;
}

/** The machine a definition describes, or AWS's refusal with every fault in it. */
export function load(definition: string): LoadedMachine {
  try {
    return loadMachine(definition);
  } catch (error) {
    if (error instanceof InvalidDefinition) throw new AwsError('InvalidDefinition', error.message);
    throw error;
  }
}

export function faultsOf(definition: string): readonly Fault[] {
  try {
    loadMachine(definition);
    return [];
  } catch (error) {
    if (error instanceof InvalidDefinition) return error.faults;
    throw error;
  }
}

export const usesNestedExecutions = ({ scope }: LoadedMachine): boolean => scopeNests(scope);

const scopeNests = ({ states }: Scope): boolean =>
  [...states.values()].some((state) => {
    if (state.type === 'Task') return state.integration === 'states:startExecution.sync:2';
    if (state.type === 'Parallel') return state.branches.some(scopeNests);
    return state.type === 'Map' && scopeNests(state.processor);
  });

export function createEngine(scene: Scene): Engine {
  const { ground } = scene;
  const log = createLog(ground);

  const follow = (execution: Execution, run: Run): void => {
    execution.run = run;
    tellStatus(scene, execution);
    announce(ground, execution);
    void run.ended.then(() => conclude(scene, execution));
  };

  return {
    begin(execution) {
      const { revision, machine } = execution;
      const context = {
        execution: { id: execution.arn, name: execution.name, roleArn: revision.roleArn },
        stateMachine: { id: machine.arn, name: machine.name },
      };
      const input = JSON.parse(execution.input) as Json;
      follow(execution, startMachine(revision.loaded, { input, context, world: worldOf(scene, execution, log) }));
    },
    stop(execution, error, cause) {
      execution.run?.stop(error, cause);
      conclude(scene, execution);
    },
    redrive(execution, at) {
      const { run } = execution;
      if (run === undefined) return;
      execution.status = 'RUNNING';
      execution.redriveCount++;
      execution.redrivenAt = at;
      execution.stoppedAt = undefined;
      execution.error = undefined;
      execution.cause = undefined;
      follow(execution, redrive(run));
    },
  };
}

/** Takes the run's outcome over into the record, once, and tells everybody who waits for it. */
function conclude(scene: Scene, execution: Execution): void {
  const outcome = execution.run?.outcome();
  if (outcome === undefined || execution.status !== 'RUNNING') return;
  execution.status = outcome.status;
  execution.stoppedAt = execution.run?.endedAt();
  if (outcome.status === 'SUCCEEDED') execution.output = JSON.stringify(outcome.output);
  else ({ error: execution.error, cause: execution.cause } = { error: outcome.error, cause: outcome.cause });
  tellStatus(scene, execution);
  announce(scene.ground, execution);
  for (const ending of execution.endings.splice(0)) ending();
  buryIfDone(scene.ledgerOf(execution.machine.region), execution.machine);
}

function tellStatus({ ground, tell }: Scene, { arn, machine, status, error }: Execution): void {
  tell({ kind: 'status', executionArn: arn, machineName: machine.name, status, at: ground.timeline.now(), error });
}

function worldOf(scene: Scene, execution: Execution, log: ReturnType<typeof createLog>): World {
  const { ground, tokens, tell } = scene;
  const { machine, arn } = execution;
  return {
    timeline: ground.timeline,
    random: () => ground.random(),
    issueToken: () => tokens.issue(execution),
    perform: (task) => perform(scene, execution, task),
    onEvent(event: HistoryEvent) {
      execution.history.push(event);
      log(execution, event);
      tell({ kind: 'event', executionArn: arn, machineName: machine.name, event });
      // A machine that is being deleted ends its executions at their next transition.
      if (machine.status === 'DELETING' && event.type.endsWith('StateEntered')) {
        queueMicrotask(() => execution.run?.stop('States.Runtime', 'The state machine is being deleted'));
      }
    },
  };
}

async function perform(scene: Scene, execution: Execution, task: TaskCall): Promise<Json> {
  const { ground, tokens } = scene;
  const { region } = execution.machine;
  const caller = wearRole(scene, execution, task.state);
  const { token } = task;
  if (task.integration === 'function') return invokeFunction(ground, caller, task, region);
  if (task.integration === 'states:startExecution.sync:2') {
    return runNested(ground, caller, task, region, (arn) => scene.ledgerOf(region).executions.get(arn));
  }
  if (token === undefined) return invokeOptimized(ground, caller, task, region);
  // The function may answer before it returns, so somebody listens from the start.
  const answer = tokens.wait(token, () => task.beat(), task.signal);
  answer.catch(() => undefined);
  try {
    const submitted = await invokeOptimized(ground, caller, task, region);
    task.record(submission(submitted));
  } catch (error) {
    tokens.close(token);
    throw error;
  }
  return answer;
}

const submission = (output: Json) => ({
  type: 'TaskSubmitted',
  details: {
    taskSubmittedEventDetails: {
      resourceType: 'lambda',
      resource: 'invoke.waitForTaskToken',
      output: JSON.stringify(output),
      outputDetails: { truncated: false },
    },
  },
});

const SESSION_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function wearRole({ ground }: Scene, { revision, arn }: Execution, state: string): Caller {
  try {
    const session = ground.token(32, SESSION_LETTERS);
    return ground.assume(revision.roleArn, 'states.amazonaws.com', session, { execution: arn, state });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StateError('States.Permissions', `The role ${revision.roleArn} could not be assumed: ${error.message}`);
  }
}
