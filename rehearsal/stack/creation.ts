// Makes a stack, or takes it away.
import type { Blueprint } from './blueprint.ts';
import { checkExports } from './exports.ts';
import { liveResources } from './record.ts';
import type { Intent, OutputRecord, StackRecord } from './record.ts';
import { create, note, plannedRecord, remove, removalOrder, sightOf, tell, turn } from './work.ts';
import type { Work } from './work.ts';

export type OnFailure = 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';

/** The stacks of one Region, as the one who exports must see them. */
export type Neighbours = () => readonly StackRecord[];

export async function createStack(
  work: Work,
  blueprint: Blueprint,
  intent: Intent,
  onFailure: OnFailure,
  neighbours: Neighbours,
): Promise<void> {
  const failed = await firstFailure(blueprint.order, (id) => create(work, plannedRecord(work, blueprint, id), intent));
  if (failed !== undefined) {
    return abandon(work, `The following resource(s) failed to create: [${failed}]. `, intent, onFailure);
  }
  try {
    publish(work, blueprint, neighbours);
  } catch (error) {
    return abandon(work, `${error instanceof Error ? error.message : String(error)}. `, intent, onFailure);
  }
  turn(work, 'CREATE_COMPLETE');
}

async function firstFailure(order: readonly string[], act: (id: string) => Promise<void>): Promise<string | undefined> {
  for (const id of order) {
    try {
      await act(id);
    } catch {
      return id;
    }
  }
  return undefined;
}

/** Outputs are computed only when every resource stands. */
export function publish(work: Work, blueprint: Blueprint, neighbours: Neighbours): void {
  const sight = sightOf(work);
  const outputs: OutputRecord[] = blueprint.outputs.map((declared) => {
    const { value, exportName } = blueprint.output(declared, sight);
    return { name: declared.name, description: declared.description, value, exportName };
  });
  const exported = new Map<string, string>();
  for (const { exportName, value } of outputs) if (exportName !== undefined) exported.set(exportName, value);
  checkExports(neighbours(), work.stack, exported);
  work.stack.outputs = outputs;
}

async function abandon(work: Work, reason: string, intent: Intent, onFailure: OnFailure): Promise<void> {
  if (onFailure === 'DO_NOTHING') return turn(work, 'CREATE_FAILED', reason);
  const ending = onFailure === 'DELETE' ? 'Delete requested by user.' : 'Rollback requested by user.';
  turn(work, onFailure === 'DELETE' ? 'DELETE_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS', `${reason}${ending}`);
  work.stack.outputs = [];
  const failed = await removeAll(work, intent, (policy) => policy === 'Retain', []);
  const left = failed.length === 0 ? undefined : `The following resource(s) failed to delete: [${failed.join(', ')}]. `;
  const done = onFailure === 'DELETE' ? 'DELETE_COMPLETE' : 'ROLLBACK_COMPLETE';
  turn(work, left === undefined ? done : onFailure === 'DELETE' ? 'DELETE_FAILED' : 'ROLLBACK_FAILED', left);
}

export async function deleteStack(work: Work, retained: readonly string[], neighbours: Neighbours): Promise<void> {
  const { stack } = work;
  try {
    checkExports(neighbours(), stack, new Map());
  } catch (error) {
    return turn(work, 'DELETE_FAILED', error instanceof Error ? error.message : String(error));
  }
  const keeps = (policy: string | undefined): boolean => policy === 'Retain' || policy === 'RetainExceptOnCreate';
  const failed = stack.intent ? await removeAll(work, stack.intent, keeps, retained) : [];
  if (failed.length > 0)
    return turn(work, 'DELETE_FAILED', `The following resource(s) failed to delete: [${failed.join(', ')}]. `);
  stack.outputs = [];
  stack.imports = new Set();
  turn(work, 'DELETE_COMPLETE');
}

/** Removes what it can; what a survivor needs stays with it. Answers what failed. */
async function removeAll(
  work: Work,
  intent: Intent,
  keeps: (policy: string | undefined) => boolean,
  retained: readonly string[],
): Promise<string[]> {
  const failed: string[] = [];
  const blocked = new Set<string>();
  for (const one of removalOrder(work.stack)) {
    const dependents = [...liveResources(work.stack)].filter(({ needs }) => needs.has(one.id));
    if (dependents.some(({ id }) => blocked.has(id))) {
      blocked.add(one.id);
      continue;
    }
    const keep = keeps(one.deletionPolicy) || retained.includes(one.id);
    try {
      await remove(work, one, keep, intent.tags);
      record(work, { ...one, standing: undefined, status: keep ? 'DELETE_SKIPPED' : 'DELETE_COMPLETE' });
    } catch {
      failed.push(one.id);
      blocked.add(one.id);
      record(work, { ...one, status: 'DELETE_FAILED', reason: work.stack.events.at(-1)?.reason });
    }
  }
  return failed;
}

const record = (work: Work, one: Parameters<typeof note>[1]): void =>
  void work.stack.resources.set(one.id, { ...one, at: work.ground.timeline.now() });

/** What went wrong in the engine itself must not leave a stack in progress for ever. */
export function collapse(work: Work, error: unknown): void {
  const { stack } = work;
  const reason = `Internal failure: ${error instanceof Error ? error.message : String(error)}`;
  const endings = {
    CREATE_IN_PROGRESS: 'CREATE_FAILED',
    ROLLBACK_IN_PROGRESS: 'ROLLBACK_FAILED',
    DELETE_IN_PROGRESS: 'DELETE_FAILED',
    UPDATE_IN_PROGRESS: 'UPDATE_FAILED',
    UPDATE_ROLLBACK_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
  } as const;
  const ending = Object.entries(endings).find(([status]) => status === stack.status)?.[1];
  if (ending !== undefined) turn(work, ending, reason);
  else tell(work, 'UPDATE_FAILED', { id: stack.name, type: 'AWS::CloudFormation::Stack', physicalId: stack.id }, reason);
}
