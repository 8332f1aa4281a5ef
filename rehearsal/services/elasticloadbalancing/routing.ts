// Rules on their way to the nodes: a change is described at once and counts a little later.
import { secondsOf } from '../../world/latencies.ts';
import { type Listener, type Room, type Routing, rulesOf } from './catalog.ts';
import { reassociate } from './association.ts';

const frozen = (listener: Listener): Routing['rules'] =>
  rulesOf(listener).map(({ arn, priority, conditions, actions }) => ({ arn, priority, conditions, actions }));

/** Sends the rules as they are now on their way. */
export function spread(room: Room, listener: Listener): void {
  const { ground, of } = room;
  const now = ground.timeline.now();
  const landsAt = now + secondsOf('elasticloadbalancing:RulePropagation', ground.random) * 1000;
  // What was sent earlier never overtakes what is sent now.
  const earlier = listener.routing.map((routing) => ({ ...routing, landsAt: Math.min(routing.landsAt, landsAt) }));
  listener.routing = [...earlier, { landsAt, rules: frozen(listener) }];
  reassociate(room, of(listener.loadBalancer.region));
}

/** The rules of a listener that begins to serve: its nodes know them from the start. */
export function spreadAtOnce(room: Room, listener: Listener): void {
  listener.routing = [{ landsAt: 0, rules: frozen(listener) }];
  reassociate(room, room.of(listener.loadBalancer.region));
}

/** The rules that count at this instant. */
export function rulesInForce(listener: Listener, now: number): Routing['rules'] {
  const landed = listener.routing.findLastIndex(({ landsAt }) => landsAt <= now);
  if (landed > 0) listener.routing = listener.routing.slice(landed);
  return listener.routing[0]?.rules ?? [];
}
