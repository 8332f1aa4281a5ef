// EventBridge: the default bus, its rules and schedules, and what they set off.
import type { BusEvent, Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { busOperations, dispatch } from './bus.ts';
import { secondsOf } from './delivery.ts';
import { newRulebook } from './rulebook.ts';
import { ruleOperations } from './rules.ts';
import { tagOperations } from './tags.ts';
import { targetOperations } from './targets.ts';

export function createEvents(ground: Ground): Service<'events'> {
  const bookOf = perRegion(newRulebook);
  ground.onEmit((event) => dispatch(ground, bookOf, envelope(ground, event), ground.timeline.now()));
  return {
    id: 'events',
    operations: {
      ...ruleOperations(ground, bookOf),
      ...targetOperations(bookOf),
      ...busOperations(ground, bookOf),
      ...tagOperations(bookOf),
    },
    inventory: () =>
      Object.fromEntries(
        bookOf
          .all()
          .flatMap(([, { rules }]) =>
            [...rules.values()].map(({ arn, state, expression, pattern, targets }) => [
              arn,
              { state, expression, pattern, targets: [...targets.values()] },
            ]),
          ),
      ),
  };
}

/** What a service emitted, as rules see it. */
function envelope(ground: Ground, { source, detailType, region, resources, detail }: BusEvent) {
  return {
    version: '0',
    id: ground.uuid(),
    'detail-type': detailType,
    source,
    account: ground.account,
    time: secondsOf(ground.timeline.now()),
    region,
    resources,
    detail,
  } as const;
}
