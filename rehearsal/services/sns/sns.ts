// SNS: topics, subscriptions and messages; e-mails end in the rehearsal's inbox.
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { newBoard } from './board.ts';
import { createCourier, type Courier } from './courier.ts';
import { publishOperations } from './publishing.ts';
import { subscriptionOperations } from './subscriptions.ts';
import { topicOperations } from './topics.ts';

export type { Mail } from './courier.ts';

export interface SnsService extends Service<'sns'> {
  /** Every e-mail as it is delivered, confirmations included; the returned function ends it. */
  onMessage: Courier['onMessage'];
}

export function createSns(ground: Ground): SnsService {
  const boardOf = perRegion(newBoard);
  const courier = createCourier(ground);
  return {
    id: 'sns',
    operations: {
      ...topicOperations(boardOf),
      ...subscriptionOperations(ground, boardOf, courier),
      ...publishOperations(ground, boardOf, courier),
    },
    onMessage: (listener) => courier.onMessage(listener),
    inventory: () =>
      Object.fromEntries(
        boardOf
          .all()
          .flatMap(([, { topics, subscriptions }]) => [
            ...[...topics.values()].map(({ arn, attributes, policy }): [string, unknown] => [
              arn,
              { attributes: Object.fromEntries(attributes), policy },
            ]),
            ...[...subscriptions.values()].map(({ arn, protocol, endpoint, token }): [string, unknown] => [
              arn,
              { protocol, endpoint, confirmed: token === undefined },
            ]),
          ]),
      ),
  };
}
