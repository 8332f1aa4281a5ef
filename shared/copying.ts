// What the acts of a copy have in common: from the plan and the instant that is held to what the copy is told to do.
import type { CopyOrder, Uploads } from './cloud/ports.ts';
import { environmentIn } from './estate-lookup.ts';
import type { Estate } from './estate.ts';
import { SyncDetail, type HeldCopy } from './runbooks/copying.ts';
import type { Plan } from './runbooks/plan.ts';
import type { Run } from './runbooks/run.ts';
import { incomingName } from './runbooks/shelf.ts';

export const detailOf = (plan: Pick<Plan, 'detail'>): SyncDetail => SyncDetail.parse(plan.detail);

/** Under the run's own fencing number: what another run left, or still writes, has another name. */
export const incomingOf = (run: Run, live: string): string => incomingName(live, run.lease?.fencing ?? 0);

export const dumpFolder = (run: Run, { from, to }: Pick<SyncDetail, 'from' | 'to'>): string => `dumps/${from}-${to}/${run.id}`;

export function orderOf(run: Run, plan: Plan, estate: Estate, held: HeldCopy): CopyOrder {
  const detail = detailOf(plan);
  const side = (environment: string) => ({ environment, database: environmentIn(estate, environment).database });
  const to = side(detail.to);
  return {
    from: side(detail.from),
    to,
    incoming: incomingOf(run, to.database.name),
    mark: { run: run.id, kind: 'incoming', from: detail.from, at: held.at, epoch: plan.epoch, shelvedAt: null, comment: null },
    snapshot: held.snapshot,
    dump: detail.files === 'kept' ? dumpFolder(run, detail) : null,
  };
}

/** Brings some and takes some away, for as long as the copy is ours; answers what was brought. */
export async function bringUploads(
  uploads: Pick<Uploads, 'copy' | 'remove'>,
  files: {
    readonly source: string;
    readonly target: string;
    readonly keys: readonly string[];
    readonly going: readonly string[];
  },
  heed: () => Promise<void>,
): Promise<string[]> {
  const { source, target, keys, going } = files;
  const gone = new Set(await uploads.copy(source, target, keys, heed));
  await heed();
  await uploads.remove(target, going);
  return keys.filter((key) => !gone.has(key));
}
