// Which target groups are in use: their targets are checked from then on, and begin anew when they come into use again.
import type { RegionState, Room } from './catalog.ts';
import { groupsOf, listenersOf, rulesOf } from './catalog.ts';
import { beginning } from './health.ts';

export function reassociate({ ground }: Room, state: RegionState): void {
  const used = new Set(listenersOf(state).flatMap((listener) => rulesOf(listener).flatMap(({ actions }) => groupsOf(actions))));
  const now = ground.timeline.now();
  for (const group of state.targetGroups.values()) {
    const inUse = used.has(group.arn);
    if (inUse && !group.inUse) for (const target of group.targets.values()) target.health = beginning(now);
    group.inUse = inUse;
  }
}
