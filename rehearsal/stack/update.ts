// Changes a stack in place: new resources beside the old ones, the old ones away only when all else is done, everything back on a
// failure.
import { readProperties, handlerOf } from './blueprint.ts';
import type { Blueprint } from './blueprint.ts';
import { changedProperties, mustReplace, takesTags } from './changes.ts';
import { publish } from './creation.ts';
import type { Neighbours } from './creation.ts';
import { liveResources } from './record.ts';
import type { Intent, ResourceRecord } from './record.ts';
import { isDeepStrictEqual } from 'node:util';
import { memberOf } from './values.ts';
import { create, explain, make, note, plannedRecord, remove, removalOrder, resolved, siteOf, turn } from './work.ts';
import type { Work } from './work.ts';

interface Undo {
  readonly id: string;
  run(): Promise<void>;
}

/** What an update has done so far. */
interface Progress {
  readonly undos: Undo[];
  /** Old resources whose place new ones have taken. */
  readonly replaced: ResourceRecord[];
  /** New resources that a rollback must take away at its end. */
  readonly discarded: ResourceRecord[];
}

export async function updateStack(
  work: Work,
  blueprint: Blueprint,
  intent: Intent,
  neighbours: Neighbours,
  imports: Set<string>,
): Promise<void> {
  const { stack } = work;
  const before = { intent: stack.intent, outputs: stack.outputs, resources: new Map(stack.resources) };
  const progress: Progress = { undos: [], replaced: [], discarded: [] };
  const failed: { id: string; verb: string }[] = [];
  for (const id of blueprint.order) {
    const verb = stack.resources.get(id)?.standing === undefined ? 'create' : 'update';
    try {
      await advance(work, blueprint, intent, id, progress);
    } catch {
      failed.push({ id, verb });
      break;
    }
  }
  const reason =
    failed.length > 0
      ? failed.map(({ id, verb }) => `The following resource(s) failed to ${verb}: [${id}]. `).join('')
      : tryPublish();
  if (reason !== undefined) {
    stack.outputs = before.outputs;
    return rollBack(work, before.intent ?? intent, before.resources, progress, reason);
  }
  stack.intent = intent;
  stack.imports = imports;
  await cleanUp(work, blueprint, intent, progress.replaced);

  function tryPublish(): string | undefined {
    try {
      publish(work, blueprint, neighbours);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

async function advance(work: Work, blueprint: Blueprint, intent: Intent, id: string, progress: Progress): Promise<void> {
  const standing = work.stack.resources.get(id);
  if (standing?.standing === undefined) {
    const planned = plannedRecord(work, blueprint, id);
    progress.undos.push({ id, run: () => discard(work, id, undefined, progress) });
    return create(work, planned, intent);
  }
  const planned = plannedRecord(work, blueprint, id);
  const changed = changedProperties(standing.properties, planned.properties);
  const retagged = takesTags(planned.type) && !isDeepStrictEqual(work.stack.intent?.tags ?? [], intent.tags);
  if (standing.type === planned.type && changed.length === 0 && !retagged) return keep(work, standing, planned);
  const replaced = (changed.length > 0 || standing.type !== planned.type) && mustReplace(standing, planned.type, changed);
  if (replaced) return replace(work, standing, planned, intent, progress);
  progress.undos.push({
    id,
    run: () =>
      modify(work, { ...standing, standing: work.stack.resources.get(id)?.standing }, planned, work.stack.intent ?? intent),
  });
  return modify(work, planned, standing, intent);
}

/** The resource is as it was; what the template says about it may not be. */
const keep = (
  work: Work,
  standing: ResourceRecord,
  { needs, deletionPolicy, updateReplacePolicy, metadata }: ResourceRecord,
): void => void work.stack.resources.set(standing.id, { ...standing, needs, deletionPolicy, updateReplacePolicy, metadata });

/** Changes the resource that stands from `was` to `wanted`. */
async function modify(work: Work, wanted: ResourceRecord, was: ResourceRecord, intent: Intent): Promise<void> {
  const standing = work.stack.resources.get(wanted.id)?.standing;
  const handler = handlerOf(wanted.type);
  if (!standing || !handler.update) throw new Error(`${wanted.id} cannot be changed`);
  note(work, { ...wanted, standing, status: 'UPDATE_IN_PROGRESS' });
  try {
    const after = readProperties(wanted.id, wanted.type, await resolved(work, wanted.properties));
    const before = readProperties(was.id, was.type, await resolved(work, was.properties));
    const changed = await handler.update(after, before, standing, siteOf(work, wanted.id, intent.tags));
    note(work, { ...wanted, standing: changed, status: 'UPDATE_COMPLETE' });
  } catch (error) {
    note(work, { ...wanted, standing, status: 'UPDATE_FAILED' }, explain(error, work));
    throw error;
  }
}

const REPLACES = 'Requested update requires the creation of a new physical resource; hence creating one.';

async function replace(
  work: Work,
  old: ResourceRecord,
  planned: ResourceRecord,
  intent: Intent,
  progress: Progress,
): Promise<void> {
  note(work, { ...planned, standing: old.standing, status: 'UPDATE_IN_PROGRESS' }, REPLACES);
  try {
    refuseSameName(work, old, planned);
    const standing = await make(work, planned, intent);
    progress.replaced.push(old);
    progress.undos.push({ id: old.id, run: () => discard(work, old.id, old, progress) });
    note(work, { ...planned, standing, status: 'UPDATE_COMPLETE' });
  } catch (error) {
    note(work, { ...old, status: 'UPDATE_FAILED' }, explain(error, work));
    throw error;
  }
}

/** Two resources of one name cannot stand beside each other. */
function refuseSameName(work: Work, old: ResourceRecord, planned: ResourceRecord): void {
  const { nameProperty } = handlerOf(planned.type);
  if (nameProperty === undefined || old.type !== planned.type || handlerOf(planned.type).replacedBy === '*') return;
  const name = memberOf(planned.properties, nameProperty);
  if (name === undefined || name !== memberOf(old.properties, nameProperty)) return;
  throw new Error(
    `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${JSON.stringify(name)} and update the stack again.`,
  );
}

/** The new resource goes at the rollback's end; the old one, if there was one, has its place back now. */
function discard(work: Work, id: string, old: ResourceRecord | undefined, progress: Progress): Promise<void> {
  const made = work.stack.resources.get(id);
  if (made?.standing) progress.discarded.push(made);
  if (old) note(work, { ...old, status: 'UPDATE_COMPLETE' });
  return Promise.resolve();
}

async function rollBack(
  work: Work,
  before: Intent,
  resources: ReadonlyMap<string, ResourceRecord>,
  progress: Progress,
  reason: string,
): Promise<void> {
  if (work.stack.disableRollback) return turn(work, 'UPDATE_FAILED', reason);
  turn(work, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
  const failed: string[] = [];
  for (const undo of [...progress.undos].reverse()) {
    await undo.run().catch(() => failed.push(undo.id));
  }
  if (failed.length > 0) {
    return turn(work, 'UPDATE_ROLLBACK_FAILED', `The following resource(s) failed to update: [${failed.join(', ')}]. `);
  }
  turn(work, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  for (const made of progress.discarded) {
    await remove(work, made, made.deletionPolicy === 'Retain', before.tags).catch(() => undefined);
    if (!resources.has(made.id)) work.stack.resources.delete(made.id);
  }
  // What was never there again is not: its failed creation stays in the events.
  for (const id of [...work.stack.resources.keys()]) if (!resources.has(id)) work.stack.resources.delete(id);
  for (const [id, one] of resources) restoreDeclaration(work, id, one);
  turn(work, 'UPDATE_ROLLBACK_COMPLETE');
}

function restoreDeclaration(work: Work, id: string, one: ResourceRecord): void {
  const now = work.stack.resources.get(id);
  const { properties, needs, deletionPolicy, updateReplacePolicy, metadata } = one;
  work.stack.resources.set(id, { ...(now ?? one), properties, needs, deletionPolicy, updateReplacePolicy, metadata });
}

async function cleanUp(work: Work, blueprint: Blueprint, intent: Intent, replaced: readonly ResourceRecord[]): Promise<void> {
  const { stack } = work;
  turn(work, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  for (const old of [...replaced].reverse()) {
    await remove(work, old, old.updateReplacePolicy === 'Retain', intent.tags).catch(() => undefined);
  }
  const dropped = new Set(
    liveResources(stack)
      .map(({ id }) => id)
      .filter((id) => !blueprint.present.has(id)),
  );
  for (const one of removalOrder(stack).filter(({ id }) => dropped.has(id))) {
    const keeps = one.deletionPolicy === 'Retain' || one.deletionPolicy === 'RetainExceptOnCreate';
    await remove(work, one, keeps, intent.tags).catch(() => undefined);
    stack.resources.delete(one.id);
  }
  for (const id of [...stack.resources.keys()]) if (!blueprint.present.has(id)) stack.resources.delete(id);
  turn(work, 'UPDATE_COMPLETE');
}
