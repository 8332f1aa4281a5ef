import { beforeEach, describe, expect, it } from '@jest/globals';
import { declareWriter } from '../../functions/act/declare-writer.ts';
import { fenceDatabase } from '../../functions/act/fence-database.ts';
import { fenceWeb } from '../../functions/act/fence-web.ts';
import { settleRun } from '../../functions/act/settle-run.ts';
import { gapSequences } from '../../functions/act/gap-sequences.ts';
import { swapNames } from '../../functions/act/swap-names.ts';
import { takeLease } from '../../functions/act/take-lease.ts';
import { undoActs } from '../../functions/act/undo-acts.ts';
import { undoData } from '../../functions/act/undo-data.ts';
import { readJournal } from '../../shared/ledger/journal.ts';
import type { Step } from '../../shared/step.ts';
import { runStep } from '../../shared/step.ts';
import type { MoveDetail } from '../../shared/runbooks/move.ts';
import type { RecordSet } from '../../shared/runbooks/journal.ts';
import type { PlanRef } from '../../shared/runbooks/plan.ts';
import type { Run } from '../../shared/runbooks/run.ts';
import { planned, RUN } from './small-run.ts';
import { createSmallWorld, type SmallWorld } from './small-world.ts';

const ZONE = 'Z0ORDERSTEST0001';
const alias = (name: string, to: string): RecordSet => ({
  Name: name,
  Type: 'A',
  AliasTarget: { HostedZoneId: 'Z32O12XQLNTSW2', DNSName: `${to}.eu-west-1.elb.amazonaws.com.`, EvaluateTargetHealth: false },
});
const BEFORE = ['app.orders.test.', 'api.orders.test.'].map((name) => alias(name, 'main'));
const AFTER = ['app.orders.test.', 'api.orders.test.'].map((name) => alias(name, 'spare'));
const upsert = (record: RecordSet) => ({ action: 'UPSERT' as const, record });
const DETAIL: MoveDetail = {
  from: 'main',
  to: 'spare',
  zones: [{ zone: ZONE, before: BEFORE, after: AFTER, changes: AFTER.map(upsert), inverse: BEFORE.map(upsert) }],
  fence: {
    web: { listeners: ['listener-80', 'listener-443'], skipped: null },
    database: { connect: ['public', 'orders_app'], skipped: null },
  },
  gap: [{ sequence: 'orders_id_seq', to: '1000100' }],
  invert: 'yes',
  asked: {},
  ttlSeconds: 60,
};

let world: SmallWorld;
let run: Run;
let plan: PlanRef;

/** A world whose plan is approved and whose lease is taken. */
async function acting(detail: MoveDetail = DETAIL): Promise<void> {
  world = createSmallWorld();
  world.records.push(...BEFORE);
  world.connects.set('main', ['public', 'orders_app']);
  plan = await planned(world, RUN, { detail });
  run = await runStep(takeLease, { run: RUN, plan }, world);
}
beforeEach(() => acting());
const namesOf = (): unknown[] =>
  world.records.map((record) => (record as { AliasTarget?: { DNSName?: string } }).AliasTarget?.DNSName);
const leaseOf = () =>
  world.entries.get('lease/orders.json')?.body as { writer: string; epoch: number; fencing: number; holder: unknown };
const intents = async () => (await readJournal(world.ledger, run.id)).intents;

const ACTS = [
  ['fenceWeb', fenceWeb, ['fence listener-80', 'fence listener-443']],
  ['fenceDatabase', fenceDatabase, ['fence orders-main']],
  ['gapSequences', gapSequences, ['leap orders-spare 1']],
  ['swapNames', swapNames, [`records ${ZONE} 2`]],
  ['declareWriter', declareWriter, []],
] as [string, Step<{ run: Run; plan: PlanRef }, unknown, never>, string[]][];

describe.each(ACTS)('%s', (_name, step, effects) => {
  const act = (with_: { run?: Run; plan?: PlanRef } = {}) => runStep(step, { run, plan, ...with_ }, world as never);

  it('does its one thing, with the intent and its inverse in the journal', async () => {
    await act();

    expect(world.acts).toEqual(effects);
    expect(await intents()).toMatchObject([{ seq: 1, undone: null, doneAt: '2026-01-15T03:12:00.000Z' }]);
  });

  it('repeats harmlessly: one effect, one intent', async () => {
    await act();
    const once = leaseOf();

    await act();

    expect(world.acts.filter((line) => line.startsWith('records')).length).toBeLessThanOrEqual(1);
    expect(await intents()).toHaveLength(1);
    expect(leaseOf()).toEqual(once);
  });

  it('refuses without the lease, and touches nothing', async () => {
    const before = world.writes.length;

    await expect(act({ run: { ...run, lease: { epoch: 1, fencing: 7 } } })).rejects.toMatchObject({ name: 'PlanStale' });
    expect([world.acts, world.writes.length]).toEqual([[], before]);
  });

  it('refuses a plan that is not the approved one, and touches nothing', async () => {
    const before = world.writes.length;

    await expect(act({ plan: { ...plan, hash: 'another' } })).rejects.toMatchObject({ name: 'PlanStale' });
    expect([world.acts, world.writes.length]).toEqual([[], before]);
  });

  it('refuses what is no run, and touches nothing', async () => {
    const before = world.writes.length;

    await expect(act({ run: { id: 'x' } as Run })).rejects.toMatchObject({ name: 'InputInvalid' });
    expect([world.acts, world.writes.length]).toEqual([[], before]);
  });
});

describe('swapNames', () => {
  it('stops when somebody moved a record after the approval, before it writes', async () => {
    world.records.splice(0, 1, alias('app.orders.test.', 'elsewhere'));

    await expect(runStep(swapNames, { run, plan }, world)).rejects.toMatchObject({ name: 'PlanStale' });
    expect(world.acts).toEqual([]);
  });

  it('records the flight of each name before it moves, with its exact inverse', async () => {
    await runStep(swapNames, { run, plan }, world);

    expect(world.entries.get('dns/app.orders.test./night-7.json')?.body).toMatchObject({
      before: [BEFORE[0]],
      after: [AFTER[0]],
      inverse: [upsert(BEFORE[0] as RecordSet)],
    });
  });
});

describe('the fences', () => {
  it('are left out, with the reason, where the plan says so', async () => {
    const skipped = 'the old side does not answer';
    await acting({ ...DETAIL, fence: { web: { listeners: [], skipped }, database: { connect: [], skipped } } });

    const web = await runStep(fenceWeb, { run, plan }, world);
    const database = await runStep(fenceDatabase, { run, plan }, world);

    expect([web.says, database.says]).toEqual([`left out: ${skipped}`, `left out: ${skipped}`]);
    expect([world.acts, await intents()]).toEqual([[], []]);
  });

  it('stop the run when the application still writes after them', async () => {
    const leaky = {
      ...world,
      databases: {
        ...world.databases,
        fence: () => Promise.resolve({ openSession: null, newSession: 'denied', ended: 1, spared: 0 }),
      },
    };

    await expect(runStep(fenceDatabase, { run, plan }, leaky)).rejects.toMatchObject({ name: 'VerifyFailed' });
    expect(await intents()).toHaveLength(1);
  });
});

describe('declareWriter', () => {
  it('raises the epoch once, under the same fencing number', async () => {
    await runStep(declareWriter, { run, plan }, world);
    const again = await runStep(declareWriter, { run, plan }, world);

    expect(leaseOf()).toMatchObject({ writer: 'spare', epoch: 2, fencing: 1 });
    expect(again.lease).toEqual({ epoch: 2, fencing: 1 });
  });
});

describe('undoing', () => {
  const actAll = async (): Promise<void> => {
    for (const [, step] of ACTS) await runStep(step, { run, plan }, world as never);
    world.acts.length = 0;
  };
  const undoAll = async (): Promise<void> => {
    let next: string = 'cloud';
    while (next !== 'nothing') ({ next } = await runStep(next === 'data' ? undoData : undoActs, { run }, world));
  };

  it('puts the world back: names and writer first, then the database, the load balancer last', async () => {
    await actAll();

    await undoAll();

    expect(namesOf()).toEqual(BEFORE.map(({ AliasTarget }) => (AliasTarget as { DNSName: string }).DNSName));
    expect(world.acts).toEqual([`records ${ZONE} 2`, 'unfence orders-main', 'unfence listener-80', 'unfence listener-443']);
    expect(world.connects.get('main')).toEqual(['public', 'orders_app']);
    expect(leaseOf()).toMatchObject({ writer: 'main', epoch: 3 });
    expect((await intents()).map(({ undone }) => undone?.how)).toEqual([
      'inverted',
      'inverted',
      'nothing',
      'inverted',
      'inverted',
    ]);
  });

  it('changes nothing when it is run again', async () => {
    await actAll();
    await undoAll();
    world.acts.length = 0;

    await undoAll();

    expect(world.acts).toEqual([]);
  });

  it('leaves names that somebody moved since, and with them the writer and the fences', async () => {
    await actAll();
    world.records.splice(0, 1, alias('app.orders.test.', 'elsewhere'));

    await undoAll();

    expect(world.acts).toEqual([]);
    expect(leaseOf()).toMatchObject({ writer: 'spare', epoch: 2 });
    expect((await intents()).every(({ undone }) => undone?.how === 'left')).toBe(true);
  });

  it('waits until the names are back before a fence falls', async () => {
    await actAll();
    world.setInSync(false);
    world.answerLookUp((server) => (server.startsWith('ns-') ? ['198.51.100.2'] : ['198.51.100.1']));

    await expect(undoAll()).rejects.toMatchObject({ name: 'NotYet' });
    expect(world.acts).toEqual([`records ${ZONE} 2`]);

    world.answerLookUp(() => ['198.51.100.1']);
    await undoAll();

    expect(world.acts).toEqual([`records ${ZONE} 2`, 'unfence orders-main', 'unfence listener-80', 'unfence listener-443']);
  });
});

describe('undoing names', () => {
  const cname = (to: string): RecordSet => ({
    Name: 'app.orders.test.',
    Type: 'CNAME',
    TTL: 60,
    ResourceRecords: [{ Value: `${to}.eu-west-1.elb.amazonaws.com.` }],
  });

  it('waits until they lead back where a name is a CNAME as well', async () => {
    const zone = { zone: ZONE, before: [cname('main')], after: [cname('spare')], changes: [upsert(cname('spare'))] };
    await acting({ ...DETAIL, zones: [{ ...zone, inverse: [upsert(cname('main'))] }] });
    world.records.splice(0, 2, cname('main'));
    for (const [, step] of ACTS) await runStep(step, { run, plan }, world as never);
    world.acts.length = 0;
    world.setInSync(false);
    world.answerLookUp((server) => (server.startsWith('ns-') ? ['198.51.100.2'] : ['198.51.100.1']));

    await expect(runStep(undoActs, { run }, world)).rejects.toMatchObject({ name: 'NotYet' });
    expect(world.acts).toEqual([`records ${ZONE} 1`]);

    world.answerLookUp(() => ['198.51.100.1']);
    expect(await runStep(undoActs, { run }, world)).toEqual({ next: 'data' });
  });

  it('waits for the change that put them back, also where its id died with the step', async () => {
    for (const [, step] of ACTS) await runStep(step, { run, plan }, world as never);
    world.answerLookUp((server) => (server.startsWith('ns-') ? ['198.51.100.2'] : ['198.51.100.1']));
    const pending = { ...world.names, inSync: (change: string) => Promise.resolve(change === 'C1') };
    const dying = async (...asked: Parameters<typeof world.names.change>): Promise<string> => {
      await world.names.change(...asked);
      throw new Error('the sandbox died');
    };
    await expect(runStep(undoActs, { run }, { ...world, names: { ...pending, change: dying } })).rejects.toThrow('died');
    world.acts.length = 0;

    await expect(runStep(undoActs, { run }, { ...world, names: pending })).rejects.toMatchObject({ name: 'NotYet' });
    await expect(runStep(undoActs, { run }, { ...world, names: pending })).rejects.toMatchObject({ name: 'NotYet' });
    expect(namesOf()).toEqual(BEFORE.map(({ AliasTarget }) => (AliasTarget as { DNSName: string }).DNSName));
    expect(world.acts).toEqual([`records ${ZONE} 2`]);
  });
});

describe('takeLease', () => {
  const other = 'arn:aws:states:eu-west-1:123456789012:execution:sync-dev:six-hourly';
  const held = (attended: boolean) => {
    world = createSmallWorld();
    void world.ledger.create('lease/orders.json', {
      app: 'orders',
      writer: 'main',
      epoch: 1,
      fencing: 4,
      since: '2026-01-01T00:00:00.000Z',
      holder: { execution: other, runbook: attended ? 'promotion' : 'sync', attended, takenAt: '2026-01-15T03:00:00.000Z' },
    });
  };

  it('writes the first lease: the primary is the writer, epoch 1', () => {
    expect(leaseOf()).toMatchObject({ writer: 'main', epoch: 1, fencing: 1, holder: { execution: RUN.execution } });
    expect(run.lease).toEqual({ epoch: 1, fencing: 1 });
  });

  it('keeps the lease it has when it is run again', async () => {
    const again = await runStep(takeLease, { run: RUN, plan }, world);

    expect(again.lease).toEqual({ epoch: 1, fencing: 1 });
  });

  it('refuses naming a person’s run that holds it', async () => {
    held(true);
    world.runs.set(other, { running: true, status: 'RUNNING', stoppedAt: null });
    plan = await planned(world, RUN, { fencing: 4 });

    await expect(runStep(takeLease, { run: RUN, plan }, world)).rejects.toMatchObject({
      name: 'PlanRefused',
      message: expect.stringContaining('promotion (six-hourly)') as unknown,
    });
    expect(world.acts).toEqual([]);
  });

  it('stops an unattended holder, waits out its last act, and takes the lease under the next fencing number', async () => {
    held(false);
    world.runs.set(other, { running: true, status: 'RUNNING', stoppedAt: null });
    plan = await planned(world, RUN, { fencing: 4 });

    await expect(runStep(takeLease, { run: RUN, plan }, world)).rejects.toMatchObject({ name: 'NotYet' });
    world.setNow('2026-01-15T03:13:29.000Z');
    await expect(runStep(takeLease, { run: RUN, plan }, world)).rejects.toMatchObject({ name: 'NotYet' });
    world.setNow('2026-01-15T03:13:31.000Z');
    const taken = await runStep(takeLease, { run: RUN, plan }, world);

    expect(world.acts).toEqual([`stop ${other}`]);
    expect(taken.lease).toEqual({ epoch: 1, fencing: 5 });
  });

  it('refuses a plan from before somebody else held the lease: what it leaves out may be undone since', async () => {
    held(false);
    plan = await planned(world, RUN, { fencing: 3 });
    world.runs.set(other, { running: false, status: 'SUCCEEDED', stoppedAt: '2026-01-15T03:01:00.000Z' });

    await expect(runStep(takeLease, { run: RUN, plan }, world)).rejects.toMatchObject({ name: 'PlanStale' });
    expect(leaseOf()).toMatchObject({ fencing: 4 });
  });

  it('does not go on with what another runbook changed', async () => {
    const next = {
      ...RUN,
      id: 'night-8',
      execution: RUN.execution.replace('night-7', 'night-8'),
      runbook: 'rollcall',
      resume: RUN.execution,
    };
    await runStep(settleRun, { run, failed: true }, world);
    const ref = await planned(world, next, { fencing: 1 });

    await expect(runStep(takeLease, { run: next, plan: ref }, world)).rejects.toMatchObject({ name: 'InputInvalid' });
  });

  it('adopts what the run it goes on with left standing, once', async () => {
    for (const [, step] of ACTS.slice(0, 3)) await runStep(step, { run, plan }, world as never);
    world.runs.set(RUN.execution, { running: false, status: 'ABORTED', stoppedAt: '2026-01-15T03:12:00.000Z' });
    world.setNow('2026-01-15T03:20:00.000Z');
    const next = { ...RUN, id: 'night-8', execution: RUN.execution.replace('night-7', 'night-8'), resume: RUN.execution };
    const ref = await planned(world, next, { detail: DETAIL, fencing: 1 });

    await runStep(takeLease, { run: next, plan: ref }, world);
    await runStep(takeLease, { run: next, plan: ref }, world);

    expect((await readJournal(world.ledger, 'night-8')).intents).toHaveLength(3);
    expect((await readJournal(world.ledger, 'night-7')).adoptedBy).toBe(next.execution);
  });
});

describe('settleRun', () => {
  it('lets go of its own lease and closes the journal, as often as it is run', async () => {
    await runStep(settleRun, { run, failed: false }, world);
    const again = await runStep(settleRun, { run, failed: false }, world);

    expect(leaseOf().holder).toBeNull();
    expect((await readJournal(world.ledger, run.id)).settledAt).toBe('2026-01-15T03:12:00.000Z');
    expect(again).toEqual({ released: false });
  });

  it('leaves another’s lease alone', async () => {
    const mine = leaseOf();

    await runStep(settleRun, { run: { ...run, execution: `${run.execution}-2` }, failed: true }, world);

    expect(leaseOf()).toEqual(mine);
  });
});
