// A run's journal and plan as its end finds them, for what is told of it.
import type { Effect, RunEntry } from '../../shared/runbooks/journal.ts';
import { draftOutcome, type Ended } from '../../shared/runbooks/outcome.ts';
import { addIntent, addMark, draftEntry, markDone } from '../../shared/runbooks/undo.ts';
import { ago, estate, now, planOf, runWith } from './small-facts.ts';

export const run = { ...runWith({ by: 'Ada', reason: 'fire' }), openedAt: ago(600) };
export const webFence: Effect = { kind: 'web-fence', environment: 'main', run: 'night-7', listeners: ['arn:1'] };
export const writer: Effect = { kind: 'writer', from: 'main', to: 'spare', epoch: 7 };
export const records: Effect = { kind: 'records', zone: 'Z1', before: [], after: [], changes: [], inverse: [] };
export const plan = { ...planOf(), id: 'night-7/1', hash: 'x' };
export const acted = (effects: readonly Effect[] = [webFence, writer]): RunEntry =>
  effects.reduce<RunEntry>(
    (entry, effect, i) => {
      const added = addIntent(entry, { act: effect.kind, effect, invert: 'yes', at: ago(200) });
      return markDone(added.entry, i + 1, ago(190));
    },
    draftEntry(run, new Date(run.openedAt)),
  );
export const verified = (entry: RunEntry): RunEntry => addMark(entry, { name: 'verified', at: ago(100), says: '' });
export const end = (change: Partial<Ended> = {}) =>
  draftOutcome({ run, entry: acted(), plan, approvals: [], failure: null, objectives: estate.objectives, now, ...change });
export const failed = (Error: string, Cause?: string): Partial<Ended> => ({
  failure: { Error, ...(Cause !== undefined && { Cause }) },
});
