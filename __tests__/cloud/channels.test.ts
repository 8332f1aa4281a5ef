import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createChat, type Chat, type ChatMessage } from '../../rehearsal/world/chat/chat.ts';
import { serveEdge } from '../../rehearsal/world/edge/edge.ts';
import type { Delivery } from '../../shared/cloud/ports.ts';
import { readEstateFile } from '../../shared/estate-file.ts';
import { lambdaCloud } from '../services/lambda-ground.ts';
import { inLambda } from './in-lambda.ts';

const TEAM = 'arn:aws:sns:eu-west-1:123456789012:team';
const CTO = 'arn:aws:sns:eu-west-1:123456789012:cto';
const ANNOUNCEMENT = {
  kind: 'failed',
  title: 'failover of orders failed',
  lines: ['reason: <!channel> @everyone `rm -rf`', 'page: https://reports.test/run-7?k=1&v=2'],
  facts: { run: 'run-7', runbook: 'failover' },
};

let ground: Awaited<ReturnType<typeof lambdaCloud>>;
let chat: Chat;
let said: ChatMessage[];
beforeEach(async () => {
  ground = await lambdaCloud();
  said = [];
  chat = await createChat(ground.cloud.ground, (message) => said.push(message));
  await ground.allow(['secretsmanager:GetSecretValue', 'sns:Publish']);
  const sns = new SNSClient(ground.options);
  for (const name of ['team', 'cto']) {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: `${name}@orders.test` }));
  }
  const secrets: Record<string, string> = {
    'chat/bot': chat.bot({ channels: ['#operations'], members: [{ id: 'U0CTO', name: 'cto' }] }),
    'chat/slack': chat.slackWebhook('#alarms'),
    'chat/discord': chat.discordWebhook('operations'),
    'chat/webhook': chat.webhook(),
  };
  const client = new SecretsManagerClient(ground.options);
  for (const [Name, SecretString] of Object.entries(secrets)) await client.send(new CreateSecretCommand({ Name, SecretString }));
});
afterEach(async () => {
  await chat.stop();
  await ground.cloud.stop();
});

const estate = {
  ...readEstateFile('estate.yml'),
  channels: {
    slack: { bot: 'chat/bot', webhook: 'chat/slack', channel: '#operations' },
    discord: 'chat/discord',
    webhook: 'chat/webhook',
    email: ['operations@orders.test'],
  },
};
const channels = () =>
  inLambda(ground, { file: 'channels.ts', make: 'adapters.awsChannels()', variables: { CHANNEL_TOPIC: TEAM }, estate });
const post = () =>
  inLambda(ground, {
    file: 'post.ts',
    make: 'adapters.awsPost()',
    variables: { APPROVER_TOPICS: JSON.stringify({ cto: CTO }) },
    estate,
  });

describe('the shared channels', () => {
  it('all say the same, and nothing in a reason pings, pretends or is looked up', async () => {
    const announce = await channels();

    const delivery = (await announce('announce', ANNOUNCEMENT)) as Delivery;

    await chat.settled();
    expect(delivery).toMatchObject({ posted: [{ ts: expect.any(String) as unknown }] });
    expect(delivery).toMatchObject({ sent: ['Slack', 'Slack webhook', 'Discord', 'webhook', 'e-mail'], silent: [] });
    expect(said.map(({ channel, to }) => `${channel} ${to}`).sort()).toEqual([
      'Discord #operations',
      'Slack #alarms',
      'Slack #operations',
      'webhook hooks.example.test',
    ]);
    for (const { text, pings } of said) {
      expect(text).toContain('failover of orders failed');
      expect(text).toContain('https://reports.test/run-7');
      expect(pings).toEqual([]);
    }
    expect(chat.visits).toEqual([]);
  });

  it('that are silent are told, each with its reason, and fail nothing', async () => {
    const announce = await channels();
    chat.silence('slack', 'hanging');
    chat.silence('discord', 'failing');
    chat.silence('webhook', 'refused');

    const { sent, silent } = (await announce('announce', ANNOUNCEMENT)) as Delivery;

    expect(sent).toEqual(['e-mail']);
    expect(silent).toEqual([
      { way: 'Slack', why: 'no answer within 3 s' },
      { way: 'Slack webhook', why: 'no answer within 3 s' },
      { way: 'Discord', why: 'Discord answered 500: Internal Server Error' },
      { way: 'webhook', why: 'the webhook cannot be reached (ECONNREFUSED)' },
    ]);
  });

  it('that ask for patience are asked once more, and no oftener', async () => {
    const { cloud } = ground;
    let asked = 0;
    const edge = await serveEdge({
      timeline: cloud.timeline,
      server: 'busy',
      onRequest: (_, response) => void response.writeHead(++asked === 2 ? 202 : 429, { 'retry-after': '1' }).end(),
    });
    cloud.ground.publish('https://hooks.example.test', edge.origin);
    const announce = await inLambda(ground, {
      file: 'channels.ts',
      make: 'adapters.awsChannels()',
      estate: {
        ...estate,
        approvers: [{ name: 'cto', email: 'cto@orders.test' }],
        channels: { webhook: 'chat/webhook', email: [] },
      },
    });

    const once = await announce('announce', ANNOUNCEMENT);
    const never = await announce('announce', ANNOUNCEMENT);

    expect(once).toMatchObject({ sent: ['webhook'], silent: [] });
    expect(never).toMatchObject({ sent: [], silent: [{ way: 'webhook', why: 'the webhook answered 429' }] });
    expect(asked).toBe(4);
    await edge.close();
  });

  it('take a message that is longer than any of them allows', async () => {
    const announce = await channels();

    const { silent } = (await announce('announce', { ...ANNOUNCEMENT, lines: ['*'.repeat(50_000)] })) as Delivery;

    expect(silent).toEqual([]);
    expect(said).toHaveLength(4);
  });
});

describe('the post', () => {
  it('reaches the approver alone in every way there is, and no bot opens the link', async () => {
    const deliver = await post();

    const delivery = await deliver('deliver', {
      approver: 'cto',
      subject: 'approve?',
      text: 'https://approvals.test/a?k=secret',
    });

    await chat.settled();
    expect(delivery).toEqual({ sent: ['Slack', 'e-mail'], silent: [] });
    expect(said).toMatchObject([{ to: '@cto', text: expect.stringContaining('https://approvals.test/a?k=secret') as unknown }]);
    expect(chat.visits).toEqual([]);
  });

  it('goes by the way that is left, and says which was not', async () => {
    const deliver = await post();
    chat.silence('slack', 'failing');

    const delivery = await deliver('deliver', { approver: 'cto', subject: 'approve?', text: 'the link' });

    expect(delivery).toEqual({ sent: ['e-mail'], silent: [{ way: 'Slack', why: 'Slack answered 500: Internal Server Error' }] });
  });
});
