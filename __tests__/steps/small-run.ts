// A run and a plan that is in the ledger, as Open and Plan leave them, for the steps that come after.
import { sealPlan } from '../../shared/ledger/plans.ts';
import { openJournal } from '../../shared/ledger/journal.ts';
import type { Plan, PlanRef } from '../../shared/runbooks/plan.ts';
import type { Run } from '../../shared/runbooks/run.ts';
import { draftRollcall } from '../../shared/runbooks/rollcall.ts';
import { draftEntry } from '../../shared/runbooks/undo.ts';
import type { SmallWorld } from './small-world.ts';

export const RUN: Run = {
  id: 'night-7',
  execution: 'arn:aws:states:eu-west-1:123456789012:execution:failover-dev:night-7',
  machine: 'failover-dev',
  runbook: 'failover',
  app: 'orders',
  mode: 'act',
  reason: 'Is <anyone> awake?',
  by: 'Ada',
  override: [],
  resume: null,
  request: {},
  openedAt: '2026-01-15T03:12:00.000Z',
  lease: null,
};

export type Draft = Omit<Plan, 'id' | 'hash'>;
export const draftOf = (run: Run, change: Partial<Draft> = {}): Draft => ({
  ...draftRollcall(run, 1, 'main', new Date('2026-01-15T03:12:00.000Z')),
  title: 'orders: main → spare',
  changes: [
    { act: 'SwapNames', target: 'app.orders.test. A', says: 'app.orders.test. A', before: 'alias main', after: 'alias spare' },
  ],
  ...change,
});

/** The run's journal is open, and its plan sealed. */
export async function planned(world: SmallWorld, run: Run = RUN, change: Partial<Draft> = {}): Promise<PlanRef> {
  await openJournal(world.ledger, draftEntry(run, world.clock.now()));
  return sealPlan(world.ledger, draftOf(run, change), null);
}
