// Elastic Load Balancing: application load balancers that stand, as real listeners, with rules and checked targets.
import type { KeyPair } from '../../world/contract.ts';
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { listenersOf, newRegion, type Room } from './catalog.ts';
import { createFounding, type ElbOwn, type Names } from './founding.ts';
import { createFront } from './front.ts';
import { createHealth } from './health.ts';
import { listenerOperations, standingListeners } from './listeners.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import { ruleOperations, standingRules } from './rules.ts';
import { taggingOperations } from './tagging.ts';
import { targetGroupOperations } from './target-groups.ts';
import { targetOperations } from './targets.ts';

export type { ElbOwn, Founded, FoundLoadBalancer } from './founding.ts';

export interface ElbOptions {
  /** Route 53's ear for names that an alias may point to. */
  readonly names: Names;
  /** ACM's own: the key pair behind a certificate. */
  readonly keyPairOf: (certificateArn: string) => KeyPair | undefined;
}

export function createElasticLoadBalancing(
  ground: Ground,
  { names, keyPairOf }: ElbOptions,
): Service<'elasticloadbalancing'> & { readonly own: ElbOwn } {
  const room: Room = { ground, of: perRegion(newRegion), keyPairOf };
  const watch = createHealth(room);
  const front = createFront(room, watch);
  return {
    id: 'elasticloadbalancing',
    operations: {
      ...loadBalancerOperations(room),
      ...listenerOperations(room, front),
      ...ruleOperations(room),
      ...targetGroupOperations(room),
      ...targetOperations(room, watch),
      ...taggingOperations(room),
    },
    own: createFounding(room, front, watch, names),
    inventory: () =>
      Object.fromEntries([
        ...room.of
          .all()
          .flatMap(([, { loadBalancers, targetGroups }]) => [
            ...[...loadBalancers.values()].map(({ arn, dnsName, attributes, lost }): [string, unknown] => [
              arn,
              { dnsName, attributes: Object.fromEntries(attributes), lost },
            ]),
            ...[...targetGroups.values()].map(({ arn, type, check, targets }): [string, unknown] => [
              arn,
              { type, check, targets: [...targets.keys()] },
            ]),
          ]),
        ...standingListeners(room),
        ...standingRules(room),
      ]),
    async stop() {
      await Promise.all(room.of.all().flatMap(([, state]) => listenersOf(state).map((listener) => front.close(listener))));
    },
  };
}
