// What SNS remembers in one Region: topics and who is subscribed to them.
import type { Ask, PolicyDocument } from '../../iam/ask.ts';
import { AwsError, notImitated as refuseUnimitated } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';

export type SnsOperations = OperationsOf<Sdks['sns']>;

export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly attributes: Map<string, string>;
  policy: PolicyDocument;
  readonly tags: Map<string, string>;
}
export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly owner: string;
  /** Open until it is confirmed: then undefined. */
  token: string | undefined;
  readonly attributes: Map<string, string>;
  authenticateOnUnsubscribe: boolean;
}
export interface Board {
  readonly topics: Map<string, Topic>;
  readonly subscriptions: Map<string, Subscription>;
}
export type BoardOf = ((region: string) => Board) & { all(): [string, Board][] };

export const newBoard = (): Board => ({ topics: new Map(), subscriptions: new Map() });

export const parameter = (what: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${what}`);
export const absent = (message: string, code = 'NotFound'): AwsError => new AwsError(code, message);
export const notImitated = (what: string): AwsError => refuseUnimitated(`${what} in SNS`);
export const badToken = (): AwsError => parameter('NextToken Reason: Invalid next token');

export function topicAt({ topics }: Board, arn: string | undefined): Topic {
  if (!/^arn:aws:sns:[^:]+:\d{12}:[\w.-]+$/.test(arn ?? '')) throw parameter('TopicArn');
  const topic = topics.get(arn ?? '');
  if (topic === undefined) throw absent('Topic does not exist');
  return topic;
}

export const subscriptionsOf = ({ subscriptions }: Board, topicArn: string): Subscription[] =>
  [...subscriptions.values()].filter((subscription) => subscription.topicArn === topicArn);

export const isConfirmed = ({ token }: Subscription): boolean => token === undefined;

/**
 * IAM is asked together with the topic's own policy. Only CloudWatch speaks for the account that owns the topic, which the default
 * policy wants; a role or another service needs a permission of its own.
 */
export const askTopic =
  (action: string, boardOf: BoardOf) =>
  ({ TopicArn = '' }: { TopicArn?: string | undefined }, call: Call): Ask[] => [
    {
      action,
      resource: TopicArn,
      resourcePolicy: boardOf(call.region).topics.get(TopicArn)?.policy,
      context: { 'aws:SourceOwner': isAlarm(call) ? call.account : [] },
    },
  ];

const isAlarm = ({ caller }: Call): boolean => caller.kind === 'service' && caller.service === 'cloudwatch.amazonaws.com';
