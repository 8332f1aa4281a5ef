// One snapshot before it goes: ours still, a newer one stays, and it is the one that the plan names.
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import type { SnapshotFacts } from './instances.ts';
import { judgeSnapshots, policyOf, whyOf } from './retention.ts';
import type { RetentionDetail } from './retention-scene.ts';

export interface Expiring {
  readonly app: string;
  readonly estate: Pick<Estate, 'retention' | 'objectives'>;
  readonly now: Date;
}

/** By what stands now: somebody may have taken away the newer one since the plan was drafted. `gone` where an earlier try was faster. */
export function judgeExpiring(
  { snapshot, takenAt }: RetentionDetail['expire'][number],
  standing: readonly SnapshotFacts[],
  { app, estate, now }: Expiring,
): 'remove' | 'gone' {
  const judged = judgeSnapshots(standing, { app, policy: policyOf(estate), now });
  const found = judged.find(({ facts }) => facts.id === snapshot);
  if (found === undefined || found.facts.status === 'deleting') return 'gone';
  const why = found.facts.takenAt === takenAt ? whyOf(found) : `it is of ${found.facts.takenAt ?? 'nobody knows when'}`;
  if (why === '') return 'remove';
  const says = `${snapshot} was to go as a copy of ${takenAt} that a newer one follows, and now it stays: ${why}; look who changes snapshots, then start the run again`;
  throw new RunbookError('PlanStale', says, { snapshot });
}
