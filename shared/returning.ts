// What a way back rests on: the run that is taken back, and what each side has written since.
import type { Cloud, ComparedDatabase } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';
import { environmentIn } from './estate-lookup.ts';
import { gatherFailover, type Eyes, type Read } from './gather.ts';
import { findResumed } from './ledger/adoption.ts';
import { findDeparture } from './ledger/departure.ts';
import { readFacts, readMark } from './ledger/facts.ts';
import { readLease } from './ledger/lease.ts';
import { parseRequest } from './runbooks/requests.ts';
import { Compared, decideReturn, type ComparedUploads, type ReturnSetting, type RollbackDetail } from './runbooks/rollback.ts';
import type { Run } from './runbooks/run.ts';
import type { Sides } from './runbooks/sides.ts';

/** The function has 240. */
const COMPARING_SECONDS = 150;

/** AWS that is asked too often says nothing of a side: that is asked again. A database that is silent has an endpoint in its error. */
const isFact = (error: unknown): error is RunbookError =>
  error instanceof RunbookError && (error.name !== 'CloudTransient' || 'endpoint' in error.facts);

/** A side that does not answer is a fact: its reason is what the plan refuses with. */
export async function compareSides(
  run: Run,
  { ledger, databases, estate, clock }: Pick<Cloud, 'ledger' | 'databases' | 'estate' | 'clock'>,
): Promise<Compared> {
  const { lease } = await readLease(ledger, run.app);
  const departure = await findDeparture(ledger, estate, lease, run);
  const { from, to } = decideReturn(estate, lease, departure);
  const since = { here: (await readMark(ledger, to, from))?.since ?? null, there: departure?.since ?? null };
  return compareOrTell(comparedOf({ from, to, since }, estate), undefined, { databases, clock });
}

export async function compareOrTell(
  { here, there }: { readonly here: ComparedDatabase; readonly there: ComparedDatabase },
  only: readonly string[] | undefined,
  { databases, clock }: Pick<Cloud, 'databases' | 'clock'>,
): Promise<Compared> {
  const readAt = clock.now().toISOString();
  try {
    return { readAt, divergence: await databases.compare(here, there, COMPARING_SECONDS, only), trouble: null };
  } catch (error) {
    if (!isFact(error)) throw error;
    return { readAt, divergence: null, trouble: error.message };
  }
}

export function comparedOf(
  { from, to, since }: Pick<RollbackDetail, 'from' | 'to' | 'since'>,
  estate: Cloud['estate'],
): { here: ComparedDatabase; there: ComparedDatabase } {
  const side = (environment: string, instant: string | null): ComparedDatabase => ({
    environment,
    database: environmentIn(estate, environment).database,
    since: instant,
  });
  return { here: side(to, since.here), there: side(from, since.there) };
}

export function bucketsOf({ from, to }: Sides, estate: Cloud['estate']): { here: string; there: string } {
  const bucketOf = (environment: string): string => environmentIn(estate, environment).buckets.uploads;
  return { here: bucketOf(to), there: bucketOf(from) };
}

/** What people uploaded since the move, on both sides. A bucket that cannot be listed is a fact, as a database is. */
export async function compareUploads(
  sides: Sides,
  since: string | null,
  { uploads, estate, clock }: Pick<Cloud, 'uploads' | 'estate' | 'clock'>,
): Promise<ComparedUploads> {
  const readAt = clock.now().toISOString();
  if (since === null) return { readAt, found: null, trouble: 'no run is known that moved there' };
  try {
    const { here, there } = bucketsOf(sides, estate);
    return { readAt, found: await uploads.compare(here, there, new Date(since)), trouble: null };
  } catch (error) {
    if (!isFact(error)) throw error;
    return { readAt, found: null, trouble: error.message };
  }
}

export async function gatherReturn(run: Run, read: Read & { readonly rows: string }, eyes: Eyes): Promise<ReturnSetting> {
  const { ledger, estate, clock } = eyes;
  // Nobody is to be asked about what the lease would refuse.
  const [{ lease }] = await Promise.all([readLease(ledger, run.app), findResumed(ledger, run)]);
  const departure = await findDeparture(ledger, estate, lease, run);
  const sides = decideReturn(estate, lease, departure);
  const [facts, compared, uploads, copied] = await Promise.all([
    gatherFailover(sides, lease, read, eyes),
    readFacts(ledger, read.rows, Compared),
    compareUploads(sides, departure?.openedAt ?? null, eyes),
    readMark(ledger, sides.to, sides.from),
  ]);
  return {
    run,
    estate,
    sides,
    facts,
    departure,
    compared,
    uploads,
    copied,
    request: parseRequest('rollback', run.request),
    now: clock.now(),
  };
}
