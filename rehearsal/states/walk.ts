// The walk through a scope: state after state, until one ends it.
import { setImmediate as turn } from 'node:timers/promises';
import type { State } from './definition.ts';
import { asStateError, Interrupted } from './errors.ts';
import { checkInterrupted } from './execution.ts';
import type { Fiber } from './execution.ts';
import { isRoom, runMap, runParallel } from './family.ts';
import { handled } from './handling.ts';
import { detailed, inputOf, outputOf } from './history.ts';
import { assignTo, forgetChildren } from './leaving.ts';
import type { Exit } from './leaving.ts';
import { runChoice, runFail, runPass, runSucceed, runWait } from './simple.ts';
import { runTask } from './task.ts';
import type { Visit } from './visit.ts';
import type { Json } from './world.ts';

export async function runScope(fiber: Fiber): Promise<Json> {
  const { frame } = fiber;
  for (;;) {
    // A machine that loops without waiting must not keep the process from its other work.
    await turn();
    checkInterrupted(fiber.signal);
    const { output, next } = await runState(fiber, stateOf(fiber));
    if (next === undefined) return output;
    frame.state = next;
    frame.input = output;
  }
}

function stateOf({ frame }: Fiber): State {
  const state = frame.scope.states.get(frame.state);
  if (!state) throw new Error(`no state named ${frame.state}`);
  return state;
}

async function runState(fiber: Fiber, state: State): Promise<Exit> {
  const { execution, frame } = fiber;
  enter(fiber, state);
  try {
    const exit = await exitOf({ fiber, state, input: frame.input, retryCount: 0 });
    assignTo(execution, frame, exit.assigned);
    execution.history.write(fiber.chain, detailed(`${state.type}StateExited`, exitDetails(state, exit), 'stateExited'));
    forgetChildren(execution, frame);
    fiber.resumed = false;
    return exit;
  } catch (thrown) {
    if (!(thrown instanceof Interrupted)) throw broken(fiber, state, thrown);
    if (isAbortable(state) && isRoom(fiber)) execution.history.write(fiber.chain, { type: `${state.type}StateAborted` });
    throw thrown;
  }
}

/** A redrive schedules what failed again without entering it again; what has nothing to schedule is entered anew. */
function enter(fiber: Fiber, state: State): void {
  const { execution, frame } = fiber;
  if (fiber.resumed && 'retry' in state) return;
  forgetChildren(execution, frame);
  frame.enteredAt = new Date(execution.world.timeline.now()).toISOString();
  const details = { name: state.name, ...inputOf(frame.input) };
  frame.entered = execution.history.write(fiber.chain, detailed(`${state.type}StateEntered`, details, 'stateEntered'));
}

function exitDetails(state: State, { output, assigned }: Exit): Record<string, unknown> {
  const variables = Object.fromEntries([...assigned].map(([name, value]) => [name, JSON.stringify(value)]));
  const told = assigned.size === 0 ? {} : { assignedVariables: variables, assignedVariablesDetails: { truncated: false } };
  return { name: state.name, ...outputOf(output), ...told };
}

/** A Task whose failure ends a branch is told as aborted there. */
function broken(fiber: Fiber, state: State, thrown: unknown): Error {
  if (fiber.frame.outer && state.type === 'Task' && isRoom(fiber)) {
    fiber.execution.history.write(fiber.chain, { type: 'TaskStateAborted' });
  }
  return asStateError(thrown);
}

const isAbortable = ({ type }: State): boolean => type === 'Task' || type === 'Wait' || type === 'Parallel' || type === 'Map';

function exitOf(visit: Visit): Promise<Exit> {
  const { state } = visit;
  switch (state.type) {
    case 'Pass':
      return runPass({ ...visit, state });
    case 'Choice':
      return runChoice({ ...visit, state });
    case 'Wait':
      return runWait({ ...visit, state });
    case 'Succeed':
      return runSucceed({ ...visit, state });
    case 'Fail':
      return runFail({ ...visit, state });
    case 'Task':
      return handled({ ...visit, state }, runTask);
    case 'Parallel':
      return handled({ ...visit, state }, (again) => runParallel(again, runScope));
    case 'Map':
      return handled({ ...visit, state }, (again) => runMap(again, runScope));
  }
}
