import { beforeEach, describe, expect, it } from '@jest/globals';
import { takeLease } from '../../functions/act/take-lease.ts';
import { findAftermath } from '../../functions/plan/find-aftermath.ts';
import { planFailover } from '../../functions/plan/plan-failover.ts';
import { changeJournal, mark, openJournal, readJournal } from '../../shared/ledger/journal.ts';
import { runStep } from '../../shared/step.ts';
import { addIntent, draftEntry } from '../../shared/runbooks/undo.ts';
import { RUN } from './small-run.ts';
import { createSmallWorld, type SmallWorld } from './small-world.ts';

const AFTERMATH = RUN.execution.replace('failover-dev:night-7', 'aftermath-dev:first');
const NEXT = { ...RUN, id: 'night-8', execution: RUN.execution.replace('night-7', 'night-8') };
let world: SmallWorld;

/** A run that declared the writer, and then stood still. */
beforeEach(async () => {
  world = createSmallWorld();
  await openJournal(world.ledger, draftEntry(RUN, world.clock.now()));
  await changeJournal(
    world.ledger,
    RUN.id,
    (entry) =>
      addIntent(entry, {
        act: 'declareWriter',
        effect: { kind: 'writer', from: 'main', to: 'spare', epoch: 2 },
        invert: 'yes',
        at: '2026-01-15T03:12:00.000Z',
      }).entry,
  );
});
const find = () =>
  runStep(
    findAftermath,
    {
      event: { detail: { executionArn: RUN.execution, name: RUN.id, status: 'ABORTED' } },
      execution: AFTERMATH,
      machine: 'aftermath-dev',
      startedAt: '2026-01-15T03:12:00.000Z',
    },
    world,
  );
const resume = async (execution: string, change: Partial<typeof NEXT> = {}) => {
  const run = { ...NEXT, ...change, resume: execution };
  await openJournal(world.ledger, draftEntry(run, world.clock.now()));
  return runStep(takeLease, { run, plan: null }, world);
};
const standing = async () => (await readJournal(world.ledger, NEXT.id)).intents.map(({ act }) => act);

describe('going on with a run', () => {
  it('takes over what that one was to go on with, where it was stopped before it came to it', async () => {
    await find();

    await resume(AFTERMATH);

    expect(await standing()).toEqual(['declareWriter']);
    expect((await readJournal(world.ledger, RUN.id)).adoptedBy).toBe(NEXT.execution);
  });

  it.each([
    ['left no journal', `${RUN.execution}-x`, 'InputInvalid', undefined],
    ['was verified', RUN.execution, 'PlanRefused', { marks: [{ name: 'verified', at: '2026-01-15T03:12:00.000Z', says: '' }] }],
    ['was taken over', RUN.execution, 'PlanRefused', { adoptedBy: AFTERMATH }],
  ])('is refused when it is planned where that one %s: nobody is asked about it', async (_why, resumed, name, change) => {
    if (change) await changeJournal(world.ledger, RUN.id, (entry) => ({ ...entry, ...change }));
    const run = { ...NEXT, resume: resumed };
    const keys = { data: { key: 'facts/none' }, doors: { key: 'facts/none' } };

    const planning = runStep(planFailover, { run, ...keys, approved: null }, world);

    await expect(planning).rejects.toMatchObject({ name, message: expect.stringContaining(resumed) as unknown });
    expect([...world.entries.keys()].filter((key) => key.startsWith('plans/'))).toEqual([]);
  });

  it('is refused where it cleaned up after another runbook, whose changes this one has no hands for', async () => {
    await find();
    const retention = { machine: 'retention-dev', runbook: 'retention' };

    const asked = resume(AFTERMATH, { ...retention, execution: NEXT.execution.replace('failover-dev', 'retention-dev') });

    await expect(asked).rejects.toMatchObject({
      name: 'InputInvalid',
      message: expect.stringContaining(RUN.execution) as unknown,
    });
    expect(await standing()).toEqual([]);
    expect((await readJournal(world.ledger, AFTERMATH.slice(-5))).adoptedBy).toBeNull();
  });

  it('is refused where it was verified: whatever failed afterwards would undo it', async () => {
    await mark(world.ledger, world.clock, RUN.id, 'verified', '');

    await expect(resume(RUN.execution)).rejects.toMatchObject({ name: 'PlanRefused' });
    expect(await standing()).toEqual([]);
  });
});
