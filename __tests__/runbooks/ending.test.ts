import { describe, expect, it } from '@jest/globals';
import type { Effect } from '../../shared/runbooks/journal.ts';
import { draftAftermath, Standstill } from '../../shared/runbooks/aftermath.ts';
import type { RunEntry } from '../../shared/runbooks/journal.ts';
import { foregoing, type Ended, type Left } from '../../shared/runbooks/outcome.ts';
import { addIntent, addMark, markUndone } from '../../shared/runbooks/undo.ts';
import { acted, end, failed, plan, records, run, verified, webFence, writer } from './small-ending.ts';
import { ago, databaseOf, execution, factsWith, healthOf, now, planOf, runWith } from './small-facts.ts';

const undone = (entry: RunEntry, at = now): RunEntry =>
  entry.intents.reduce((grown, { seq }) => markUndone(grown, seq, { how: 'inverted', says: 'put back' }, at), entry);
const served = (entry: RunEntry): RunEntry => addMark(entry, { name: 'served', at: ago(120), says: '' });

describe('writes that went to a side which was given up again', () => {
  it('are told with their instants, and where they are', () => {
    const { world, next, lost } = end({ ...failed('VerifyFailed'), entry: undone(served(acted([webFence, records, writer]))) });

    expect(world).toMatch(/^Everything that was changed is as it was before, except what spare took meanwhile\./);
    expect(world).toContain('From 2026-01-15 09:08:40 UTC to 2026-01-15 09:12:00 UTC');
    expect(world).toContain('it took at least the write of 2026-01-15 09:10:00 UTC');
    expect(world).toContain('in the database of spare and not in that of main');
    expect(next).toMatch(
      /^Before anything else compare the databases: look on spare for rows newer than 2026-01-15 09:08:40 UTC/,
    );
    expect(next).toMatch(/mend it, then start it again\.$/);
    expect(lost).toBe('nothing of main; what spare took meanwhile is only there');
  });

  it('are possible as soon as the names moved, whoever proved it', () => {
    expect(end({ ...failed('NotYet'), entry: undone(acted([webFence, records])) }).world).toContain('it may have taken writes');
  });

  it.each([
    ['the names never moved', undone(acted([webFence]))],
    [
      'the act on the names never took effect',
      markUndone(
        addIntent(acted([]), { act: 'SwapNames', effect: records, invert: 'yes', at: ago(200) }).entry,
        1,
        { how: 'nothing', says: '' },
        now,
      ),
    ],
  ])('are not told of where %s', (_what, entry) => {
    expect(end({ ...failed('VerifyFailed'), entry })).toMatchObject({
      world: 'Everything that was changed is as it was before.',
      lost: 'nothing, because everything is as it was before',
    });
  });

  it('are told by what cleaned up after the run that proved them', () => {
    const stopped = { ...served(acted([records])), adoptedBy: execution('after-7', 'aftermath-dev') };
    const after = { ...run, execution: execution('after-7', 'aftermath-dev'), runbook: 'aftermath' };

    const { world } = end({
      ...failed('Aborted'),
      run: after,
      plan: undefined,
      entry: undone(acted([records])),
      before: [{ entry: stopped, plan }],
    });

    expect(world).toContain(
      'it took at least the write of 2026-01-15 09:10:00 UTC. Whatever it took is in the database of spare',
    );
  });
});

describe('a fence that was left out', () => {
  const facts = factsWith();
  const lost = databaseOf('main', { reachable: false, trouble: 'no answer within 5 s', identity: null });
  const open = { ...planOf({ facts: { databases: { ...facts.databases, from: lost } } }), id: 'night-7/1', hash: 'x' };

  it('is told with its reason, and that the old side must not come back able to write', () => {
    const { world, next } = end({ plan: open, entry: verified(acted()) });

    expect(world).toContain('The database of main was NOT FENCED: the database of main cannot be reached: no answer within 5 s.');
    expect(next).toMatch(/^main must not come back able to write/);
    expect(next).not.toContain('stays fenced');
  });

  it('is told first where the run failed and its names stand', () => {
    const { next } = end({ ...failed('VerifyFailed'), plan: open });

    expect(next).toMatch(/^main must not come back able to write.*"resume"/);
  });

  it('that led back tells that nobody stands by until the side that was left is rebuilt', () => {
    const back: Effect = { kind: 'writer', from: 'spare', to: 'main', epoch: 8 };
    const { next } = end({ run: { ...run, runbook: 'rollback' }, entry: verified(acted([back])) });

    expect(next).toMatch(/^Nobody stands by until spare is rebuilt/);
  });

  it('of the load balancer alone leaves a database that stays fenced', () => {
    const doors = { ...facts.doors, from: { ...facts.doors.from, loadBalancer: null } };
    const bare = { ...planOf({ facts: { doors } }), id: 'night-7/1', hash: 'x' };

    const { world, next } = end({ plan: bare, entry: verified(acted()) });

    expect(world).toContain('The load balancer of main was not fenced by this run: main has no load balancer orders-main');
    expect(next).toMatch(/^The database of main stays fenced/);
  });

  it('is nothing to tell of once everything is put back', () => {
    expect(end({ ...failed('VerifyFailed'), plan: open, entry: undone(acted()) }).world).not.toContain('FENCED');
  });
});

describe('production that was found down', () => {
  const dead = healthOf('main', { status: null, trouble: 'no answer within 5 s' });
  const names = factsWith().names.map((name) => ({ ...name, health: { ...name.health, from: dead } }));
  const down = { ...planOf({ facts: { names } }), id: 'night-7/1', hash: 'x' };

  it.each([
    [
      'ApprovalRefused',
      acted([]),
      'Start it again when the answer is another. Its state machine is failover-dev, the request may be the same.',
    ],
    [
      'States.Timeout',
      acted([]),
      'Start it again when somebody can answer. Its state machine is failover-dev, the request may be the same.',
    ],
    ['PlanRefused', acted([]), 'start it again with the override that the message names. Its state machine is failover-dev.'],
    ['CloudRefused', undone(acted([webFence])), 'Give the role what the message says it lacks, then start it again.'],
  ])('stays so after %s, and nobody reads that all is well', (name, entry, how) => {
    const { world, next } = end({ ...failed(name), plan: down, entry });

    expect(world).toContain(
      'main is as it was found when this was planned, and it did not serve (app.orders.test. through main: no answer',
    );
    expect(next).toMatch(/^Production is still down\. /);
    expect(next).toContain(how);
  });

  it('is not told of where it was healthy', () => {
    expect(end({ ...failed('ApprovalRefused'), entry: acted([]) })).toMatchObject({
      world: 'Nothing was changed.',
      next: 'Nothing needs to be done. Start it again when the answer is another.',
    });
  });
});

describe('what was lost', () => {
  it.each([
    [
      'a run that was refused',
      { ...failed('ApprovalRefused'), entry: acted([]) },
      'untouched',
      'nothing, because nothing was changed',
    ],
    [
      'a run that only planned',
      { run: { ...run, mode: 'plan' as const }, entry: acted([]) },
      'planned',
      'nothing, because this run only planned',
    ],
    [
      'a run whose fence alone stands',
      { ...failed('CloudRefused'), entry: acted([webFence]) },
      'stands',
      'nothing, because the writer is the one it was',
    ],
    ['a run whose writer stands', { ...failed('CloudRefused') }, 'stands', null],
    ['a green run', { entry: verified(acted()) }, 'done', null],
  ])('by %s', (_what, change: Partial<Ended>, fate, lost) => {
    expect(end(change)).toMatchObject({ fate, lost });
  });
});

describe('what another run left', () => {
  const other = (entry: RunEntry): Left[] => [{ entry: { ...entry, run: runWith({}, 'night-6') }, plan }];
  const event = Standstill.parse({ detail: { executionArn: execution('night-6'), name: 'night-6', status: 'ABORTED' } });
  const after = draftAftermath({
    event,
    execution: execution('after-6', 'aftermath-dev'),
    machine: 'aftermath-dev',
    app: 'orders',
    openedAt: ago(60),
  });

  it('is found by what the run was asked, and by whom an aftermath was started for', () => {
    expect([foregoing(after), foregoing({ ...run, resume: execution('night-6') }), foregoing(run)]).toEqual([
      execution('night-6'),
      execution('night-6'),
      null,
    ]);
  });

  it('stands though it was verified, and the aftermath of it says so', () => {
    const { world, next } = end({
      ...failed('Aborted'),
      run: after,
      plan: undefined,
      entry: acted([]),
      before: other(verified(acted())),
    });

    expect(world).toMatch(
      /^This run changed nothing\. night-6 had done everything it planned and verified it from outside, and that stands: /,
    );
    expect(world).toContain('spare is the writer (epoch 7)');
    expect(next).toMatch(/^Nothing is to be undone: people write to the new side\..*stays fenced/);
  });

  it('stands after a run that was to go on with it and was refused', () => {
    const { world, next, lost } = end({ ...failed('ApprovalRefused'), entry: acted([]), before: other(acted([webFence])) });

    expect(world).toBe('This run changed nothing. What night-6 did stands: the load balancer of main answers 503.');
    expect(next).toContain(`Start failover again with "resume": "${execution('night-6')}"`);
    expect(lost).toBe('nothing by this run, because it changed nothing');
  });

  it('is told by whoever has taken it over', () => {
    const before = [{ entry: { ...acted(), adoptedBy: execution('night-9') }, plan }];

    expect(end({ ...failed('PlanRefused'), entry: acted([]), before }).world).toBe('Nothing was changed.');
  });

  it('is not whole where a part of it was undone after it was verified', () => {
    const entry = markUndone(verified(acted()), 1, { how: 'inverted', says: 'takes requests again' }, now);

    expect(end({ ...failed('Runtime.ExitError'), entry }).world).toMatch(/^1 change stands/);
  });
});
