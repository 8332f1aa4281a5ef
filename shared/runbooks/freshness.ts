// Whether a copy is as new as the schedule promises, by what is in it: a copy that was never made says so by its age.
import type { Copy } from '../estate.ts';
import type { Lease } from './lease.ts';
import { clockOf, spanOf } from './words.ts';

export interface Freshness {
  readonly from: string;
  readonly to: string;
  /** How much older it is than its schedule lets it become; nothing while nobody copies, because the target is the writer. */
  readonly overdueSeconds: number;
  readonly says: string;
}

export function judgeFreshness(
  { from, to, everySeconds }: Pick<Copy, 'from' | 'to'> & { readonly everySeconds: number },
  lease: Lease | undefined,
  heartbeat: string,
  now: Date,
): Freshness {
  if (lease?.writer === to)
    return {
      from,
      to,
      overdueSeconds: 0,
      says: `paused: ${to} is the writer since ${clockOf(lease.since, now)} (epoch ${lease.epoch})`,
    };
  const age = Math.max(0, (now.getTime() - Date.parse(heartbeat)) / 1000);
  const overdueSeconds = Math.max(0, Math.round(age - everySeconds));
  const says = `the newest that ${to} has of ${from} is ${spanOf(age)} old; it is copied every ${spanOf(everySeconds)}`;
  return { from, to, overdueSeconds, says };
}
