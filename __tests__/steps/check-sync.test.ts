import { describe, expect, it } from '@jest/globals';
import { checkSync } from '../../functions/verify/check-sync.ts';
import { changeJournal, readJournal } from '../../shared/ledger/journal.ts';
import { runStep } from '../../shared/step.ts';
import type { Intent } from '../../shared/runbooks/journal.ts';
import { planned, RUN } from './small-run.ts';
import { createSmallWorld } from './small-world.ts';

const swapped = (seq: number, change: string | null): Intent => ({
  seq,
  act: 'swapNames',
  at: '2026-01-15T03:12:00.000Z',
  effect: { kind: 'records', zone: `Z${seq}`, before: [], after: [], changes: [], inverse: [] },
  invert: 'yes',
  doneAt: '2026-01-15T03:12:01.000Z',
  change,
  undone: null,
});

/** A run that swapped these. */
async function after(...intents: readonly Intent[]) {
  const world = createSmallWorld();
  await planned(world);
  await changeJournal(world.ledger, RUN.id, (entry) => ({ ...entry, intents: [...intents] }));
  return world;
}

describe('checkSync', () => {
  it.each([
    ['every change that is in sync', [swapped(1, 'C1'), swapped(2, 'C2')], /^every authoritative server has the new records$/],
    ['a change whose id was lost', [swapped(1, 'C1'), swapped(2, null)], /^the id of the change went with the step that died/],
    ['nothing that was swapped', [], /^no record was changed, so there is nothing to wait for$/],
  ])('says what it waited for: %s', async (_what, intents, says) => {
    const world = await after(...intents);

    const told = await runStep(checkSync, { run: RUN }, world);

    expect(told.says).toMatch(says);
    expect((await readJournal(world.ledger, RUN.id)).marks).toContainEqual(
      expect.objectContaining({ name: 'in sync', says: told.says }),
    );
  });

  it('is to be asked again while a change is pending, and marks nothing', async () => {
    const world = await after(swapped(1, 'C1'));
    world.setInSync(false);

    await expect(runStep(checkSync, { run: RUN }, world)).rejects.toMatchObject({ name: 'NotYet', facts: { change: 'C1' } });
    expect((await readJournal(world.ledger, RUN.id)).marks.map(({ name }) => name)).not.toContain('in sync');
  });
});
