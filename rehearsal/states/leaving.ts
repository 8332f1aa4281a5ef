// Leaving a state: its output, its assignments, and their limits. Every expression sees the variables as they were.
import type { Assignments, Leaving } from './definition.ts';
import { tooLarge } from './errors.ts';
import type { Execution, Frame } from './execution.ts';
import { bytesOf, MAX_ASSIGN_BYTES, MAX_PAYLOAD_BYTES, MAX_VARIABLE_BYTES, MAX_VARIABLES_BYTES } from './limits.ts';
import { evaluate } from './visit.ts';
import type { Extras, Visit } from './visit.ts';
import { StateError } from './world.ts';
import type { Json } from './world.ts';

/** What a state came to. `next` is undefined at the end of the scope. */
export interface Exit {
  readonly output: Json;
  readonly assigned: ReadonlyMap<string, Json>;
  readonly next: string | undefined;
}

/** `otherwise` is the output of a state that does not say what its output is. */
export async function leave(visit: Visit, by: Leaving, otherwise: Json, extras: Extras = {}): Promise<Exit> {
  const output = by.output === undefined ? otherwise : await evaluate(visit, by.output, extras);
  checkPayload(visit.state.name, output);
  return { output, assigned: await assignments(visit, by.assign, extras), next: by.next };
}

export function checkPayload(what: string, value: Json): void {
  if (bytesOf(value) > MAX_PAYLOAD_BYTES) throw tooLarge(what);
}

async function assignments(visit: Visit, assign: Assignments, extras: Extras): Promise<Map<string, Json>> {
  const values = new Map<string, Json>();
  let total = 0;
  for (const [name, template] of assign) {
    const value = await evaluate(visit, template, extras);
    const bytes = bytesOf(value);
    total += bytes;
    if (bytes > MAX_VARIABLE_BYTES)
      throw overLimit(`The variable '${name}' exceeds the maximum size of ${MAX_VARIABLE_BYTES} bytes`);
    values.set(name, value);
  }
  if (total > MAX_ASSIGN_BYTES)
    throw overLimit(`The variables assigned by '${visit.state.name}' exceed ${MAX_ASSIGN_BYTES} bytes together`);
  return values;
}

const overLimit = (cause: string): StateError => new StateError('States.DataLimitExceeded', cause);

/** Gives the variables their new values, unless the execution would hold too much. */
export function assignTo(execution: Execution, frame: Frame, assigned: ReadonlyMap<string, Json>): void {
  let bytes = execution.held.variableBytes;
  for (const [name, value] of assigned) {
    const before = frame.variables.get(name);
    bytes += bytesOf(value) - (before === undefined ? 0 : bytesOf(before));
  }
  if (bytes > MAX_VARIABLES_BYTES) throw overLimit(`The variables of the execution exceed ${MAX_VARIABLES_BYTES} bytes together`);
  execution.held.variableBytes = bytes;
  for (const [name, value] of assigned) frame.variables.set(name, value);
}

/** The variables of a scope that ended no longer count, nor do those of children it left unfinished. */
export function forget(execution: Execution, frame: Frame): void {
  forgetChildren(execution, frame);
  for (const value of frame.variables.values()) execution.held.variableBytes -= bytesOf(value);
}

/** Gives up what a Parallel or Map had begun. */
export function forgetChildren(execution: Execution, frame: Frame): void {
  for (const child of frame.family?.children.values() ?? []) if (!child.result) forget(execution, child.frame);
  frame.family = undefined;
}
