import { describe, expect, it } from '@jest/globals';
import { report } from '../../functions/tell/report.ts';
import { runStep } from '../../shared/step.ts';
import { createSmallWorld } from './small-world.ts';

const run = {
  id: 'night-7',
  execution: 'arn:aws:states:eu-west-1:123456789012:execution:rollcall-dev:night-7',
  machine: 'rollcall-dev',
  mode: 'ask',
  reason: 'A <b>reason</b>',
  by: 'Ada',
  openedAt: '2026-01-15T03:12:00.000Z',
};
const pageOf = (world: ReturnType<typeof createSmallWorld>) => JSON.stringify(world.entries.get('reports/night-7.html')?.body);

describe('report', () => {
  it('writes who asked, who approved and when, escaped', async () => {
    const world = createSmallWorld();

    await runStep(
      report,
      { run, approval: { approvedBy: 'the CTO', at: '2026-01-15T03:14:00.000Z', reason: '' }, failure: null },
      world,
    );

    expect(pageOf(world)).toContain('SUCCEEDED');
    expect(pageOf(world)).toContain('the CTO approved');
    expect(pageOf(world)).toContain('A &lt;b&gt;reason&lt;/b&gt;');
  });

  it('writes the same page when it is run again', async () => {
    const world = createSmallWorld();
    const outcome = { run, approval: null, failure: null };
    await runStep(report, outcome, world);
    const first = pageOf(world);

    await runStep(report, outcome, world);

    expect(pageOf(world)).toBe(first);
    expect(world.entries.size).toBe(1);
  });

  it('reports a run that never opened, by the message a person can read', async () => {
    const world = createSmallWorld();
    const failure = {
      Error: 'InputInvalid',
      Cause: JSON.stringify({ errorType: 'InputInvalid', errorMessage: 'openRun: Unrecognized key: "reasn"' }),
    };

    await runStep(report, { run: { execution: run.execution, machine: run.machine }, approval: null, failure }, world);

    expect(pageOf(world)).toContain('InputInvalid: openRun: Unrecognized key');
  });

  it('refuses what is no outcome, and writes nothing', async () => {
    const world = createSmallWorld();

    await expect(runStep(report, { run, approval: 'yes', failure: null }, world)).rejects.toMatchObject({ name: 'InputInvalid' });
    expect(world.writes).toEqual([]);
  });
});
