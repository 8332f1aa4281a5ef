// Two instances change names: the one that people use steps aside, the other gets its name. Asked of the world at every try.
import { RunbookError } from '../errors.ts';
import type { InstanceFacts } from './instances.ts';

export interface Trading {
  readonly live: string;
  readonly aside: string;
  readonly coming: string;
  /** Null where nothing bears the name. */
  readonly liveId: string | null;
  readonly comingId: string;
}

/** What stands under each of the three names. */
export interface Standing {
  readonly live: InstanceFacts | null;
  readonly aside: InstanceFacts | null;
  readonly coming: InstanceFacts | null;
}

export type Renaming =
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly says: string }
  | { readonly kind: 'wait'; readonly says: string }
  | { readonly kind: 'done' };

/** An instance takes a new name only while it is available, and its old one is nobody's until it has stepped aside. */
export function nextRenaming(standing: Standing, { live, aside, coming, liveId, comingId }: Trading): Renaming {
  const named = standing.live;
  if (named?.resourceId === comingId) {
    return isAvailable(named) ? { kind: 'done' } : { kind: 'wait', says: `${live} is ${named.status}` };
  }
  if (named && named.resourceId !== liveId) {
    const says = `${live} is neither the instance that bore the name nor ${coming}: somebody made another one; look at ${live}`;
    throw new RunbookError('VerifyFailed', says, { instance: live, resourceId: named.resourceId });
  }
  if (named) {
    if (!isAvailable(named)) return { kind: 'wait', says: `${live} is ${named.status}, and can take no other name` };
    return { kind: 'rename', from: live, to: aside, says: `${live} becomes ${aside}` };
  }
  if (standing.coming?.resourceId === comingId) {
    if (!isAvailable(standing.coming))
      return { kind: 'wait', says: `${coming} is ${standing.coming.status}, and can take no other name` };
    if (liveId !== null && standing.aside?.resourceId !== liveId)
      return { kind: 'wait', says: `nothing answers as ${aside} yet` };
    if (standing.aside && !isAvailable(standing.aside))
      return { kind: 'wait', says: `${aside} is ${standing.aside.status}: the name ${live} is not free yet` };
    return { kind: 'rename', from: coming, to: live, says: `${coming} becomes ${live}` };
  }
  // A name is gone at once, and what it belonged to is told under the new one a moment later.
  return { kind: 'wait', says: `nothing answers as ${live} or ${coming} yet` };
}

const isAvailable = ({ status }: InstanceFacts): boolean => status === 'available';
