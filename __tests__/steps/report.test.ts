import { describe, expect, it } from '@jest/globals';
import { findAftermath } from '../../functions/plan/find-aftermath.ts';
import { report } from '../../functions/tell/report.ts';
import { addIntent } from '../../shared/runbooks/undo.ts';
import { changeJournal, note } from '../../shared/ledger/journal.ts';
import { runStep } from '../../shared/step.ts';
import { draftOf, planned, RUN } from './small-run.ts';
import { createSmallWorld } from './small-world.ts';

const run = { ...RUN, reason: 'A <b>reason</b>' };
const textOf = (world: ReturnType<typeof createSmallWorld>, key: string): string =>
  (world.entries.get(key)?.body as { text: string } | undefined)?.text ?? '';
const pageOf = (world: ReturnType<typeof createSmallWorld>): string => textOf(world, 'reports/night-7.html');

process.env.LEDGER_BUCKET = 'changeover-ledger-dev';

describe('report', () => {
  it('writes what was asked and what became of it, escaped, for people and for programs', async () => {
    const world = createSmallWorld();
    const plan = await planned(world, run, { loss: { ...draftOf(run).loss, says: '3 customers & 17 orders' } });

    await runStep(report, { run, plan, failure: null }, world);

    expect(pageOf(world)).toContain('SUCCEEDED');
    expect(pageOf(world)).toContain('A &lt;b&gt;reason&lt;/b&gt;');
    expect(pageOf(world)).toContain('3 customers &amp; 17 orders');
    expect(JSON.parse(textOf(world, 'reports/night-7.json'))).toMatchObject({ id: 'night-7', status: 'SUCCEEDED' });
  });

  it('does not call kept what nobody could judge', async () => {
    const world = createSmallWorld();
    const limit = { name: 'migration-differs', observed: 'not judged: main could not be asked', expected: 'x', wayOut: 'y' };
    const plan = await planned(world, run, { limits: [{ ...limit, verdict: 'kept', unjudged: true }] });

    await runStep(report, { run, plan, failure: null }, world);

    expect(pageOf(world)).toContain('migration-differs<br><b>not judged</b>');
  });

  it('tells the channels how it ended and what to do next', async () => {
    const world = createSmallWorld();
    const plan = await planned(world, run);

    await runStep(report, { run, plan, failure: { Error: 'ApprovalRefused', Cause: 'cto refused: not tonight' } }, world);

    expect(world.announcements).toMatchObject([{ kind: 'failed', facts: { error: 'ApprovalRefused' } }]);
    expect(world.announcements[0]?.lines.join()).toContain('cto refused: not tonight');
    expect(world.announcements[0]?.lines.join()).toContain('Nothing was changed.');
  });

  it('tells first what stopped it, then the run and where its report lies, a line each', async () => {
    const world = createSmallWorld();
    const plan = await planned(world, run);

    await runStep(report, { run, plan, failure: { Error: 'ApprovalRefused', Cause: 'cto refused: not tonight' } }, world);

    expect(world.announcements[0]?.lines.slice(0, 3)).toEqual([
      'Stopped by ApprovalRefused: cto refused: not tonight',
      'Run night-7, report s3://changeover-ledger-dev/reports/night-7.html',
      'Nothing was changed.',
    ]);
    expect(world.announcements[0]?.facts).toMatchObject({ report: 's3://changeover-ledger-dev/reports/night-7.html' });
  });

  it('writes the same page when it is run again', async () => {
    const world = createSmallWorld();
    const plan = await planned(world, run);
    await runStep(report, { run, plan, failure: null }, world);
    const first = pageOf(world);

    await runStep(report, { run, plan, failure: null }, world);

    expect(pageOf(world)).toBe(first);
  });

  it('is not stopped by a silent channel, and tells of its silence', async () => {
    const world = createSmallWorld();
    const plan = await planned(world, run);
    const silent = [{ way: 'Slack', why: 'no answer within 3 s' }];
    const announce = () => Promise.resolve({ sent: [], silent, posted: [] });
    const channels = { ...world.channels, announce };

    await runStep(report, { run, plan, failure: null }, { ...world, channels });

    expect(pageOf(world)).toContain('Slack stayed silent: no answer within 3 s');
  });

  it('tells notes that were written on the way', async () => {
    const world = createSmallWorld();
    const plan = await planned(world, run);
    await note(world.ledger, run.id, ['ada could not be told: no such address']);

    await runStep(report, { run, plan, failure: null }, world);

    expect(pageOf(world)).toContain('ada could not be told');
  });

  it('reports a run that never opened, by the message a person can read', async () => {
    const world = createSmallWorld();
    const failure = {
      Error: 'InputInvalid',
      Cause: JSON.stringify({ errorType: 'InputInvalid', errorMessage: 'reasn: unknown field' }),
    };

    await runStep(report, { run: { execution: run.execution, machine: run.machine }, plan: null, failure }, world);

    expect(pageOf(world)).toContain('InputInvalid');
    expect(pageOf(world)).toContain('reasn: unknown field');
    expect(pageOf(world)).toContain('Nothing was changed.');
  });

  it.each([
    [
      'denied',
      null,
      { Error: 'ApprovalRefused', Cause: 'cto refused' },
      'What would have been lost',
      'nothing, because nothing was changed',
    ],
    ['only planned', { mode: 'plan' as const }, null, 'What would be lost', 'nothing, because this run only planned'],
    ['done', null, null, 'What was lost, as told before the acts', '5 m 0 s of 6 h 0 m agreed'],
  ])('speaks of a plan that was %s as what became of it', async (_what, change, failure, title, lost) => {
    const world = createSmallWorld();
    const itself = { ...run, ...change };
    const loss = { ...draftOf(run).loss, how: 'measured' as const, seconds: 300, says: '3 customers' };
    const plan = await planned(world, itself, { loss });

    await runStep(report, { run: itself, plan, failure }, world);

    const lines = pageOf(world)
      .replaceAll(/<[^>]+>/g, '\n')
      .split(/\n+/);
    expect(lines).toContain(title);
    expect(lines[lines.indexOf('Data lost') + 1]).toBe(lost);
    expect(
      lines.filter((line) => line.startsWith('What will') || (title !== 'What would be lost' && line === 'What would be lost')),
    ).toEqual([]);
  });

  it('calls a predicted cost predicted', async () => {
    const world = createSmallWorld();
    const plan = await planned(world, run, { costUsd: 0.0012 });

    await runStep(report, { run, plan, failure: null }, world);

    expect(pageOf(world)).toContain('<dt>Cost, predicted</dt><dd>$0.0012</dd>');
  });

  it('says, after an aftermath that may undo nothing, what stands of the run that was stopped', async () => {
    const world = createSmallWorld();
    await planned(world);
    await changeJournal(world.ledger, RUN.id, (entry) => {
      const effect = { kind: 'writer', from: 'main', to: 'spare', epoch: 2 } as const;
      const acted = addIntent(entry, { act: 'DeclareWriter', effect, invert: 'yes', at: '2026-01-15T03:13:00.000Z' }).entry;
      const marks = ['served', 'verified'].map((name) => ({ name, at: '2026-01-15T03:14:00.000Z', says: '' }));
      return { ...acted, marks };
    });
    const detail = { executionArn: RUN.execution, name: RUN.id, status: 'ABORTED' };
    const execution = RUN.execution.replace('failover-dev:night-7', 'aftermath-dev:after-7');
    const opening = { event: { detail }, execution, machine: 'aftermath-dev', startedAt: '2026-01-15T03:15:00.000Z' };
    const { run: after, failure } = await runStep(findAftermath, opening, world);

    await runStep(report, { run: after, plan: null, failure }, world);

    expect(textOf(world, 'reports/after-7.html')).toContain(
      'night-7 had done everything it planned and verified it from outside',
    );
    expect(textOf(world, 'reports/after-7.html')).toContain('spare is the writer (epoch 2)');
    expect(textOf(world, 'reports/after-7.html')).not.toContain('Nothing was changed.');
  });

  it('goes no further back than journals can be read, and in no circle', async () => {
    const world = createSmallWorld();
    const itself = { ...run, resume: run.execution };
    const plan = await planned(world, itself);
    const lost = { ...run, id: 'night-8', execution: RUN.execution.replace('night-7', 'night-8') };

    await runStep(report, { run: itself, plan, failure: null }, world);
    await runStep(report, { run: { ...lost, resume: RUN.execution.replace('night-7', 'night-0') }, plan, failure: null }, world);

    expect(pageOf(world)).toContain('SUCCEEDED');
    expect(textOf(world, 'reports/night-8.html')).toContain('SUCCEEDED');
  });

  it('refuses what is no outcome, and writes nothing', async () => {
    const world = createSmallWorld();

    await expect(runStep(report, { run, plan: 'yes', failure: null }, world)).rejects.toMatchObject({ name: 'InputInvalid' });
    expect(world.writes).toEqual([]);
  });
});
