// Subscriptions: asked for, confirmed by whoever reads the mailbox, listed and ended.
import type { Subscription as WireSubscription } from '@aws-sdk/client-sns';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { pageOf } from '../page.ts';
import {
  absent,
  askTopic,
  badToken,
  isConfirmed,
  notImitated,
  parameter,
  subscriptionsOf,
  topicAt,
  type Board,
  type BoardOf,
  type SnsOperations,
  type Subscription,
} from './board.ts';
import type { Courier } from './courier.ts';

const MOST_ON_PAGE = 100;
const ENDPOINTS: Readonly<Record<string, RegExp>> = {
  email: /^[^@\s]+@[^@\s]+$/,
  'email-json': /^[^@\s]+@[^@\s]+$/,
  lambda: /^arn:aws:lambda:[^:]+:\d{12}:function:[^:]+(:[^:]+)?$/,
  https: /^https:\/\/[^/]+/,
};
const OTHERS = ['http', 'sms', 'sqs', 'application', 'firehose'];
const PENDING = 'PendingConfirmation';

export function subscriptionOperations(ground: Ground, boardOf: BoardOf, courier: Courier): SnsOperations {
  return {
    Subscribe: {
      asks: (input, call) =>
        askTopic('SNS:Subscribe', boardOf)(input, call).map((ask) => ({
          ...ask,
          context: { ...ask.context, 'sns:Protocol': input.Protocol ?? '', 'sns:Endpoint': input.Endpoint ?? '' },
        })),
      run(input, call) {
        const { Protocol = '', Endpoint = '', ReturnSubscriptionArn: showArn = false } = input;
        const board = boardOf(call.region);
        const topic = topicAt(board, input.TopicArn);
        checkEndpoint(Protocol, Endpoint);
        const attributes = checkAttributes(input.Attributes ?? {}, Protocol);
        const known = subscriptionsOf(board, topic.arn).find((s) => s.protocol === Protocol && s.endpoint === Endpoint);
        const subscription = known ?? newSubscription(ground, topic.arn, Protocol, Endpoint, call);
        if (!known) for (const [name, value] of attributes) subscription.attributes.set(name, value);
        board.subscriptions.set(subscription.arn, subscription);
        // Asking again for one that is pending sends the request again.
        if (!isConfirmed(subscription)) courier.askToConfirm(topic, subscription);
        return { SubscriptionArn: isConfirmed(subscription) || showArn ? subscription.arn : 'pending confirmation' };
      },
    },
    ConfirmSubscription: {
      // The link in an e-mail carries no signature, and needs none unless unsubscribing is to need one.
      asks: (input, call) =>
        input.AuthenticateOnUnsubscribe === 'true' ? askTopic('SNS:ConfirmSubscription', boardOf)(input, call) : [],
      run({ TopicArn, Token, AuthenticateOnUnsubscribe }, call) {
        const board = boardOf(call.region);
        const topic = topicAt(board, TopicArn);
        const subscription = subscriptionsOf(board, topic.arn).find(({ attributes, token }) =>
          [token, attributes.get(CONFIRMED_WITH)].includes(Token),
        );
        if (Token === undefined || subscription === undefined) throw parameter('Token');
        subscription.attributes.set(CONFIRMED_WITH, Token);
        subscription.token = undefined;
        subscription.authenticateOnUnsubscribe = AuthenticateOnUnsubscribe === 'true';
        return { SubscriptionArn: subscription.arn };
      },
    },
    Unsubscribe: {
      asks({ SubscriptionArn = '' }, call) {
        const subscription = boardOf(call.region).subscriptions.get(SubscriptionArn);
        if (call.caller.kind === 'anonymous' && subscription?.authenticateOnUnsubscribe === false) return [];
        return [{ action: 'SNS:Unsubscribe', resource: SubscriptionArn.split(':').slice(0, 6).join(':') }];
      },
      run({ SubscriptionArn = '' }, call) {
        checkArn(SubscriptionArn);
        const { subscriptions } = boardOf(call.region);
        const subscription = subscriptions.get(SubscriptionArn);
        if (subscription && !isConfirmed(subscription)) {
          throw parameter('SubscriptionArn Reason: This endpoint is pending confirmation');
        }
        subscriptions.delete(SubscriptionArn);
        return {};
      },
    },
    GetSubscriptionAttributes: {
      asks: ({ SubscriptionArn = '' }) => [
        { action: 'SNS:GetSubscriptionAttributes', resource: SubscriptionArn.split(':').slice(0, 6).join(':') },
      ],
      run({ SubscriptionArn = '' }, call) {
        checkArn(SubscriptionArn);
        const subscription = boardOf(call.region).subscriptions.get(SubscriptionArn);
        if (subscription === undefined) throw absent('Subscription does not exist');
        return { Attributes: attributesOf(subscription) };
      },
    },
    ListSubscriptions: {
      asks: (_input, call) => [{ action: 'SNS:ListSubscriptions', resource: `arn:aws:sns:${call.region}:${call.account}:*` }],
      run: ({ NextToken }, call) => listOf([...boardOf(call.region).subscriptions.values()], NextToken, 'all'),
    },
    ListSubscriptionsByTopic: {
      asks: askTopic('SNS:ListSubscriptionsByTopic', boardOf),
      run({ TopicArn, NextToken }, call) {
        const board: Board = boardOf(call.region);
        const topic = topicAt(board, TopicArn);
        return listOf(subscriptionsOf(board, topic.arn), NextToken, topic.arn);
      },
    },
  };
}

/** Remembers the token a subscription was confirmed with: confirming twice is answered as once. */
const CONFIRMED_WITH = 'confirmedWith';

function checkArn(arn: string): void {
  if (!/^arn:aws:sns:[^:]+:\d{12}:[^:]+:[\da-f-]{36}$/.test(arn))
    throw parameter('SubscriptionArn Reason: An ARN must have at least 6 elements');
}

function checkEndpoint(protocol: string, endpoint: string): void {
  if (OTHERS.includes(protocol)) throw notImitated(`the protocol ${protocol}`);
  const form = ENDPOINTS[protocol];
  if (form === undefined) throw parameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  if (form.test(endpoint)) return;
  if (protocol.startsWith('email')) throw parameter('Email address');
  throw parameter(protocol === 'lambda' ? 'Lambda endpoint ARN' : 'Endpoint must match the specified protocol');
}

function checkAttributes(given: Readonly<Record<string, string>>, protocol: string): [string, string][] {
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'RawMessageDelivery') throw notImitated(`the subscription attribute ${name}`);
    if (!/^(true|false)$/i.test(value)) throw parameter('Attributes Reason: RawMessageDelivery: Invalid value');
    if (value.toLowerCase() === 'true' && protocol !== 'https') {
      throw parameter('Attributes Reason: Delivery protocol does not support raw message delivery.');
    }
  }
  return Object.entries(given);
}

/** A function of the same account needs no confirmation. */
const newSubscription = (ground: Ground, topicArn: string, protocol: string, endpoint: string, call: Call): Subscription => ({
  arn: `${topicArn}:${ground.uuid()}`,
  topicArn,
  protocol,
  endpoint,
  owner: call.account,
  token: protocol === 'lambda' ? undefined : ground.token(296, '0123456789abcdef'),
  attributes: new Map(),
  authenticateOnUnsubscribe: false,
});

function attributesOf(subscription: Subscription): Record<string, string> {
  const { topicArn, protocol, endpoint, owner, arn, attributes } = subscription;
  return {
    SubscriptionArn: arn,
    TopicArn: topicArn,
    Owner: owner,
    Protocol: protocol,
    Endpoint: endpoint,
    PendingConfirmation: String(!isConfirmed(subscription)),
    ConfirmationWasAuthenticated: String(subscription.authenticateOnUnsubscribe || protocol === 'lambda'),
    RawMessageDelivery: attributes.get('RawMessageDelivery') ?? 'false',
  };
}

function listOf(all: readonly Subscription[], token: string | undefined, of: string) {
  const request = { limit: undefined, token, most: MOST_ON_PAGE, question: ['subscriptions', of], refuse: badToken };
  const page = pageOf(all, request, ({ arn }) => arn);
  const Subscriptions = page.items.map((subscription): WireSubscription => ({
    SubscriptionArn: isConfirmed(subscription) ? subscription.arn : PENDING,
    Owner: subscription.owner,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    TopicArn: subscription.topicArn,
  }));
  return { Subscriptions, NextToken: page.next };
}
