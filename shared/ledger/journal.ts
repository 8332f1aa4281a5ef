// The journal in the ledger: read, and changed by conditional writes only. A lost race is read again; an own write is recognised.
import type { Clock, Ledger } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import { RunEntry } from '../runbooks/journal.ts';

const keyOf = (run: string): string => `runs/${run}.json`;
/** Marks of different steps may meet; more often than this is no accident. */
const TRIES = 5;

export async function readJournal(ledger: Ledger, run: string): Promise<RunEntry> {
  return (await fetch(ledger, run)).entry;
}

/** Undefined when that run never opened. */
export async function findJournal(ledger: Ledger, run: string): Promise<RunEntry | undefined> {
  const found = await ledger.read(keyOf(run));
  return found === undefined ? undefined : RunEntry.parse(found.body);
}

/** Answers the entry as it stands afterwards. `change` may answer what it was given: then nothing is written. */
export async function changeJournal(ledger: Ledger, run: string, change: (entry: RunEntry) => RunEntry): Promise<RunEntry> {
  for (let i = 0; i < TRIES; i++) {
    const { entry, version } = await fetch(ledger, run);
    const changed = change(entry);
    if (changed === entry || (await ledger.replace(keyOf(run), changed, version))) return changed;
  }
  throw new RunbookError('CloudTransient', `${keyOf(run)} changed while it was written; it is tried again`, { run });
}

/** False when there is such a run already. */
export const openJournal = (ledger: Ledger, entry: RunEntry): Promise<boolean> => ledger.create(keyOf(entry.run.id), entry);

/** The same; one that is there already is told what the run is to go on with now, for whoever goes on with it if it is stopped. */
export async function reopenJournal(ledger: Ledger, { run, ...entry }: RunEntry): Promise<void> {
  if (await openJournal(ledger, { run, ...entry })) return;
  await changeJournal(ledger, run.id, (known) => (known.run.resume === run.resume ? known : { ...known, run }));
}

/** An instant of the run for the report: the first time counts, a step that is run again does not move it. */
export const mark = (ledger: Ledger, clock: Clock, run: string, name: string, says: string): Promise<RunEntry> =>
  changeJournal(ledger, run, (entry) =>
    entry.marks.some((known) => known.name === name)
      ? entry
      : { ...entry, marks: [...entry.marks, { name, at: clock.now().toISOString(), says }] },
  );

/** A request for approval belongs to the run: how long people were waited for is told from it. */
export const noteApproval = (ledger: Ledger, run: string, id: string): Promise<RunEntry> =>
  changeJournal(ledger, run, (entry) =>
    entry.approvals.includes(id) ? entry : { ...entry, approvals: [...entry.approvals, id] },
  );

/** What stayed undone or untold without stopping the run; each note once. */
export const note = (ledger: Ledger, run: string, notes: readonly string[]): Promise<RunEntry> =>
  changeJournal(ledger, run, (entry) => {
    const fresh = notes.filter((line) => !entry.notes.includes(line));
    return fresh.length === 0 ? entry : { ...entry, notes: [...entry.notes, ...fresh] };
  });

async function fetch(ledger: Ledger, run: string): Promise<{ entry: RunEntry; version: string }> {
  const found = await ledger.read(keyOf(run));
  if (found === undefined) {
    throw new RunbookError('CloudRefused', `${keyOf(run)} is gone from the ledger; restore the version before its deletion`, {
      run,
    });
  }
  return { entry: RunEntry.parse(found.body), version: found.version };
}
