// Finds in the ledger the run that made the present writer the writer: by the flight records of the names, the newest first.
import type { Ledger } from '../cloud/ports.ts';
import type { Estate } from '../estate.ts';
import { departureOf, Flight, hasMade, type Departure } from '../runbooks/departure.ts';
import type { Lease } from '../runbooks/lease.ts';
import { RollbackDetail } from '../runbooks/rollback.ts';
import { runIdOf, type Run } from '../runbooks/run.ts';
import { findJournal } from './journal.ts';
import { findPlan } from './plans.ts';

/** Runs that moved names and were undone, or that moved them elsewhere, lie between; nobody has more of them in a row. */
const MOST_LOOKED_AT = 20;

/** A run that goes on with another takes back what that one was taking back, however far it came. */
export async function findDeparture(
  ledger: Ledger,
  { names }: Pick<Estate, 'names'>,
  lease: Lease | undefined,
  { resume }: Pick<Run, 'resume'>,
): Promise<Departure | undefined> {
  const given = resume === null ? undefined : await resumedDeparture(ledger, runIdOf(resume));
  const candidates = given === undefined ? await newestRuns(ledger, names) : [given];
  for (const run of candidates) {
    const entry = await findJournal(ledger, run);
    const departure = entry && departureOf(entry);
    if (!departure || (given === undefined && !(lease && hasMade(departure, lease)))) continue;
    return { ...departure, flights: await readFlights(ledger, names, run) };
  }
  return undefined;
}

async function resumedDeparture(ledger: Ledger, run: string): Promise<string | undefined> {
  const entry = await findJournal(ledger, run);
  const plan = await findPlan(ledger, entry?.plan ?? undefined);
  return RollbackDetail.safeParse(plan?.detail).data?.departure;
}

async function newestRuns(ledger: Ledger, names: Estate['names']): Promise<string[]> {
  const runs = new Map<string, string>();
  for (const { name } of names) {
    for (const { key, writtenAt } of await ledger.list(`dns/${name}/`)) {
      const run = key.slice(key.lastIndexOf('/') + 1).replace(/\.json$/, '');
      if ((runs.get(run) ?? '') < writtenAt) runs.set(run, writtenAt);
    }
  }
  return [...runs]
    .sort(([, one], [, other]) => (one < other ? 1 : -1))
    .slice(0, MOST_LOOKED_AT)
    .map(([run]) => run);
}

async function readFlights(ledger: Ledger, names: Estate['names'], run: string): Promise<Record<string, Flight>> {
  const read = names.map(async ({ name }): Promise<[string, Flight][]> => {
    const found = Flight.safeParse((await ledger.read(`dns/${name}/${run}.json`))?.body);
    return found.success ? [[name, found.data]] : [];
  });
  return Object.fromEntries((await Promise.all(read)).flat());
}
