import { describe, expect, it } from '@jest/globals';
import { findAftermath } from '../../functions/plan/find-aftermath.ts';
import { changeJournal } from '../../shared/ledger/journal.ts';
import { runStep } from '../../shared/step.ts';
import { planned, RUN } from './small-run.ts';
import { createSmallWorld, type SmallWorld } from './small-world.ts';

const EXECUTION = 'arn:aws:states:eu-west-1:123456789012:execution:aftermath-dev:after-7';
const asked = (status: string, change: object = {}) => ({
  event: {
    version: '0',
    source: 'aws.states',
    detail: {
      executionArn: RUN.execution,
      name: RUN.id,
      status,
      stopDate: Date.parse('2026-01-15T03:12:00.000Z'),
      input: '{}',
      ...change,
    },
  },
  execution: EXECUTION,
  machine: 'aftermath-dev',
  startedAt: '2026-01-15T03:12:01.000Z',
});
const aborted = asked('ABORTED');
const acted = (world: SmallWorld) =>
  changeJournal(world.ledger, RUN.id, (entry) => ({
    ...entry,
    intents: [
      {
        seq: 1,
        act: 'fenceDatabase',
        at: '2026-01-15T03:12:00.000Z',
        effect: { kind: 'database-fence', environment: 'main', database: 'orders', connect: ['public'] },
        invert: 'yes',
        doneAt: null,
        change: null,
        undone: null,
      },
    ],
  }));

describe('findAftermath', () => {
  it('takes over what a stopped run left, once no act of it can still run', async () => {
    const world = createSmallWorld();
    await planned(world);
    await acted(world);

    const found = await runStep(findAftermath, aborted, world);

    expect(found).toMatchObject({ needed: true, waitSeconds: 120, run: { runbook: 'aftermath', resume: RUN.execution } });
    expect(found.failure.Error).toBeDefined();
    expect(world.acts).toEqual([]);
  });

  it('has nothing to do after a run that settled by itself', async () => {
    const world = createSmallWorld();
    await planned(world);
    await changeJournal(world.ledger, RUN.id, (entry) => ({ ...entry, settledAt: '2026-01-15T03:12:00.000Z' }));

    const found = await runStep(findAftermath, asked('FAILED', { error: 'PlanRefused', cause: 'a limit' }), world);

    expect(found).toMatchObject({ needed: false, waitSeconds: 0 });
  });

  it('has nothing to do after one that never opened, nor after one that another went on with', async () => {
    const unopened = createSmallWorld();
    const adopted = createSmallWorld();
    await planned(adopted);
    await acted(adopted);
    await changeJournal(adopted.ledger, RUN.id, (entry) => ({ ...entry, adoptedBy: `${RUN.execution}-2` }));

    const nothing = await runStep(findAftermath, asked('FAILED', { error: 'InputInvalid' }), unopened);
    const taken = await runStep(findAftermath, aborted, adopted);

    expect([nothing.needed, taken.needed]).toEqual([false, false]);
  });

  it('finds the same when it looks again, with one journal of its own', async () => {
    const world = createSmallWorld();
    await planned(world);
    await acted(world);
    const first = await runStep(findAftermath, aborted, world);

    const second = await runStep(findAftermath, aborted, world);

    expect(second.run).toEqual(first.run);
    expect(world.writes.filter((key) => key === 'runs/after-7.json')).toHaveLength(1);
  });

  it('leaves a run to the first that was started for it, also when that one has done it', async () => {
    const world = createSmallWorld();
    await planned(world);
    await acted(world);
    const second = { ...aborted, execution: EXECUTION.replace('after-7', 'after-8') };

    const found = [await runStep(findAftermath, aborted, world), await runStep(findAftermath, second, world)];
    const again = [await runStep(findAftermath, aborted, world), await runStep(findAftermath, second, world)];
    await changeJournal(world.ledger, 'after-7', (entry) => ({ ...entry, settledAt: '2026-01-15T03:15:00.000Z' }));
    const late = await runStep(findAftermath, second, world);

    expect([found, again].map((both) => both.map(({ needed }) => needed))).toEqual([
      [true, false],
      [true, false],
    ]);
    expect(found[1]?.says).toBe(`${EXECUTION} is cleaning up after it`);
    expect(late).toMatchObject({ needed: false, says: `${EXECUTION} has cleaned up after it`, run: { resume: null } });
  });

  it('is asked again where two take it up at one moment, and one of them has it', async () => {
    const world = createSmallWorld();
    await planned(world);
    await acted(world);
    const second = { ...aborted, execution: EXECUTION.replace('after-7', 'after-8') };

    const both = await Promise.allSettled([aborted, second].map((event) => runStep(findAftermath, event, world)));

    expect(both.map((one) => (one.status === 'rejected' ? (one.reason as Error).name : one.value.needed)).sort()).toEqual([
      'CloudTransient',
      true,
    ]);
  });

  it('refuses what is no event, and writes nothing', async () => {
    const world = createSmallWorld();

    await expect(runStep(findAftermath, { ...aborted, event: {} }, world)).rejects.toMatchObject({ name: 'InputInvalid' });
    expect(world.writes).toEqual([]);
  });
});
