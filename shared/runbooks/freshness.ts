// Whether a copy is as new as the schedule promises, by what is in it: a copy that was never made says so by its age.
import { RunbookError } from '../errors.ts';
import type { Copy } from '../estate.ts';
import type { Lease } from './lease.ts';
import { clockOf, spanOf } from './words.ts';

type Scheduled = Copy & { readonly everySeconds: number };
export const isScheduled = (copy: Copy): copy is Scheduled => copy.class === 'raw' && copy.everySeconds !== undefined;

export interface Freshness {
  /** How much older it is than its schedule lets it become; nothing while nobody copies, because the target is the writer. */
  readonly overdueSeconds: number;
  readonly says: string;
}

export function judgeFreshness(
  { from, to, everySeconds }: Pick<Scheduled, 'from' | 'to' | 'everySeconds'>,
  lease: Lease | undefined,
  heartbeat: string | null,
  now: Date,
): Freshness {
  if (lease?.writer === to)
    return {
      overdueSeconds: 0,
      says: `paused: ${to} is the writer since ${clockOf(lease.since, now)} (epoch ${lease.epoch})`,
    };
  if (heartbeat === null) {
    const says = `the database of ${to} has no heartbeat of ${from}, so nobody can tell how old it is; start sync`;
    throw new RunbookError('VerifyFailed', says, { from, to });
  }
  const age = Math.max(0, (now.getTime() - Date.parse(heartbeat)) / 1000);
  const overdueSeconds = Math.max(0, Math.round(age - everySeconds));
  return {
    overdueSeconds,
    says: `the newest that ${to} has of ${from} is ${spanOf(age)} old; it is copied every ${spanOf(everySeconds)}`,
  };
}
