// The writer lease `lease/<app>.json`: who is the writer, under which epoch, and which run may change anything.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import { runIdOf, type Run } from './run.ts';
import { clockOf, spanOf } from './words.ts';

export type Holder = z.infer<typeof Holder>;
export const Holder = z.strictObject({
  execution: z.string(),
  runbook: z.string(),
  /** An unattended holder may be pre-empted by an emergency. */
  attended: z.boolean(),
  takenAt: z.iso.datetime(),
});

export type Lease = z.infer<typeof Lease>;
export const Lease = z.strictObject({
  app: z.string(),
  /** The environment that is written to. */
  writer: z.string(),
  /** Grows when the writer changes. */
  epoch: z.int().positive(),
  /** Grows at every acquisition: a step under an older one refuses. */
  fencing: z.int().nonnegative(),
  /** When the writer became the writer. */
  since: z.iso.datetime(),
  holder: Holder.nullable(),
});

/** No act's Lambda runs longer; after that much time nothing of a stopped execution can still write. */
export const LONGEST_ACT_SECONDS = 90;

/** Runbooks that nobody sits before: an emergency may stop them. */
const UNATTENDED: readonly string[] = ['sync', 'readiness', 'refresh', 'drill', 'retention'];
/** Runbooks that are started when production is down. */
const EMERGENCIES: readonly string[] = ['failover'];
export const isEmergency = (runbook: string): boolean => EMERGENCIES.includes(runbook);

/** Minutes at most, and half of it would be worse than none: everybody waits for it. */
const CLEANING = 'aftermath';

export type LeaseDecision =
  | { readonly kind: 'take'; readonly lease: Lease }
  | { readonly kind: 'keep'; readonly lease: Lease }
  | { readonly kind: 'preempt'; readonly execution: string; readonly says: string };

export interface LeaseQuestion {
  readonly lease: Lease | undefined;
  readonly run: Run;
  readonly estate: Pick<Estate, 'environments'>;
  /** What the lease was when the approved plan was drafted; null for a run that only cleans up. */
  readonly plan: { readonly epoch: number; readonly fencing: number } | null;
  /** What Step Functions says of the holder, if it knows that execution. */
  readonly holder: { readonly running: boolean; readonly status: string; readonly stoppedAt: string | null } | undefined;
  readonly now: Date;
}

/** Throws what refuses (PlanStale, PlanRefused) and what must be waited for (NotYet). */
export function decideLease({ lease: known, run, estate, plan, holder: standing, now }: LeaseQuestion): LeaseDecision {
  const lease = known ?? firstLease(run, estate, now);
  if (plan && lease.epoch !== plan.epoch) {
    const says = `the plan was drafted under epoch ${plan.epoch}, and ${writerSays(lease)}; start the run again`;
    throw new RunbookError('PlanStale', says, { planned: plan.epoch, found: lease.epoch });
  }
  const { holder } = lease;
  if (holder?.execution === run.execution) return { kind: 'keep', lease };
  if (holder && standing?.running === true) return preempt(holder, run);
  if (holder) awaitLastAct(holder, standing?.stoppedAt ?? holder.takenAt, now);
  if (plan && lease.fencing !== plan.fencing) {
    // Whoever came between may have undone what the plan found done: a fence it leaves out, because it stood.
    const says = `the lease was taken by another run after this plan was rechecked (fencing number ${lease.fencing}, planned ${plan.fencing}); start the run again`;
    throw new RunbookError('PlanStale', says, { planned: plan.fencing, found: lease.fencing });
  }
  return { kind: 'take', lease: acquire(lease, run, now) };
}

/** Where nobody ever held one, the estate's primary is the writer. */
export const firstLease = ({ app }: Pick<Run, 'app'>, estate: Pick<Estate, 'environments'>, now: Date): Lease => ({
  app,
  writer: primaryOf(estate),
  epoch: 1,
  fencing: 0,
  since: now.toISOString(),
  holder: null,
});

function primaryOf({ environments }: Pick<Estate, 'environments'>): string {
  const primary = Object.entries(environments).find(([, { role }]) => role === 'primary');
  if (primary) return primary[0];
  throw new RunbookError('InputInvalid', 'environments: none has the role primary, so nobody is the writer; name one');
}

/** Who is the writer as long as nobody has said otherwise. */
export const writerOf = (lease: Lease | undefined, estate: Pick<Estate, 'environments'>): { writer: string; epoch: number } =>
  lease ?? { writer: primaryOf(estate), epoch: 1 };

function acquire(lease: Lease, { execution, runbook }: Run, now: Date): Lease {
  const attended = !UNATTENDED.includes(runbook);
  return { ...lease, fencing: lease.fencing + 1, holder: { execution, runbook, attended, takenAt: now.toISOString() } };
}

function preempt(holder: Holder, run: Run): LeaseDecision {
  if (holder.runbook === CLEANING) {
    const says = `${nameOf(holder)} is cleaning up after a run that was stopped; the lease is asked for again until it is done`;
    throw new RunbookError('NotYet', says, { holder: holder.execution });
  }
  const since = `since ${clockOf(holder.takenAt)}`;
  if (isEmergency(run.runbook) && !holder.attended) {
    const says = `${holder.runbook} (${nameOf(holder)}) held the lease ${since}, unattended; it is stopped, and the lease taken when no act of it can still run`;
    return { kind: 'preempt', execution: holder.execution, says };
  }
  const says =
    `refused: ${holder.runbook} (${nameOf(holder)}) has held the lease ${since}; ` +
    'wait until it ends, or stop that execution and start again';
  throw new RunbookError('PlanRefused', says, { holder: holder.execution, takenAt: holder.takenAt });
}

/** Stopping an execution does not stop its running Lambda. */
function awaitLastAct(holder: Holder, stoppedAt: string, now: Date): void {
  const freeAt = Date.parse(stoppedAt) + LONGEST_ACT_SECONDS * 1000;
  const seconds = Math.ceil((freeAt - now.getTime()) / 1000);
  if (seconds <= 0) return;
  const says = `${holder.runbook} (${nameOf(holder)}) ended holding the lease; an act of it may still run for ${spanOf(seconds)}; asked again until then`;
  throw new RunbookError('NotYet', says, { holder: holder.execution, seconds });
}

const nameOf = ({ execution }: Holder): string => runIdOf(execution);

/** Every act asks this before it writes: an older epoch or fencing number, or another holder, and it stops. */
export function judgeHeld(lease: Lease, run: Run): void {
  const { holder, epoch, fencing } = lease;
  if (holder?.execution === run.execution && run.lease?.fencing === fencing && run.lease.epoch === epoch) return;
  // Under our own fencing number nobody but us can have moved the epoch: the declaration that died after its write.
  if (holder?.execution === run.execution && run.lease?.fencing === fencing && run.lease.epoch < epoch) return;
  const held = run.lease === null ? 'no lease' : `epoch ${run.lease.epoch}, fencing number ${run.lease.fencing}`;
  const found = holder === null ? 'nobody holds it' : `${holder.runbook} (${nameOf(holder)}) holds it`;
  const says = `this run acts under ${held}, but the lease is at epoch ${epoch}, fencing number ${fencing} and ${found}; start the run again`;
  throw new RunbookError('PlanStale', says, { epoch, fencing, holder: holder?.execution ?? null });
}

/** The lease itself, unchanged, when that writer is declared under that epoch already. */
export function declareWriter(lease: Lease, run: Run, to: string, epoch: number, now: Date): Lease {
  judgeHeld(lease, run);
  if (lease.writer === to && lease.epoch === epoch) return lease;
  if (lease.epoch + 1 === epoch) return { ...lease, writer: to, epoch, since: now.toISOString() };
  const says = `${to} was to be the writer under epoch ${epoch}, but ${writerSays(lease)}; start the run again`;
  throw new RunbookError('PlanStale', says, { planned: epoch, found: lease.epoch });
}

/** For the one who holds it; a lease that is another's is not released by us. */
export const releaseLease = (lease: Lease): Lease => ({ ...lease, holder: null });

export const writerSays = ({ writer, since, epoch }: Lease): string =>
  `${writer} is the writer since ${clockOf(since)} (epoch ${epoch})`;
