import { beforeEach, describe, expect, it } from '@jest/globals';
import { keepProven } from '../../functions/prepare/keep-proven.ts';
import { mark, readJournal } from '../../shared/ledger/journal.ts';
import { tagsOf } from '../../shared/runbooks/instances.ts';
import type { PlanRef } from '../../shared/runbooks/plan.ts';
import type { Run } from '../../shared/runbooks/run.ts';
import { runStep } from '../../shared/step.ts';
import { ago, now } from '../runbooks/small-facts.ts';
import { planOf, restoreRun, snapshotWith } from '../runbooks/small-restore.ts';
import { withRds } from './small-rds.ts';
import { planned } from './small-run.ts';
import { createSmallWorld } from './small-world.ts';

const OURS = tagsOf({ app: 'orders', run: 'back-6', environment: 'main', what: 'snapshot' });
const AUTOMATED = snapshotWith();
const TAKEN = snapshotWith({ id: 'ours', arn: 'arn:aws:rds:eu-west-1:123456789012:snapshot:ours', kind: 'manual', tags: OURS });

let world: ReturnType<typeof withRds>;
let run: Run;
let plan: PlanRef;

/** As Prove leaves it. */
async function proven(request: object, runbook: 'restore' | 'rewind' = 'restore'): Promise<void> {
  run = restoreRun(request, runbook);
  plan = await planned(world, run, planOf({ run, standing: [AUTOMATED, TAKEN] }));
  await mark(world.ledger, world.clock, run.id, 'proven', 'each row read once');
}
const keep = (with_: object = {}) => runStep(keepProven, { run, plan, ...with_ }, world);
const intents = async () => (await readJournal(world.ledger, run.id)).intents;

beforeEach(() => {
  world = withRds(createSmallWorld(now.toISOString()));
  for (const one of [AUTOMATED, TAKEN]) world.rds.snapshots.set(one.id, one);
});

describe('keepProven', () => {
  it('puts on a snapshot of ours when it was proven, and writes that down before', async () => {
    await proven({ snapshot: 'ours' });

    await keep();

    expect(world.rds.snapshots.get('ours')?.tags).toEqual({ ...OURS, 'changeover:proven': now.toISOString() });
    expect(await intents()).toMatchObject([{ effect: { kind: 'proven', snapshot: 'ours' }, doneAt: now.toISOString() }]);
  });

  it('repeats harmlessly: the same instant, one intent, and RDS is asked once', async () => {
    await proven({ snapshot: 'ours' });
    await keep();
    const once = world.rds.snapshots.get('ours');

    await keep();

    expect(world.rds.snapshots.get('ours')).toEqual(once);
    expect(world.rds.asked).toHaveLength(1);
    expect(await intents()).toHaveLength(1);
  });

  it.each([
    ['what RDS takes by itself', { snapshot: 'newest' }, 'restore'],
    ['a log', { at: ago(3600) }, 'rewind'],
  ] as const)('leaves %s as it is', async (_what, request, runbook) => {
    await proven(request, runbook);

    expect((await keep()).says).toMatch(/^left out: /);
    expect([world.rds.asked, await intents()]).toEqual([[], []]);
  });

  it('refuses another plan and what is no run, and touches nothing', async () => {
    await proven({ snapshot: 'ours' });

    await expect(keep({ plan: { ...plan, hash: 'another' } })).rejects.toMatchObject({ name: 'PlanStale' });
    await expect(keep({ run: { id: 'x' } })).rejects.toMatchObject({ name: 'InputInvalid' });
    expect([world.rds.asked, await intents()]).toEqual([[], []]);
  });
});
