// One hand's turn at undoing: as many intents as it reaches, newest first; then it is another's, or nobody's.
import type { Clock, Ledger } from '../cloud/ports.ts';
import { changeJournal, readJournal } from '../ledger/journal.ts';
import { holdLease } from '../ledger/lease.ts';
import type { Intent, RunEntry } from '../runbooks/journal.ts';
import type { Run } from '../runbooks/run.ts';
import { decideUndo, markUndone, type Power, type POWERS, type Undone } from '../runbooks/undo.ts';

/** Under the lease. Each is marked before the next is looked at, so that a second turn begins where the first one ended. */
export async function takeTurn(
  power: Power,
  run: Run,
  { ledger, clock }: { readonly ledger: Ledger; readonly clock: Clock },
  invert: (entry: RunEntry, intent: Intent) => Promise<Undone>,
): Promise<{ next: (typeof POWERS)[number] }> {
  await holdLease(ledger, run);
  for (;;) {
    const entry = await readJournal(ledger, run.id);
    const next = decideUndo(entry);
    if (next.power !== power) return { next: next.power };
    const undone = await invert(entry, next.intent);
    await changeJournal(ledger, run.id, (known) => markUndone(known, next.intent.seq, undone, clock.now()));
  }
}
