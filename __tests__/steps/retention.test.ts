import { beforeEach, describe, expect, it } from '@jest/globals';
import { expireCopies } from '../../functions/act/expire-copies.ts';
import { retireInstance } from '../../functions/act/retire-instance.ts';
import { stopShelves } from '../../functions/act/stop-shelves.ts';
import { takeLease } from '../../functions/act/take-lease.ts';
import { undoActs } from '../../functions/act/undo-acts.ts';
import { planRetention } from '../../functions/plan/plan-retention.ts';
import { checkRetention } from '../../functions/verify/check-retention.ts';
import { noteApproval, openJournal, readJournal } from '../../shared/ledger/journal.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import type { PlanRef } from '../../shared/runbooks/plan.ts';
import type { Run } from '../../shared/runbooks/run.ts';
import { draftEntry } from '../../shared/runbooks/undo.ts';
import { runStep } from '../../shared/step.ts';
import { daysAgo, instanceOf, now, retentionRun, SETTINGS, SHELF, shelfOf, snapshotOf } from '../runbooks/small-retention.ts';
import { withRds } from './small-rds.ts';
import { createSmallWorld } from './small-world.ts';

const MAIN = { kind: 'secret', name: 'orders/main/master', host: 'orders-main.abc.eu-west-1.rds.amazonaws.com' } as const;

let world: ReturnType<typeof withRds>;
let run: Run;
let plan: PlanRef;
let next: string;

beforeEach(() => {
  world = withRds(createSmallWorld(now.toISOString()));
  world.rds.instances.set('orders-main', instanceOf('orders-main', { tags: {}, status: 'available' }));
  world.rds.pointers.set('main', [MAIN]);
  for (const one of [snapshotOf('s-old', 40), snapshotOf('s-new', 2), snapshotOf('theirs', 400, { tags: {} })])
    world.rds.snapshots.set(one.id, one);
});

const shelve = (age = 8, change = {}): void => void world.rds.instances.set(SHELF, shelfOf(age, change));
const backUp = (): void => {
  const { resourceId } = shelfOf(8);
  world.rds.snapshots.set('s-last', snapshotOf('s-last', 7.9, { resourceId, instance: SHELF }));
};

async function planned(request: object = {}): Promise<void> {
  const opened = retentionRun(request);
  await openJournal(world.ledger, draftEntry(opened, world.clock.now()));
  ({ plan, next } = await runStep(planRetention, { run: opened, approved: null }, world));
  run = opened;
}
async function acting(request: object = {}): Promise<void> {
  await planned(request);
  run = await runStep(takeLease, { run, plan }, world);
}

/** An answer as it lies in the ledger. */
async function answered(answer: 'approve' | 'refuse', change: object = {}): Promise<void> {
  const said = { answer, by: 'cto', at: world.clock.now().toISOString(), reason: '' };
  const approval = {
    id: 'abcdefghij23',
    run: run.id,
    execution: run.execution,
    runbook: run.runbook,
    app: run.app,
    plan,
    epoch: 1,
    round: 1,
    difference: [],
    reason: '',
    askedBy: 'EventBridge',
    tokens: ['token'],
    askedAt: said.at,
    expiresAt: daysAgo(-1),
    quorum: 1,
    excluded: null,
    alone: null,
    slots: [],
    posted: [],
    opened: [],
    answers: [said],
    countdown: null,
    decision: said,
    voided: null,
    ...change,
  };
  await world.ledger.create('approvals/abcdefghij23.json', approval);
  await noteApproval(world.ledger, run.id, approval.id);
}

const intents = async () => (await readJournal(world.ledger, run.id)).intents;
const kinds = async () => (await intents()).map(({ effect, doneAt }) => `${effect.kind}${doneAt === null ? ' begun' : ''}`);
const act = (step: typeof expireCopies | typeof stopShelves | typeof retireInstance, with_: object = {}) =>
  runStep(step as typeof retireInstance, { run, plan, ...with_ }, world);
const check = () => runStep(checkRetention, { run, plan }, world);

describe('planRetention', () => {
  it('keeps a plan of what there is, and says whether a person is asked', async () => {
    await planned();

    expect(next).toBe('free');
    expect((await readPlan(world.ledger, plan)).changes.map(({ target }) => target)).toEqual(['s-old']);
    expect(world.rds.asked).toEqual([]);
  });

  it('asks when an instance is to go for good, and for no more than the day’s stops where only these are looked at', async () => {
    shelve(9, { status: 'available' });
    await planned();

    expect(next).toBe('ask');
    await planned({ stopsOnly: true, reason: 'daily' });
    expect(next).toBe('free');
  });

  it('knows an instance that something leads to by its endpoint, and a run that is still at work by its journal', async () => {
    shelve();
    world.rds.pointers.set('spare', [{ kind: 'name', name: 'db.spare.test.', host: `${SHELF}.abc.eu-west-1.rds.amazonaws.com` }]);
    await planned();
    expect(next).toBe('free');

    world.rds.pointers.set('spare', []);
    const restore = { ...retentionRun(), id: 'restore-1', execution: `${run.execution}-restore` };
    await openJournal(world.ledger, draftEntry(restore, world.clock.now()));
    world.runs.set(restore.execution, { running: true, status: 'RUNNING', stoppedAt: null });
    await planned();
    expect(next).toBe('free');

    world.runs.set(restore.execution, { running: false, status: 'FAILED', stoppedAt: daysAgo(1) });
    await planned();
    expect(next).toBe('ask');
  });

  it.each([
    ['theirs', 'not ours: no tag changeover'],
    ['s-new', 'the last backup of orders-main'],
    ['orders-main', 'not ours: no tag changeover'],
    ['rds:orders-main-2026-01-15-03-00', 'RDS keeps it by itself (automated)'],
    ['no/such/thing', 'neither a manual snapshot nor an instance'],
  ])('refuses %s by name and keeps the plan for the report', async (name, says) => {
    const tagged = snapshotOf('rds:orders-main-2026-01-15-03-00', 0.1, { kind: 'automated' });
    world.rds.snapshots.set(tagged.id, tagged);

    await expect(planned({ only: [name] })).rejects.toMatchObject({
      name: 'PlanRefused',
      message: expect.stringContaining(says),
    });

    expect([...world.entries.keys()].filter((key) => key.startsWith('plans/'))).toHaveLength(1);
    expect(world.rds.asked).toEqual([]);
  });
});

describe('expireCopies', () => {
  it('removes what expired and nothing else, and writes it down before', async () => {
    await acting();

    await act(expireCopies);

    expect(world.rds.asked).toEqual(['remove s-old']);
    expect(await kinds()).toEqual(['expired']);
    await expect(check()).resolves.toMatchObject({ says: expect.stringContaining('1 expired snapshot') });
  });

  it('is safe to repeat', async () => {
    await acting();
    await act(expireCopies);

    await act(expireCopies);

    expect(world.rds.asked).toEqual(['remove s-old']);
    expect(await kinds()).toEqual(['expired']);
  });

  it.each([
    ['the newer one is gone', () => void world.rds.snapshots.delete('s-new'), 'the last backup of orders-main'],
    ['its tag is gone', () => void world.rds.snapshots.set('s-old', snapshotOf('s-old', 40, { tags: {} })), 'not ours'],
    ['the name is another’s', () => void world.rds.snapshots.set('s-old', snapshotOf('s-old', 41)), daysAgo(41)],
  ])('stops where %s since', async (_what, change, says) => {
    await acting();
    change();

    await expect(act(expireCopies)).rejects.toMatchObject({
      name: 'PlanStale',
      message: expect.stringContaining(says),
    });

    expect(world.rds.asked).toEqual([]);
  });

  it('refuses without the lease', async () => {
    await planned();

    await expect(act(expireCopies)).rejects.toMatchObject({ name: 'PlanStale' });

    expect(world.rds.asked).toEqual([]);
  });
});

describe('stopShelves', () => {
  it('stops a shelf that runs again, once', async () => {
    shelve(9, { status: 'available' });
    await acting({ stopsOnly: true });

    await act(stopShelves);
    await act(stopShelves);

    expect(world.rds.asked).toEqual([`stop ${SHELF}`]);
    await expect(check()).rejects.toMatchObject({ name: 'NotYet' });
    world.rds.pass();
    await expect(check()).resolves.toMatchObject({ says: expect.stringContaining('1 shelf stopped again') });
  });

  it('leaves one alone that somebody was led to since, and one that another instance took the name of', async () => {
    shelve(9, { status: 'available' });
    await acting({ stopsOnly: true });
    world.rds.pointers.set('spare', [
      { kind: 'secret', name: 'orders/spare/master', host: `${SHELF}.abc.eu-west-1.rds.amazonaws.com` },
    ]);

    await expect(act(stopShelves)).rejects.toMatchObject({ name: 'PlanStale' });

    shelve(9, { status: 'available', resourceId: 'db-ANOTHER' });
    await act(stopShelves);
    expect(world.rds.asked).toEqual([]);
  });
});

describe('retireInstance', () => {
  /** As the machine does: asks again while it is told to. */
  async function untilDone(most = 10): Promise<number> {
    for (let tries = 1; tries <= most; tries++) {
      const error: unknown = await act(retireInstance).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined) return tries;
      expect(error).toMatchObject({ name: 'NotYet' });
      world.rds.pass();
    }
    throw new Error('it never ended');
  }

  it('starts what stands still, backs it up, takes its protection off and removes it', async () => {
    shelve();
    await acting({ only: [SHELF] });
    await answered('approve');
    world.setNow(new Date(now.getTime() + 60_000).toISOString());

    await untilDone();

    const backup = /-last-[0-9a-f]{8}$/;
    expect(world.rds.asked).toEqual([
      `start ${SHELF}`,
      expect.stringMatching(backup),
      `adjust ${SHELF} {"deletionProtection":false}`,
      `remove ${SHELF}`,
    ]);
    expect([...world.rds.instances.keys()]).toEqual(['orders-main']);
    expect([...world.rds.snapshots.values()].find(({ id }) => backup.test(id))).toMatchObject({
      status: 'available',
      tags: { changeover: 'orders', 'changeover:what': 'snapshot', 'changeover:environment': 'main' },
    });
    expect(await kinds()).toEqual(['removed']);
    await expect(check()).resolves.toMatchObject({ says: expect.stringContaining('1 instance') });
  });

  it('needs nothing more where a backup stands and nothing protects it', async () => {
    shelve(8, { settings: { ...SETTINGS, deletionProtection: false } });
    backUp();
    await acting({ only: [SHELF] });
    await answered('approve');

    await untilDone();

    expect(world.rds.asked).toEqual([`remove ${SHELF}`]);
    expect((await intents())[0]?.effect).toMatchObject({ instance: SHELF, snapshot: 's-last' });
  });

  it('waits while RDS is at work, and does nothing twice', async () => {
    shelve();
    await acting({ only: [SHELF] });
    await answered('approve');

    await expect(act(retireInstance)).rejects.toMatchObject({ name: 'NotYet' });
    await expect(act(retireInstance)).rejects.toMatchObject({
      name: 'NotYet',
      message: expect.stringContaining('RDS says starting'),
    });

    expect(world.rds.asked).toEqual([`start ${SHELF}`]);
  });

  it.each<[string, () => Promise<void>]>([
    ['nobody answered', () => Promise.resolve()],
    ['a person said no', () => answered('refuse')],
    ['the yes was to another plan', () => answered('approve', { plan: { id: 'month-1/0-other', hash: 'other', summary: '' } })],
    ['the yes was voided', () => answered('approve', { voided: { at: now.toISOString(), why: 'another writer' } })],
  ])('refuses where %s, and touches nothing', async (_what, answer) => {
    shelve();
    backUp();
    await acting({ only: [SHELF] });
    await answer();

    await expect(act(retireInstance)).rejects.toMatchObject({
      name: 'PlanStale',
      message: expect.stringContaining('nobody has approved'),
    });

    expect(world.rds.asked).toEqual([]);
    expect(await intents()).toEqual([]);
  });

  it.each<[string, () => void, string]>([
    ['its tag is gone', () => shelve(8, { tags: {} }), 'not ours any more'],
    ['something leads there', () => void world.rds.pointers.set('main', [{ ...MAIN, host: `${SHELF}.x` }]), 'leads there'],
  ])('refuses where %s, whatever was approved', async (_what, change, says) => {
    shelve();
    backUp();
    await acting({ only: [SHELF] });
    await answered('approve');
    change();

    await expect(act(retireInstance)).rejects.toMatchObject({
      name: 'PlanStale',
      message: expect.stringContaining(says),
    });

    expect(world.rds.asked).toEqual([]);
  });

  it('lets another instance be that bears the name by now, and claims nothing that others removed', async () => {
    shelve();
    backUp();
    await acting({ only: [SHELF] });
    await answered('approve');
    shelve(8, { resourceId: 'db-ANOTHER' });

    await act(retireInstance);
    world.rds.instances.delete(SHELF);
    await act(retireInstance);

    expect(world.rds.asked).toEqual([]);
    expect(await intents()).toEqual([]);
  });

  it('takes the backup anew where the one that was named is gone, before anything else', async () => {
    shelve();
    backUp();
    await acting({ only: [SHELF] });
    await answered('approve');
    world.rds.snapshots.delete('s-last');

    await untilDone();

    expect(world.rds.asked.slice(0, 2)).toEqual([`start ${SHELF}`, 'snapshot s-last']);
  });
});

describe('checkRetention', () => {
  it('stops where what was to go is there, or no backup is left', async () => {
    await acting();

    await expect(check()).rejects.toMatchObject({ name: 'VerifyFailed', message: expect.stringContaining('s-old is available') });

    await act(expireCopies);
    world.rds.snapshots.clear();
    await expect(check()).rejects.toMatchObject({
      name: 'VerifyFailed',
      message: expect.stringContaining('no backup'),
    });
  });

  it('stops where an instance is gone without its snapshot', async () => {
    shelve(8, { settings: { ...SETTINGS, deletionProtection: false } });
    backUp();
    await acting({ only: [SHELF] });
    world.rds.instances.delete(SHELF);
    world.rds.snapshots.delete('s-last');

    await expect(check()).rejects.toMatchObject({ name: 'VerifyFailed', message: expect.stringContaining('s-last') });
  });
});

it('undoing a retention leaves what went and says so', async () => {
  await acting();
  await act(expireCopies);

  while ((await runStep(undoActs, { run }, world)).next === 'cloud');

  expect((await intents())[0]?.undone).toMatchObject({
    how: 'left',
    says: expect.stringContaining('does not come back'),
  });
});
