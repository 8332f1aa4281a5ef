// One operation under way on one stack: whose credentials it uses, what it writes down, how it makes and removes one resource.
import type { ResourceStatus, StackStatus } from '@aws-sdk/client-cloudformation';
import type { Caller } from '../iam/ask.ts';
import type { Ground } from '../services/ground.ts';
import { readProperties, handlerOf } from './blueprint.ts';
import type { Blueprint, Sight } from './blueprint.ts';
import { physicalName } from './naming.ts';
import { resolveDynamic } from './parameters.ts';
import { liveResources } from './record.ts';
import type { Intent, ResourceRecord, StackRecord } from './record.ts';
import type { Site, Standing, Tag } from './resources/resource.ts';
import { readDynamic } from './dynamic.ts';
import type { Json } from './values.ts';

export interface Work {
  readonly ground: Ground;
  readonly caller: Caller;
  readonly stack: StackRecord;
  readonly token: string | undefined;
  /** Another stack's export; the name is remembered as imported. */
  readonly exported: (name: string) => string;
}

/** A resource operation that AWS refused, in the words of the event. */
export const explain = (error: unknown, work: Work): string => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && 'code' in error ? String(error.code) : name;
  if (code === 'ValidationError' && message.startsWith('Properties validation failed')) return message;
  const request = `RequestToken: ${work.ground.uuid()}, HandlerErrorCode: ${handlerCode(code, message)}`;
  return `Resource handler returned message: "${message}${code === 'Error' ? '' : ` (${code})`}" (${request})`;
};

function handlerCode(code: string, message: string): string {
  if (/AccessDenied|NotAuthorized|Unauthorized/.test(code)) return 'AccessDenied';
  if (/AlreadyExists|AlreadyOwned|ResourceConflict/.test(code) || /already exists/i.test(message)) return 'AlreadyExists';
  if (/NotFound|NoSuch|DoesNotExist/.test(code)) return 'NotFound';
  if (/Throttl|TooManyRequests|SlowDown/.test(code)) return 'Throttling';
  return /Invalid|Validation|Malformed/.test(code) ? 'InvalidRequest' : 'GeneralServiceException';
}

export function tell(
  work: Work,
  status: ResourceStatus,
  one: { id: string; type: string; physicalId?: string | undefined },
  reason?: string,
): void {
  const { stack, ground, token } = work;
  const physicalId = one.physicalId ?? '';
  const id =
    one.type === STACK
      ? ground.uuid()
      : `${one.id}-${status}-${new Date(ground.timeline.now()).toISOString()}-${ground.token(6)}`;
  stack.events.push({ id, at: ground.timeline.now(), logicalId: one.id, physicalId, type: one.type, status, reason, token });
}

const STACK = 'AWS::CloudFormation::Stack';

export function turn(work: Work, status: StackStatus, reason?: string): void {
  const { stack, ground } = work;
  stack.status = status;
  stack.reason = reason;
  if (status === 'DELETE_COMPLETE') stack.deletedAt = ground.timeline.now();
  tell(work, status as ResourceStatus, { id: stack.name, type: STACK, physicalId: stack.id }, reason);
}

export function siteOf(work: Work, logicalId: string, stackTags: readonly Tag[]): Site {
  const { ground, caller, stack } = work;
  return {
    account: stack.account,
    region: stack.region,
    stackName: stack.name,
    stackId: stack.id,
    logicalId,
    stackTags,
    // The service's work is real work: time neither jumps nor runs ahead of it.
    call: (service, operation, input) => ground.timeline.busy(() => ground.call(caller, service, operation, input, stack.region)),
    wait: (milliseconds) => ground.timeline.wait(milliseconds),
    name: (limit, style) => physicalName(ground, { stackName: stack.name, logicalId, limit, style }),
  };
}

/** What the stack's own resources answer now. */
export function sightOf({ stack, exported }: Work): Sight {
  const standing = (id: string): Standing => {
    const found = stack.resources.get(id)?.standing;
    if (!found) throw new Error(`${id} does not stand yet`);
    return found;
  };
  return {
    ref: (id) => standing(id).physicalId,
    attribute: (id, name) => standing(id).attributes[name] ?? '',
    exported,
  };
}

export const resolved = (work: Work, properties: Json): Promise<Json> =>
  resolveDynamic(properties, (service, rest) => readDynamic(work, service, rest));

/** Writes the resource's new state down, and the event that says it. */
export function note(work: Work, one: ResourceRecord, reason?: string): void {
  const at = work.ground.timeline.now();
  work.stack.resources.set(one.id, { ...one, reason, at });
  tell(work, one.status, { id: one.id, type: one.type, physicalId: one.standing?.physicalId }, reason);
}

export function plannedRecord(work: Work, blueprint: Blueprint, id: string): ResourceRecord {
  const declared = blueprint.present.get(id);
  if (!declared) throw new Error(`${id} is not in the template`);
  return {
    id,
    type: declared.type,
    standing: undefined,
    properties: blueprint.properties(id, sightOf(work)),
    needs: blueprint.graph.get(id) ?? new Set(),
    deletionPolicy: declared.deletionPolicy,
    updateReplacePolicy: declared.updateReplacePolicy,
    metadata: declared.metadata,
    status: 'CREATE_IN_PROGRESS',
    reason: undefined,
    at: work.ground.timeline.now(),
  };
}

/** Makes one resource; its record stands when it does. */
export async function create(work: Work, planned: ResourceRecord, intent: Intent): Promise<void> {
  note(work, { ...planned, status: 'CREATE_IN_PROGRESS' });
  try {
    const standing = await make(work, planned, intent);
    tell(work, 'CREATE_IN_PROGRESS', { ...planned, physicalId: standing.physicalId }, 'Resource creation Initiated');
    note(work, { ...planned, standing, status: 'CREATE_COMPLETE' });
  } catch (error) {
    note(work, { ...planned, status: 'CREATE_FAILED' }, explain(error, work));
    throw error;
  }
}

export async function make(work: Work, planned: ResourceRecord, intent: Intent): Promise<Standing> {
  const read = readProperties(planned.id, planned.type, await resolved(work, planned.properties));
  return handlerOf(planned.type).create(read, siteOf(work, planned.id, intent.tags));
}

/** Takes one resource away, or leaves it where its policy says so. */
export async function remove(work: Work, one: ResourceRecord, keep: boolean, tags: readonly Tag[]): Promise<void> {
  const { standing } = one;
  const about = { id: one.id, type: one.type, physicalId: standing?.physicalId };
  if (!standing) return;
  if (keep) return tell(work, 'DELETE_SKIPPED', about);
  tell(work, 'DELETE_IN_PROGRESS', about);
  try {
    const read = readProperties(one.id, one.type, await resolved(work, one.properties));
    await handlerOf(one.type).remove(standing, read, siteOf(work, one.id, tags));
    tell(work, 'DELETE_COMPLETE', about);
  } catch (error) {
    tell(work, 'DELETE_FAILED', about, explain(error, work));
    throw error;
  }
}

/** What nothing else needs comes first. */
export function removalOrder(stack: StackRecord): ResourceRecord[] {
  const left = new Map(liveResources(stack).map((one) => [one.id, one]));
  const order: ResourceRecord[] = [];
  while (left.size > 0) {
    const standing = [...left.values()].reverse();
    const next =
      standing.find(({ id }) => !standing.some(({ needs, id: other }) => other !== id && needs.has(id))) ?? standing[0];
    if (!next) break;
    order.push(next);
    left.delete(next.id);
  }
  return order;
}
