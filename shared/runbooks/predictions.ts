// How long a failover's machine part takes and what it costs, from its parts. Drills will replace the guesses by measurements.
import type { MoveDetail } from './move.ts';

/** A rule of a load balancer is in force within seconds (measured by hand in several Regions, no figure in AWS's documents). */
const WEB_FENCE_SECONDS = 5;
/** Revoke, end the sessions one by one, two writes that must fail: rehearsed under a second, a cold Lambda in a VPC before it. */
const DATABASE_FENCE_SECONDS = 5;
/** A few statements in one session. */
const GAP_SECONDS = 2;
/** Route 53 Developer Guide: changes generally reach all servers within 60 seconds. */
const IN_SYNC_SECONDS = 60;
/** Plan, recheck, lease, two checks and the report: a cold start and a handful of API calls each. */
const STEPS_SECONDS = 15;

/** The Lambda price list, x86 in eu-west-1, a gigabyte for a second. */
const USD_PER_GB_SECOND = 0.0000166667;
/** Standard workflows, eu-west-1, one transition. */
const USD_PER_TRANSITION = 0.000025;
/** The longest way through the machine with one approval. */
const TRANSITIONS = 48;
/** Function seconds of such a run, at a quarter of a gigabyte. */
const FUNCTION_GB_SECONDS = 15 * 0.25;

export function secondsOf({ fence, zones, ttlSeconds }: Pick<MoveDetail, 'fence' | 'zones' | 'ttlSeconds'>): number {
  const web = fence.web.skipped === null ? WEB_FENCE_SECONDS : 0;
  const database = fence.database.skipped === null ? DATABASE_FENCE_SECONDS : 0;
  // A resolver that asked just before the change goes on with the old answer for its whole time to live.
  const names = zones.length > 0 ? IN_SYNC_SECONDS + ttlSeconds : 0;
  return STEPS_SECONDS + GAP_SECONDS + web + database + names;
}

/** To a hundredth of a cent. What the moved traffic costs is the same on either side. */
export const priceOf = (): number =>
  Number((TRANSITIONS * USD_PER_TRANSITION + FUNCTION_GB_SECONDS * USD_PER_GB_SECOND).toFixed(6));
