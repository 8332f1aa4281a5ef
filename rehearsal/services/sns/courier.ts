// Who carries a message to its subscribers: to the inbox, to a function, to an address on the web.
import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import type { Ground } from '../ground.ts';
import { isConfirmed, subscriptionsOf, type Board, type Subscription, type Topic } from './board.ts';

/** An e-mail as it lies in the inbox. */
export interface Mail {
  readonly kind: 'notification' | 'confirmation';
  readonly topicArn: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly messageId: string;
  readonly at: number;
  /** Confirms the subscription, with the topic's ARN. */
  readonly token: string | undefined;
}

/** A message after its checks: one text per protocol, the rest under `default`. */
export interface Message {
  readonly id: string;
  readonly subject: string | undefined;
  readonly textFor: (protocol: string) => string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
}

export interface Courier {
  askToConfirm(topic: Topic, subscription: Subscription): void;
  carry(board: Board, topic: Topic, message: Message): void;
  onMessage(listener: (mail: Mail) => void): () => void;
}

export function createCourier(ground: Ground): Courier {
  const listeners = new Set<(mail: Mail) => void>();
  const drop = (mail: Omit<Mail, 'at'>): void =>
    listeners.forEach((listener) => listener({ ...mail, at: ground.timeline.now() }));

  return {
    onMessage(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    askToConfirm(topic, { protocol, endpoint, token = '' }) {
      const messageId = ground.uuid();
      const url = confirmationUrl(ground, topic, token);
      if (protocol === 'https') {
        const text = `You have chosen to subscribe to the topic ${topic.arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`;
        const body = {
          Type: 'SubscriptionConfirmation',
          ...notice(ground, topic, messageId, text),
          Token: token,
          SubscribeURL: url,
        };
        return void post(ground, endpoint, 'SubscriptionConfirmation', topic, messageId, JSON.stringify(body));
      }
      const body = `You have chosen to subscribe to the topic:\n${topic.arn}\n\nTo confirm this subscription, visit the link below:\n${url}\n`;
      const subject = 'AWS Notification - Subscription Confirmation';
      drop({ kind: 'confirmation', topicArn: topic.arn, to: endpoint, subject, body, messageId, token });
    },
    carry(board, topic, message) {
      for (const subscription of subscriptionsOf(board, topic.arn).filter(isConfirmed)) {
        const { protocol, endpoint } = subscription;
        const text = message.textFor(protocol);
        if (protocol === 'email' || protocol === 'email-json') {
          const body = protocol === 'email' ? text : JSON.stringify(notification(ground, topic, message, text));
          const subject = message.subject ?? 'AWS Notification Message';
          drop({
            kind: 'notification',
            topicArn: topic.arn,
            to: endpoint,
            subject,
            body,
            messageId: message.id,
            token: undefined,
          });
        } else if (protocol === 'lambda') void invoke(ground, topic, subscription, message, text);
        else {
          const raw = subscription.attributes.get('RawMessageDelivery')?.toLowerCase() === 'true';
          const body = raw ? text : JSON.stringify(notification(ground, topic, message, text));
          void post(ground, endpoint, 'Notification', topic, message.id, body);
        }
      }
    },
  };
}

const confirmationUrl = (ground: Ground, topic: Topic, token: string): string =>
  `${ground.endpoint()}/?Action=ConfirmSubscription&TopicArn=${encodeURIComponent(topic.arn)}&Token=${token}&Version=2010-03-31`;

const notice = (ground: Ground, topic: Topic, messageId: string, text: string) => ({
  MessageId: messageId,
  TopicArn: topic.arn,
  Message: text,
  Timestamp: new Date(ground.timeline.now()).toISOString(),
  SignatureVersion: '1',
  // Nobody here checks it, and nobody here can sign as AWS.
  Signature: 'EXAMPLE',
  SigningCertURL: 'EXAMPLE',
});

const notification = (ground: Ground, topic: Topic, message: Message, text: string) => ({
  Type: 'Notification',
  ...notice(ground, topic, message.id, text),
  Subject: message.subject ?? null,
  MessageAttributes: attributesOf(message),
});

const attributesOf = ({ attributes }: Message) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64') },
    ]),
  );

/** The function's own policy lets the topic in; what it refuses is lost, as with AWS when nobody keeps dead letters. */
async function invoke(ground: Ground, topic: Topic, subscription: Subscription, message: Message, text: string): Promise<void> {
  const caller = { kind: 'service', service: 'sns.amazonaws.com', account: ground.account, source: topic.arn } as const;
  const record = {
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: subscription.arn,
    Sns: { ...notification(ground, topic, message, text), UnsubscribeUrl: 'EXAMPLE' },
  };
  const Payload = Buffer.from(JSON.stringify({ Records: [record] }));
  await tell(ground, topic, () =>
    ground.call(
      caller,
      'lambda',
      'Invoke',
      { FunctionName: subscription.endpoint, InvocationType: 'Event', Payload },
      topic.region,
    ),
  );
}

/** Only addresses that this cloud serves are reached: a rehearsal never calls out. */
async function post(ground: Ground, endpoint: string, type: string, topic: Topic, id: string, body: string): Promise<void> {
  const url = new URL(endpoint);
  const loopback = ground.published().get(url.origin);
  await tell(ground, topic, async () => {
    if (loopback === undefined) throw new Error(`nothing is served at ${url.origin}`);
    const headers = {
      'content-type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': type,
      'x-amz-sns-message-id': id,
      'x-amz-sns-topic-arn': topic.arn,
    };
    const release = ground.timeline.hold();
    try {
      const answer = await fetch(`${loopback}${url.pathname}${url.search}`, { method: 'POST', headers, body });
      if (!answer.ok) throw new Error(`${endpoint} answered ${answer.status}`);
    } finally {
      release();
    }
  });
}

/** Counts the delivery; a lost one is seen in the metrics only. */
async function tell(ground: Ground, topic: Topic, work: () => Promise<unknown>): Promise<void> {
  const delivered = await work().then(
    () => true,
    () => false,
  );
  const MetricName = delivered ? 'NumberOfNotificationsDelivered' : 'NumberOfNotificationsFailed';
  const Dimensions = [{ Name: 'TopicName', Value: topic.name }];
  const Timestamp = new Date(ground.timeline.now());
  const own = { kind: 'service', service: 'sns.amazonaws.com', account: ground.account, source: topic.arn } as const;
  const input = { Namespace: 'AWS/SNS', MetricData: [{ MetricName, Dimensions, Timestamp, Value: 1, Unit: 'Count' as const }] };
  await ground.call(own, 'monitoring', 'PutMetricData', input, topic.region).catch(() => undefined);
}
