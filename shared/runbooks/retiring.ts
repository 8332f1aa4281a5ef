// An instance that goes for good: what a plan says of it, and what must be shown before anything is done to it, in this order: it is
// ours and nobody uses it, a backup of it stands, a person has approved the plan that names it.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import { isBackup, useOf, type Standing } from './retention.ts';
import { isOurs, lastSnapshotName, TAG, type InstanceFacts, type SnapshotFacts } from './instances.ts';
import type { Change } from './plan.ts';

export type Retiree = z.infer<typeof Retiree>;
export const Retiree = z.strictObject({
  environment: z.string(),
  instance: z.string(),
  /** What is approved to go is this one, whatever bears the name by then. */
  resourceId: z.string(),
  /** A backup counts from here on: before, somebody wrote to it. */
  since: z.iso.datetime(),
  /** The backup that stands, or the name of the one that is taken first. */
  snapshot: z.string(),
});

/** In the detail of every plan that retires: a runbook's own detail may have more in it. */
export type RetireDetail = z.infer<typeof RetireDetail>;
export const RetireDetail = z.object({ shelves: z.array(Retiree) });

/** Taken of the very same instance, since nobody writes to it, and finished. */
export const isBackupOf = (snapshot: SnapshotFacts, { resourceId, since }: Pick<Retiree, 'resourceId' | 'since'>): boolean =>
  isBackup(snapshot) && snapshot.resourceId === resourceId && (snapshot.takenAt ?? '') > since;

export interface Retiring {
  readonly facts: InstanceFacts;
  readonly environment: string;
  readonly since: string;
  /** The newest first. */
  readonly standing: readonly SnapshotFacts[];
  readonly run: string;
}

export function draftRetiree({ facts, environment, since, standing, run }: Retiring): Retiree {
  const { id: instance, resourceId } = facts;
  const backup = standing.find((one) => isBackupOf(one, { resourceId, since }));
  return { environment, instance, resourceId, since, snapshot: backup?.id ?? lastSnapshotName(instance, run) };
}

/** What a person reads of it, and approves. */
export const retireChange = (act: string, { instance, resourceId, since, snapshot }: Retiree, stands: boolean): Change => ({
  act,
  target: instance,
  says: `${instance}, aside since ${since.slice(0, 16).replace('T', ' ')} UTC, goes for good; ${stands ? `its data stays in the snapshot ${snapshot}` : `before, it is started and the snapshot ${snapshot} of it is taken`}`,
  before: `an instance, ${resourceId}`,
  after: `not there; its data is in the snapshot ${snapshot}`,
});

/** The first of the three: the tag, and nobody who uses it. Whoever's it is and whatever it serves by now, the plan may not know. */
export function judgeRetiree(one: Standing, app: string): void {
  const { id, tags } = one.facts;
  if (!isOurs(tags, app)) {
    const says = `${id} is not ours any more: its tag ${TAG} is ${tags[TAG] ?? 'gone'}, expected ${app}; nothing was done to it. Look who changed it`;
    throw new RunbookError('PlanStale', says, { instance: id });
  }
  const [reason] = useOf({ ...one, facts: { ...one.facts, status: 'available' } });
  if (!reason) return;
  const says = `${id} is in use: ${reason.says}, expected nobody; nothing was done to it. Look who began to use it, then start the run again`;
  throw new RunbookError('PlanStale', says, { instance: id });
}

/** The third: without a person's yes to this very plan nothing goes. */
export function judgeApproved(approved: boolean, { instance }: Retiree, plan: string): void {
  if (approved) return;
  const says = `nobody has approved the plan ${plan} that names ${instance}, expected a yes in the ledger; nothing was done to it. Start the run again and answer it`;
  throw new RunbookError('PlanStale', says, { instance, plan });
}

export type NextMove = 'gone' | 'wait' | 'start' | 'snapshot' | 'unprotect' | 'remove';

/** How far it is. One that stands still can be neither backed up nor modified, so it is started for that. */
export function decideMove(facts: InstanceFacts | null, retiree: Retiree, standing: readonly SnapshotFacts[]): NextMove {
  if (facts?.resourceId !== retiree.resourceId) return 'gone';
  // The one that the plan names and no other: it is what was approved.
  const backed = standing.some((one) => one.id === retiree.snapshot && isBackupOf(one, retiree));
  const ready = backed && !facts.settings.deletionProtection;
  if (facts.status === 'stopped') return ready ? 'remove' : 'start';
  if (facts.status !== 'available') return 'wait';
  if (!backed) return standing.some(({ id }) => id === retiree.snapshot) ? 'wait' : 'snapshot';
  return ready ? 'remove' : 'unprotect';
}

const WAITING: Readonly<Record<Exclude<NextMove, 'gone' | 'wait'>, string>> = {
  start: 'it was started, because what stands still can be neither backed up nor modified',
  snapshot: 'a snapshot of it was begun',
  unprotect: 'its deletion protection was taken off',
  remove: 'its removal was begun',
};

export const waitingSays = (move: Exclude<NextMove, 'gone'>, { id, status }: InstanceFacts, { snapshot }: Retiree): string =>
  `${id} is not gone yet: ${move === 'wait' ? `RDS says ${status}, and ${snapshot} is its backup` : WAITING[move]}; asked again until the deadline`;
