// Plans in the ledger: the whole plan there, its id and hash in the state machine.
import type { Ledger } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import { changeJournal } from './journal.ts';
import { hashInput } from '../runbooks/plan-hash.ts';
import { Plan, type PlanRef } from '../runbooks/plan.ts';
import { digestOf } from '../secret.ts';

const keyOf = (id: string): string => `plans/${id}.json`;

/** Gives a draft its id and the hash that an approval is bound to, and keeps it. The second of a run is the one after a first approval. */
export async function sealPlan(
  ledger: Ledger,
  draft: Omit<Plan, 'id' | 'hash'>,
  approved: PlanRef | null,
  summary = draft.title,
): Promise<PlanRef> {
  const round = approved === null ? 0 : roundOf(approved.id) + 1;
  const hash = digestOf(hashInput(draft));
  // A draft that differs never lies under the id of one that somebody may have approved.
  const id = `${draft.run}/${round}-${hash.slice(0, 8)}`;
  await storePlan(ledger, { ...draft, id, hash });
  await changeJournal(ledger, draft.run, (entry) => (entry.plan === id ? entry : { ...entry, plan: id }));
  return { id, hash, summary };
}

const roundOf = (id: string): number => Number(/\/(\d+)-[0-9a-f]+$/.exec(id)?.[1] ?? 0);

/** A step that is run again drafts anew: the last draft under this id is the one its hash names. */
async function storePlan(ledger: Ledger, plan: Plan): Promise<void> {
  if (await ledger.create(keyOf(plan.id), plan)) return;
  const found = await ledger.read(keyOf(plan.id));
  if (found !== undefined && (await ledger.replace(keyOf(plan.id), plan, found.version))) return;
  throw new RunbookError('CloudTransient', `${keyOf(plan.id)} changed while it was written; it is tried again`, {
    run: plan.run,
  });
}

/** The plan that was approved, and no other that came to lie under its id. */
export async function readPlan(ledger: Ledger, { id, hash }: Pick<PlanRef, 'id' | 'hash'>): Promise<Plan> {
  const found = await ledger.read(keyOf(id));
  const plan = Plan.safeParse(found?.body);
  if (plan.success && plan.data.hash === hash) return plan.data;
  throw new RunbookError('PlanStale', `plan ${id} in the ledger is not the one that was approved; start the run again`, {
    plan: id,
  });
}

/** For a report, which tells of whatever there is. */
export async function findPlan(ledger: Ledger, id: string | undefined): Promise<Plan | undefined> {
  if (id === undefined) return undefined;
  return Plan.safeParse((await ledger.read(keyOf(id)))?.body).data;
}
