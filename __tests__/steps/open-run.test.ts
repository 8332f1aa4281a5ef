import { describe, expect, it } from '@jest/globals';
import { openRun } from '../../functions/plan/open-run.ts';
import { runStep } from '../../shared/step.ts';
import { createSmallWorld } from './small-world.ts';

const execution = 'arn:aws:states:eu-west-1:123456789012:execution:rollcall-dev:night-7';
const event = (request: unknown = {}) => ({
  request,
  execution,
  machine: 'rollcall-dev',
  startedAt: '2026-01-15T03:11:58.000Z',
});
const journalOf = (world: ReturnType<typeof createSmallWorld>) => world.entries.get('runs/night-7.json')?.body;

describe('openRun', () => {
  it('opens a run from an empty request', async () => {
    const world = createSmallWorld();

    const run = await runStep(openRun, event(), world);

    expect(run).toMatchObject({ id: 'night-7', runbook: 'rollcall', app: 'orders', mode: 'act', by: 'unknown', lease: null });
    expect(run.openedAt).toBe('2026-01-15T03:11:58.000Z');
    expect(journalOf(world)).toMatchObject({ run, intents: [], settledAt: null });
  });

  it('finds its own run when it is run again, and opens no second one', async () => {
    const world = createSmallWorld();
    const first = await runStep(openRun, event(), world);
    world.setNow('2026-01-15T03:13:00.000Z');

    const second = await runStep(openRun, event(), world);

    expect(second).toEqual(first);
    expect(world.writes).toEqual(['runs/night-7.json']);
  });

  it('stops when the entry is another execution’s', async () => {
    const world = createSmallWorld();
    await runStep(openRun, { ...event(), execution: execution.replace('rollcall-dev', 'other-dev') }, world);

    await expect(runStep(openRun, event(), world)).rejects.toMatchObject({ name: 'PlanRefused', facts: { execution } });
    expect(world.writes).toHaveLength(1);
  });

  it.each([
    ['an unknown field', { reasn: 'typo' }, 'reasn'],
    ['an unknown mode', { mode: 'dry' }, 'mode'],
    ['an empty reason', { reason: '' }, 'reason'],
    ['a name that is no text', { by: 7 }, 'by'],
    ['a list', [], 'request'],
    ['a text', 'now', 'request'],
    ['an override that is no name', { override: ['Stale Data'] }, 'override'],
    ['what goes on with nothing', { resume: 'night-6' }, 'resume'],
    ['what goes on with no execution', { resume: 'arn:nope' }, 'resume: found arn:nope'],
    ['a limit that nobody can lift', { override: ['already-writer'] }, 'override: found already-writer'],
  ])('refuses %s, naming it, and writes nothing', async (_what, request, field) => {
    const world = createSmallWorld();

    await expect(runStep(openRun, event(request), world)).rejects.toMatchObject({
      name: 'InputInvalid',
      message: expect.stringContaining(field) as unknown,
    });
    expect(world.writes).toEqual([]);
  });
});
