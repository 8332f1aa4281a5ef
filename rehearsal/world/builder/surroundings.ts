// What stands around an environment: secrets, configuration, the bucket for uploads, the tokens of the chat services.
import { Readable } from 'node:stream';
import type { Estate } from '../../../shared/estate.ts';
import type { Cloud } from '../../cloud.ts';
import { AwsError } from '../../services/error.ts';
import type { UploadStore } from '../app/routes.ts';
import type { Chat } from '../chat/chat.ts';

export async function putSecret(cloud: Cloud, Name: string, value: string | object): Promise<void> {
  const SecretString = typeof value === 'string' ? value : JSON.stringify(value);
  await cloud.call('secretsmanager', 'CreateSecret', { Name, SecretString });
}

export async function foundUploads(cloud: Cloud, Bucket: string): Promise<UploadStore> {
  await cloud.call('s3', 'CreateBucket', {
    Bucket,
    ...(cloud.region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: cloud.region as never } }),
  });
  return {
    async put(Key, Body, ContentType) {
      await cloud.call('s3', 'PutObject', { Bucket, Key, Body, ContentType });
    },
    async get(Key) {
      try {
        const { Body } = await cloud.call('s3', 'GetObject', { Bucket, Key });
        return Body instanceof Readable ? Buffer.concat((await Body.toArray()) as Buffer[]) : (Body ?? Buffer.alloc(0));
      } catch (error) {
        if (error instanceof AwsError && error.code === 'NoSuchKey') return undefined;
        throw error;
      }
    },
  };
}

export async function filesIn(cloud: Cloud, Bucket: string): Promise<string[]> {
  const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket });
  return Contents.map(({ Key = '' }) => Key);
}

/** So many of them, in the order of their keys, are gone. */
export async function removeFiles(cloud: Cloud, Bucket: string, count: number | 'all'): Promise<void> {
  const keys = await filesIn(cloud, Bucket);
  const wanted = count === 'all' ? keys.length : count;
  if (keys.length < Math.max(1, wanted)) throw new Error(`${Bucket} has ${keys.length} files, fewer than are to vanish`);
  for (const Key of keys.slice(0, wanted)) await cloud.call('s3', 'DeleteObject', { Bucket, Key });
}

/** A copy of an environment has its files as well: a row whose file is missing would be worse than neither. */
export async function copyFiles(cloud: Cloud, from: string, Bucket: string): Promise<void> {
  for (const Key of await filesIn(cloud, from))
    await cloud.call('s3', 'CopyObject', { Bucket, Key, CopySource: `${from}/${encodeURIComponent(Key)}` });
}

export async function foundParameters(
  cloud: Cloud,
  path: string | undefined,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  if (path === undefined) return;
  for (const [name, Value] of Object.entries(values))
    await cloud.call('ssm', 'PutParameter', { Name: `${path}/${name}`, Value, Type: 'String' });
}

const HEX = '0123456789abcdef';

/** Tokens and addresses that the chat services gave the team, under the names the estate gives them. */
export async function foundChannels(cloud: Cloud, { channels, approvers }: Estate, chat: Chat): Promise<void> {
  const { slack, discord, webhook } = channels;
  const channel = slack?.channel ?? '#general';
  if (slack?.bot !== undefined) {
    const members = approvers.flatMap(({ name, slack: id }) => (id === undefined ? [] : [{ id, name }]));
    const signingSecret = slack.signing === undefined ? undefined : cloud.ground.token(32, HEX);
    if (slack.signing !== undefined && signingSecret !== undefined) await putSecret(cloud, slack.signing, signingSecret);
    await putSecret(
      cloud,
      slack.bot,
      chat.bot({ channels: [channel], members, ...(signingSecret !== undefined && { signingSecret }) }),
    );
  }
  if (slack?.webhook !== undefined) await putSecret(cloud, slack.webhook, chat.slackWebhook(channel));
  if (discord !== undefined) await putSecret(cloud, discord, chat.discordWebhook('operations'));
  if (webhook !== undefined) await putSecret(cloud, webhook, chat.webhook());
}
