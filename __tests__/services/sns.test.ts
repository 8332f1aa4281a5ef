import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
  type PublishCommandInput,
} from '@aws-sdk/client-sns';
import type { Caller, PolicyStatement } from '../../rehearsal/iam/ask.ts';
import type { Mail } from '../../rehearsal/services/sns/sns.ts';
import { ACCOUNT, allow, functionArn, openScene, REGION, type Scene } from './states-scene.ts';

let scene: Scene;
let sns: SNSClient;
let inbox: Mail[];
let topic: string;
beforeEach(async () => {
  scene = await openScene();
  sns = new SNSClient({ endpoint: scene.cloud.endpoint, region: REGION, credentials: scene.cloud.operator, maxAttempts: 1 });
  inbox = [];
  scene.cloud.services.sns.onMessage((mail) => inbox.push(mail));
  topic = (await sns.send(new CreateTopicCommand({ Name: 'alarms' }))).TopicArn ?? '';
});
afterEach(() => scene.stop());

const publish = (input: Partial<PublishCommandInput> = {}) =>
  sns.send(new PublishCommand({ TopicArn: topic, Message: 'the standby lags', ...input }));
const subscribe = (Protocol: string, Endpoint: string) =>
  sns.send(new SubscribeCommand({ TopicArn: topic, Protocol, Endpoint, ReturnSubscriptionArn: true }));
const setPolicy = (...Statement: PolicyStatement[]) =>
  sns.send(
    new SetTopicAttributesCommand({
      TopicArn: topic,
      AttributeName: 'Policy',
      AttributeValue: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
const service = (name: string): Caller => ({ kind: 'service', service: name, account: ACCOUNT });
const publishAs = (caller: Caller) =>
  scene.cloud.ground.call(caller, 'sns', 'Publish', { TopicArn: topic, Message: 'hello' }, REGION);

/** Gives the event loop its turns until the claim is true; the test's own limit ends a claim that never is. */
async function retry(claim: () => boolean): Promise<void> {
  while (!claim()) await turn();
}

async function confirmed(): Promise<void> {
  await subscribe('email', 'cto@shop.test');
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topic, Token: inbox.at(-1)?.token }));
}

describe('an e-mail subscription', () => {
  it('receives nothing until its reader has confirmed it', async () => {
    const { SubscriptionArn } = await subscribe('email', 'cto@shop.test');
    await publish();
    const before = inbox.map(({ kind }) => kind);

    const answer = await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topic, Token: inbox[0]?.token }));
    await publish({ Subject: 'Look' });

    expect(before).toEqual(['confirmation']);
    expect(answer.SubscriptionArn).toBe(SubscriptionArn);
    expect(inbox[1]).toMatchObject({ kind: 'notification', to: 'cto@shop.test', subject: 'Look', body: 'the standby lags' });
  });

  it('is confirmed by whoever holds the link, without a signature', async () => {
    const { SubscriptionArn } = await subscribe('email', 'cto@shop.test');
    const link = new URL(/http\S+/.exec(inbox[0]?.body ?? '')?.[0] ?? '');

    const opened = await fetch(new URL(link.search, scene.cloud.endpoint));

    expect(await opened.text()).toContain(`<SubscriptionArn>${SubscriptionArn ?? ''}</SubscriptionArn>`);
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes?.['PendingConfirmation']).toBe('false');
  });

  it('is listed as pending, and ends when it is unsubscribed', async () => {
    await subscribe('email', 'cto@shop.test');
    const list = () => sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
    const pending = await list();
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topic, Token: inbox[0]?.token }));
    const { Subscriptions } = await list();

    await sns.send(new UnsubscribeCommand({ SubscriptionArn: Subscriptions?.[0]?.SubscriptionArn }));

    expect(pending.Subscriptions?.[0]?.SubscriptionArn).toBe('PendingConfirmation');
    expect((await list()).Subscriptions).toEqual([]);
  });

  it('is not confirmed by a token nobody sent', async () => {
    const answer = sns.send(new ConfirmSubscriptionCommand({ TopicArn: topic, Token: 'abc' }));

    await expect(answer).rejects.toMatchObject({ name: 'InvalidParameterException', message: 'Invalid parameter: Token' });
  });

  it.each([
    ['sms', '+391234567', 'NotImplemented'],
    ['carrier-pigeon', 'x', 'InvalidParameterException'],
    ['email', 'nobody', 'InvalidParameterException'],
    ['lambda', 'swap', 'InvalidParameterException'],
  ])('or any other by %s to %s is refused', async (protocol, endpoint, name) => {
    await expect(subscribe(protocol, endpoint)).rejects.toMatchObject({ name });
  });
});

describe('a message', () => {
  it('reaches a function as a record', async () => {
    const seen: unknown[] = [];
    scene.functions.set('listen', (event) => (seen.push(event), null));
    await subscribe('lambda', functionArn('listen'));
    Object.assign(scene.cloud.services.lambda.operations.Invoke ?? {}, { asks: () => [] });

    await publish({ Subject: 'Look', MessageAttributes: { level: { DataType: 'String', StringValue: 'high' } } });

    expect(seen).toMatchObject([
      {
        Records: [
          {
            EventSource: 'aws:sns',
            Sns: {
              TopicArn: topic,
              Subject: 'Look',
              Message: 'the standby lags',
              MessageAttributes: { level: { Type: 'String', Value: 'high' } },
            },
          },
        ],
      },
    ]);
  });

  it('reaches an address on the web that this cloud serves, once it is confirmed', async () => {
    const posted: { type: string; body: Record<string, string> }[] = [];
    const server = createServer((request, response) => {
      const type = String(request.headers['x-amz-sns-message-type']);
      void text(request).then((body) => {
        posted.push({ type, body: JSON.parse(body) as Record<string, string> });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    scene.cloud.ground.publish('https://hooks.shop.test', `http://127.0.0.1:${port}`);
    const until = (count: number) => retry(() => posted.length >= count);

    await subscribe('https', 'https://hooks.shop.test/alarms');
    await until(1);
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topic, Token: posted[0]?.body['Token'] }));
    await publish();
    await until(2);
    server.close();
    server.closeAllConnections();

    expect(posted.map(({ type }) => type)).toEqual(['SubscriptionConfirmation', 'Notification']);
    expect(posted[1]?.body).toMatchObject({ Type: 'Notification', Message: 'the standby lags', TopicArn: topic });
  });

  it('says to each protocol what is meant for it', async () => {
    await confirmed();

    await publish({ MessageStructure: 'json', Message: '{"default":"d","email":"for readers"}' });

    expect(inbox.at(-1)?.body).toBe('for readers');
  });

  it.each([
    [{ Message: '' }, 'Empty message'],
    [{ Message: 'x'.repeat(262_145) }, 'Message too long'],
    [{ Subject: 'two\nlines' }, 'Subject'],
    [{ MessageStructure: 'json', Message: '{' }, 'Message Structure - JSON message body failed to parse'],
    [{ MessageStructure: 'json', Message: '{"email":"x"}' }, 'Message Structure - No default entry in JSON message body'],
  ])('is refused when AWS would: %#', async (input, reason) => {
    await expect(publish(input)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Invalid parameter: ${reason}`,
    });
  });

  it('needs a topic that exists', async () => {
    const lost = publish({ TopicArn: `${topic}-gone` });

    await expect(lost).rejects.toMatchObject({ name: 'NotFoundException', message: 'Topic does not exist' });
  });

  it('travels in a batch, each entry for itself', async () => {
    await confirmed();
    const PublishBatchRequestEntries = [
      { Id: 'a', Message: 'one' },
      { Id: 'b', Message: 'two', Subject: 'bad\nsubject' },
    ];

    const answer = await sns.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries }));

    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['a']);
    expect(answer.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameter', SenderFault: true }]);
    const twice = [
      { Id: 'a', Message: '1' },
      { Id: 'a', Message: '2' },
    ];
    const same = sns.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: twice }));
    await expect(same).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinctException' });
  });
});

describe('who may publish', () => {
  it('is the account and its alarms, by the default policy; EventBridge needs a word of its own', async () => {
    await publish();
    await publishAs(service('cloudwatch.amazonaws.com'));

    await expect(publishAs(service('events.amazonaws.com'))).rejects.toMatchObject({ status: 403 });
    await setPolicy({ ...allow('sns:Publish', topic), Principal: { Service: 'events.amazonaws.com' } });
    const { MessageId } = await publishAs(service('events.amazonaws.com'));

    expect(MessageId).toMatch(/^[\da-f-]{36}$/);
    await expect(publishAs(service('cloudwatch.amazonaws.com'))).rejects.toMatchObject({ status: 403 });
  });

  it('is a role that holds the permission, and no other', async () => {
    await scene.role('speaker', [allow('sns:Publish', topic)], 'lambda.amazonaws.com');
    await scene.role('silent', [], 'lambda.amazonaws.com');
    const wear = (name: string) =>
      scene.cloud.ground.assume(`arn:aws:iam::${ACCOUNT}:role/${name}`, 'lambda.amazonaws.com', 'test');

    const sent = await publishAs(wear('speaker'));

    expect(sent.MessageId).toBeDefined();
    await expect(publishAs(wear('silent'))).rejects.toMatchObject({ status: 403 });
  });

  it('on an encrypted topic is who may use its key, AWS services included', async () => {
    const { KeyMetadata } = await scene.cloud.call('kms', 'CreateKey', {});
    const KeyId = KeyMetadata?.Arn ?? '';
    const encrypt = (AttributeValue: string) =>
      sns.send(new SetTopicAttributesCommand({ TopicArn: topic, AttributeName: 'KmsMasterKeyId', AttributeValue }));
    await encrypt(KeyId);

    await expect(publishAs(service('cloudwatch.amazonaws.com'))).rejects.toMatchObject({ code: 'KMSAccessDenied' });
    const root = { ...allow('kms:*', '*'), Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } };
    const alarms = {
      ...allow(['kms:GenerateDataKey*', 'kms:Decrypt'], '*'),
      Principal: { Service: 'cloudwatch.amazonaws.com' },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [root, alarms] });
    await scene.cloud.call('kms', 'PutKeyPolicy', { KeyId, PolicyName: 'default', Policy });
    const sent = await publishAs(service('cloudwatch.amazonaws.com'));
    await encrypt('alias/aws/sns');

    expect(sent.MessageId).toBeDefined();
    await expect(publishAs(service('cloudwatch.amazonaws.com'))).rejects.toMatchObject({ code: 'KMSAccessDenied' });
    expect((await publish()).MessageId).toBeDefined();
  });
});

describe('a topic', () => {
  it('made again is the same, unless something else is asked of it', async () => {
    const again = await sns.send(new CreateTopicCommand({ Name: 'alarms' }));

    expect(again.TopicArn).toBe(topic);
    const other = sns.send(new CreateTopicCommand({ Name: 'alarms', Attributes: { DisplayName: 'Alarms' } }));
    await expect(other).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    });
  });

  it('takes its subscriptions with it', async () => {
    await confirmed();

    await sns.send(new DeleteTopicCommand({ TopicArn: topic }));

    expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([]);
    expect(scene.cloud.services.sns.inventory()).toEqual({});
  });

  it('counts who listens', async () => {
    await confirmed();
    await subscribe('email', 'other@shop.test');

    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topic }));

    expect(Attributes).toMatchObject({ SubscriptionsConfirmed: '1', SubscriptionsPending: '1', Owner: ACCOUNT });
  });

  it.each([
    ['AttributeName', 'Colour', 'InvalidParameterException'],
    ['Policy', '{"Statement":[{"Effect":"Allow"}]}', 'InvalidParameterException'],
    ['DeliveryPolicy', '{}', 'NotImplemented'],
  ])('refuses %s as %s', async (AttributeName, AttributeValue, name) => {
    const set = sns.send(new SetTopicAttributesCommand({ TopicArn: topic, AttributeName, AttributeValue }));

    await expect(set).rejects.toMatchObject({ name });
  });
});
