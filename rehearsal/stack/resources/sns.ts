// AWS::SNS::Topic, ::TopicPolicy and ::Subscription.
import { document, flag, list, structure, tag, text } from '../shape.ts';
import type { Read } from '../shape.ts';
import { droppedTags, isMissing, jsonText, needed, resource, tagsOf } from './resource.ts';
import type { Site } from './resource.ts';

const topic = structure(
  {},
  {
    ContentBasedDeduplication: flag,
    DisplayName: text,
    FifoTopic: flag,
    KmsMasterKeyId: text,
    SignatureVersion: text,
    Subscription: list(structure({ Endpoint: text, Protocol: text }, {})),
    Tags: list(tag),
    TopicName: text,
    TracingConfig: text,
  },
  ['ArchivePolicy', 'DataProtectionPolicy', 'DeliveryStatusLogging', 'FifoThroughputScope'],
);
type Topic = Read<typeof topic>;

const ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DisplayName',
  'FifoTopic',
  'KmsMasterKeyId',
  'SignatureVersion',
  'TracingConfig',
] as const;
const ABSENT: Readonly<Record<string, string>> = {
  SignatureVersion: '1',
  TracingConfig: 'PassThrough',
  ContentBasedDeduplication: 'false',
};

const attributesOf = (p: Topic): Record<string, string> =>
  Object.fromEntries(ATTRIBUTES.filter((name) => p[name] !== undefined).map((name) => [name, String(p[name])]));

async function subscribe(TopicArn: string, p: Topic, before: Topic | undefined, site: Site): Promise<void> {
  const standing = new Set(before?.Subscription?.map((one) => JSON.stringify(one)));
  for (const one of p.Subscription ?? []) {
    if (!standing.has(JSON.stringify(one))) await site.call('sns', 'Subscribe', { TopicArn, ...one });
  }
}

const topicResource = resource<Topic>({
  type: 'AWS::SNS::Topic',
  shape: topic,
  attributes: ['TopicArn', 'TopicName'],
  replacedBy: ['TopicName', 'FifoTopic'],
  nameProperty: 'TopicName',
  async create(p, site) {
    const fifo = p.FifoTopic === true ? '.fifo' : '';
    const Name = p.TopicName ?? `${site.name(256 - fifo.length)}${fifo}`;
    if (p.TopicName !== undefined) await refuseExisting(p.TopicName, site);
    const made = await site.call('sns', 'CreateTopic', { Name, Attributes: attributesOf(p), Tags: tagsOf(p.Tags, site) });
    const TopicArn = needed(made.TopicArn, 'TopicArn');
    try {
      await subscribe(TopicArn, p, undefined, site);
    } catch (error) {
      await site.call('sns', 'DeleteTopic', { TopicArn }).catch(() => undefined);
      throw error;
    }
    return { physicalId: TopicArn, attributes: { TopicArn, TopicName: Name } };
  },
  async update(p, before, standing, site) {
    const TopicArn = standing.physicalId;
    const now = attributesOf(p);
    for (const [AttributeName, was] of Object.entries(attributesOf(before))) {
      if (now[AttributeName] === undefined && was !== ABSENT[AttributeName]) {
        await site.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName, AttributeValue: ABSENT[AttributeName] ?? '' });
      }
    }
    for (const [AttributeName, AttributeValue] of Object.entries(now)) {
      if (attributesOf(before)[AttributeName] !== AttributeValue) {
        await site.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName, AttributeValue });
      }
    }
    await subscribe(TopicArn, p, before, site);
    await unsubscribe(TopicArn, before, p, site);
    const dropped = droppedTags(before.Tags, p.Tags);
    if (dropped.length > 0) await site.call('sns', 'UntagResource', { ResourceArn: TopicArn, TagKeys: dropped });
    const tags = tagsOf(p.Tags, site);
    if (tags.length > 0) await site.call('sns', 'TagResource', { ResourceArn: TopicArn, Tags: tags });
    return standing;
  },
  async remove({ physicalId: TopicArn }, _p, site) {
    await site.call('sns', 'DeleteTopic', { TopicArn });
  },
});

async function unsubscribe(TopicArn: string, before: Topic, after: Topic, site: Site): Promise<void> {
  const kept = new Set(after.Subscription?.map((one) => JSON.stringify(one)));
  const dropped = (before.Subscription ?? []).filter((one) => !kept.has(JSON.stringify(one)));
  if (dropped.length === 0) return;
  const { Subscriptions = [] } = await site.call('sns', 'ListSubscriptionsByTopic', { TopicArn });
  for (const { Endpoint, Protocol } of dropped) {
    const found = Subscriptions.find((one) => one.Endpoint === Endpoint && one.Protocol === Protocol);
    // A subscription nobody confirmed has no ARN and ends by itself.
    if (found?.SubscriptionArn?.startsWith('arn:') === true) {
      await site.call('sns', 'Unsubscribe', { SubscriptionArn: found.SubscriptionArn });
    }
  }
}

/** CreateTopic answers an existing topic of that name: CloudFormation does not take it over. */
async function refuseExisting(name: string, site: Site): Promise<void> {
  const TopicArn = `arn:aws:sns:${site.region}:${site.account}:${name}`;
  const existing = await site.call('sns', 'GetTopicAttributes', { TopicArn }).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (existing) throw new Error(`${TopicArn} already exists`);
}

const topicPolicy = structure({ PolicyDocument: document, Topics: list(text) }, {});
type TopicPolicy = Read<typeof topicPolicy>;

const setPolicy = async (topics: readonly string[], policy: (arn: string) => string, site: Site): Promise<void> => {
  for (const TopicArn of topics) {
    await site.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue: policy(TopicArn) });
  }
};

const OWNER_ACTIONS = [
  'SNS:GetTopicAttributes',
  'SNS:SetTopicAttributes',
  'SNS:AddPermission',
  'SNS:RemovePermission',
  'SNS:DeleteTopic',
  'SNS:Subscribe',
  'SNS:ListSubscriptionsByTopic',
  'SNS:Publish',
];

/** What a topic has before anyone gives it a policy. */
const defaultPolicy = (arn: string, account: string): string =>
  JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: OWNER_ACTIONS,
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  });

const topicPolicyResource = resource<TopicPolicy>({
  type: 'AWS::SNS::TopicPolicy',
  shape: topicPolicy,
  attributes: ['Id'],
  replacedBy: [],
  async create(p, site) {
    await setPolicy(p.Topics, () => jsonText(p.PolicyDocument), site);
    const physicalId = site.name(128);
    return { physicalId, attributes: { Id: physicalId } };
  },
  async update(p, before, standing, site) {
    await setPolicy(p.Topics, () => jsonText(p.PolicyDocument), site);
    const dropped = before.Topics.filter((arn) => !p.Topics.includes(arn));
    await setPolicy(dropped, (arn) => defaultPolicy(arn, site.account), site);
    return standing;
  },
  async remove(_standing, { Topics }, site) {
    await setPolicy(Topics, (arn) => defaultPolicy(arn, site.account), site).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  },
});

const subscription = structure(
  { TopicArn: text, Protocol: text },
  { Endpoint: text, FilterPolicy: document, FilterPolicyScope: text, RawMessageDelivery: flag, RedrivePolicy: document },
  ['DeliveryPolicy', 'Region', 'ReplayPolicy', 'SubscriptionRoleArn'],
);
type Subscription = Read<typeof subscription>;

function subscriptionAttributes(p: Subscription): Record<string, string> {
  const { FilterPolicy, FilterPolicyScope, RawMessageDelivery, RedrivePolicy } = p;
  return {
    ...(FilterPolicyScope !== undefined && { FilterPolicyScope }),
    ...(FilterPolicy !== undefined && { FilterPolicy: jsonText(FilterPolicy) }),
    ...(RawMessageDelivery !== undefined && { RawMessageDelivery: String(RawMessageDelivery) }),
    ...(RedrivePolicy !== undefined && { RedrivePolicy: jsonText(RedrivePolicy) }),
  };
}

const subscriptionResource = resource<Subscription>({
  type: 'AWS::SNS::Subscription',
  shape: subscription,
  attributes: ['Arn'],
  replacedBy: ['TopicArn', 'Protocol', 'Endpoint'],
  async create(p, site) {
    const { TopicArn, Protocol, Endpoint } = p;
    const { SubscriptionArn } = await site.call('sns', 'Subscribe', {
      TopicArn,
      Protocol,
      ...(Endpoint !== undefined && { Endpoint }),
      Attributes: subscriptionAttributes(p),
      ReturnSubscriptionArn: true,
    });
    const arn = needed(SubscriptionArn, 'SubscriptionArn');
    return { physicalId: arn, attributes: { Arn: arn } };
  },
  async update(p, before, standing, site) {
    const after = subscriptionAttributes(p);
    const dropped = Object.keys(subscriptionAttributes(before)).filter((name) => !Object.hasOwn(after, name));
    const cleared = dropped.map((name) => [name, name === 'RawMessageDelivery' ? 'false' : '{}'] as const);
    for (const [AttributeName, AttributeValue] of [...cleared, ...Object.entries(after)]) {
      await site.call('sns', 'SetSubscriptionAttributes', {
        SubscriptionArn: standing.physicalId,
        AttributeName,
        AttributeValue,
      });
    }
    return standing;
  },
  async remove({ physicalId }, _p, site) {
    await site.call('sns', 'Unsubscribe', { SubscriptionArn: physicalId }).catch((error: unknown) => {
      // Nobody can end a subscription that nobody confirmed: SNS forgets it by itself, and CloudFormation goes on.
      const pending = error instanceof Error && error.message.includes('pending confirmation');
      if (!pending && !isMissing(error)) throw error;
    });
  },
});

export const snsResources = [topicResource, topicPolicyResource, subscriptionResource];
