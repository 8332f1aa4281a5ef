// Topics: made, changed, described, listed and deleted, with the policy that says who may publish.
import type { Tag } from '@aws-sdk/client-sns';
import type { Ask } from '../../iam/ask.ts';
import type { Call } from '../service.ts';
import { pageOf } from '../page.ts';
import { requestTags } from '../request-tags.ts';
import { defaultPolicy, parseTopicPolicy } from './policy.ts';
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
  type Topic,
} from './board.ts';

const MOST_ON_PAGE = 100;
const MOST_TAGS = 50;
const SETTABLE = ['DisplayName', 'KmsMasterKeyId', 'Policy', 'TracingConfig', 'SignatureVersion'];

export function topicOperations(boardOf: BoardOf): SnsOperations {
  const arnOf = (call: Call, name: string | undefined): string => `arn:aws:sns:${call.region}:${call.account}:${name ?? ''}`;
  return {
    CreateTopic: {
      asks: (input, call) => {
        const resource = arnOf(call, input.Name);
        const asked: Ask[] = [{ action: 'SNS:CreateTopic', resource, context: requestTags(input.Tags) }];
        if (input.Tags?.length) asked.push({ action: 'SNS:TagResource', resource, context: requestTags(input.Tags) });
        return asked;
      },
      run(input, call) {
        const { Name = '', Attributes = {}, Tags = [] } = input;
        if (Name.endsWith('.fifo') || Attributes['FifoTopic'] === 'true') throw notImitated('FIFO topics');
        if (!/^[\w-]{1,256}$/.test(Name)) throw parameter('Topic Name');
        if (input.DataProtectionPolicy !== undefined) throw notImitated('DataProtectionPolicy');
        const { topics } = boardOf(call.region);
        const arn = arnOf(call, Name);
        const known = topics.get(arn);
        if (known) return { TopicArn: sameOrRefuse(known, Attributes, Tags).arn };
        const topic = newTopic(arn, Name, call);
        for (const [name, value] of Object.entries(Attributes)) setAttribute(topic, name, value);
        addTags(topic, Tags);
        topics.set(arn, topic);
        return { TopicArn: arn };
      },
    },
    DeleteTopic: {
      asks: askTopic('SNS:DeleteTopic', boardOf),
      run({ TopicArn = '' }, call) {
        const board = boardOf(call.region);
        for (const { arn } of subscriptionsOf(board, TopicArn)) board.subscriptions.delete(arn);
        board.topics.delete(TopicArn);
        return {};
      },
    },
    GetTopicAttributes: {
      asks: askTopic('SNS:GetTopicAttributes', boardOf),
      run({ TopicArn }, call) {
        const board = boardOf(call.region);
        return { Attributes: attributesOf(board, topicAt(board, TopicArn), call) };
      },
    },
    SetTopicAttributes: {
      asks: askTopic('SNS:SetTopicAttributes', boardOf),
      run({ TopicArn, AttributeName = '', AttributeValue = '' }, call) {
        setAttribute(topicAt(boardOf(call.region), TopicArn), AttributeName, AttributeValue);
        return {};
      },
    },
    ListTopics: {
      asks: (_input, call) => [{ action: 'SNS:ListTopics', resource: arnOf(call, '*') }],
      run({ NextToken: token }, call) {
        const all = [...boardOf(call.region).topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
        const request = { limit: undefined, token, most: MOST_ON_PAGE, question: ['topics'], refuse: badToken };
        const page = pageOf(all, request, ({ arn }) => arn);
        return { Topics: page.items.map(({ arn }) => ({ TopicArn: arn })), NextToken: page.next };
      },
    },
    ...tagOperations(boardOf),
  };
}

function tagOperations(boardOf: BoardOf): SnsOperations {
  const topicOf = (arn: string | undefined, call: Call): Topic => {
    const topic = boardOf(call.region).topics.get(arn ?? '');
    if (topic === undefined) throw absent('Resource does not exist', 'ResourceNotFound');
    return topic;
  };
  return {
    TagResource: {
      asks: ({ ResourceArn = '', Tags }) => [{ action: 'SNS:TagResource', resource: ResourceArn, context: requestTags(Tags) }],
      run({ ResourceArn, Tags = [] }, call) {
        addTags(topicOf(ResourceArn, call), Tags);
        return {};
      },
    },
    UntagResource: {
      asks: ({ ResourceArn = '', TagKeys = [] }) => [
        { action: 'SNS:UntagResource', resource: ResourceArn, context: { 'aws:TagKeys': TagKeys } },
      ],
      run({ ResourceArn, TagKeys = [] }, call) {
        const { tags } = topicOf(ResourceArn, call);
        for (const key of TagKeys) tags.delete(key);
        return {};
      },
    },
    ListTagsForResource: {
      asks: ({ ResourceArn = '' }) => [{ action: 'SNS:ListTagsForResource', resource: ResourceArn }],
      run: ({ ResourceArn }, call) => ({
        Tags: [...topicOf(ResourceArn, call).tags].map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}

const newTopic = (arn: string, name: string, { account, region }: Call): Topic => ({
  arn,
  name,
  region,
  attributes: new Map(),
  policy: defaultPolicy(arn, account),
  tags: new Map(),
});

function setAttribute(topic: Topic, name: string, value: string): void {
  if (name === 'FifoTopic' && value === 'false') return;
  if (/(Success|Failure)Feedback|DeliveryPolicy|ArchivePolicy|ContentBasedDeduplication|FifoTh/.test(name))
    throw notImitated(name);
  if (!SETTABLE.includes(name)) throw parameter('AttributeName');
  if (name === 'DisplayName' && value.length > 100) throw parameter('DisplayName');
  if (name === 'Policy') topic.policy = parseTopicPolicy(value);
  else if (value === '') topic.attributes.delete(name);
  else topic.attributes.set(name, value);
}

/** Creating a topic that stands answers with it, unless something else was asked for. */
function sameOrRefuse(known: Topic, attributes: Readonly<Record<string, string>>, tags: readonly Tag[]): Topic {
  for (const [name, value] of Object.entries(attributes)) {
    const kept = name === 'Policy' ? JSON.stringify(known.policy) : (known.attributes.get(name) ?? '');
    const asked = name === 'Policy' ? JSON.stringify(parseTopicPolicy(value)) : value;
    if (kept !== asked && !(name === 'FifoTopic' && value === 'false')) {
      throw parameter('Attributes Reason: Topic already exists with different attributes');
    }
  }
  if (tags.some(({ Key = '', Value = '' }) => known.tags.get(Key) !== Value)) {
    throw parameter('Tags Reason: Topic already exists with different tags');
  }
  return known;
}

function addTags({ tags }: Topic, added: readonly Tag[]): void {
  const keys = new Set([...tags.keys(), ...added.map(({ Key }) => Key ?? '')]);
  if (keys.size > MOST_TAGS) throw absent('Could not complete request: tag quota of per resource exceeded', 'TagLimitExceeded');
  for (const { Key, Value } of added) tags.set(Key ?? '', Value ?? '');
}

/** What AWS says of delivery when nobody asked for anything else. */
const DELIVERY_POLICY = {
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
};

function attributesOf(board: Board, topic: Topic, { account }: Call): Record<string, string> {
  const all = subscriptionsOf(board, topic.arn);
  const confirmed = all.filter(isConfirmed).length;
  return {
    Policy: JSON.stringify(topic.policy),
    Owner: account,
    SubscriptionsPending: String(all.length - confirmed),
    TopicArn: topic.arn,
    EffectiveDeliveryPolicy: JSON.stringify(DELIVERY_POLICY),
    SubscriptionsConfirmed: String(confirmed),
    DisplayName: '',
    SubscriptionsDeleted: '0',
    ...Object.fromEntries(topic.attributes),
  };
}
