// The writer lease in the ledger: read, and changed by conditional writes only.
import type { Ledger } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import { judgeHeld, Lease } from '../runbooks/lease.ts';
import type { Run } from '../runbooks/run.ts';

const keyOf = (app: string): string => `lease/${app}.json`;

export interface LeaseEntry {
  readonly lease: Lease | undefined;
  readonly version: string | undefined;
}

/** Undefined where no run of this app ever held one. */
export async function readLease(ledger: Ledger, app: string): Promise<LeaseEntry> {
  const found = await ledger.read(keyOf(app));
  return { lease: found && Lease.parse(found.body), version: found?.version };
}

/** The first one is created, every other replaces what was read; false when somebody was faster. */
export const writeLease = (ledger: Ledger, lease: Lease, version: string | undefined): Promise<boolean> =>
  version === undefined ? ledger.create(keyOf(lease.app), lease) : ledger.replace(keyOf(lease.app), lease, version);

/** Refuses under the name PlanStale when the lease is not, or no longer, this run's. */
export async function holdLease(ledger: Ledger, run: Run): Promise<LeaseEntry & { lease: Lease; version: string }> {
  const { lease, version } = await readLease(ledger, run.app);
  if (lease === undefined || version === undefined) {
    throw new RunbookError(
      'PlanStale',
      `lease/${run.app}.json is gone from the ledger; restore the version before its deletion`,
      {
        app: run.app,
      },
    );
  }
  judgeHeld(lease, run);
  return { lease, version };
}

/** Changes the lease this run holds. Somebody faster is somebody else with our lease: the next try will refuse. */
export async function changeLease(ledger: Ledger, run: Run, change: (lease: Lease) => Lease): Promise<Lease> {
  const { lease, version } = await holdLease(ledger, run);
  const changed = change(lease);
  if (changed === lease || (await writeLease(ledger, changed, version))) return changed;
  throw new RunbookError('CloudTransient', `lease/${run.app}.json changed while it was written; it is looked at again`, {
    app: run.app,
  });
}
