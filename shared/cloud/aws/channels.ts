// The team's shared channels. They carry no secret, and none of them can fail a run: a silent one is told.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { readConfig } from '../../config.ts';
import type { Estate } from '../../estate.ts';
import type { Announcement, Channels } from '../ports.ts';
import { asking } from './errors.ts';
import { packagedEstate } from './estate.ts';
import { postJson } from './http.ts';
import { awsSecrets } from './secrets.ts';
import { postToChannel, postToWebhook } from './slack.ts';
import { tryAll, type Way } from './ways.ts';
import { clip, forDiscord, subjectOf } from './words.ts';

/** Nobody waits longer for a channel during an emergency. */
const MOST_MILLISECONDS = 3_000;
/** Discord takes two thousand, and a backslash before each of them in the worst case. */
const MOST_FOR_DISCORD = 1_900;
const SUPPRESS_EMBEDS = 4;

export function awsChannels(estate: () => Estate = packagedEstate): Channels {
  const readSecret = awsSecrets();
  const sns = new SNSClient({});

  function waysOf(message: Announcement): Way[] {
    const { slack, discord, webhook, email } = estate().channels;
    const text = [message.title, ...message.lines].join('\n');
    const ways: (Way | false)[] = [
      slack?.bot !== undefined &&
        slack.channel !== undefined && {
          name: 'Slack',
          send: bySecret(slack.bot, (token, signal) => postToChannel(token, slack.channel ?? '', text, signal)),
        },
      slack?.webhook !== undefined && {
        name: 'Slack webhook',
        send: bySecret(slack.webhook, (url, signal) => postToWebhook(url, text, signal)),
      },
      discord !== undefined && {
        name: 'Discord',
        send: bySecret(discord, async (url, signal) => {
          const body = { content: discordText(text), allowed_mentions: { parse: [] }, flags: SUPPRESS_EMBEDS };
          await postJson({ to: 'Discord', url, body, signal });
        }),
      },
      webhook !== undefined && {
        name: 'webhook',
        send: bySecret(webhook, async (url, signal) => {
          await postJson({ to: 'the webhook', url, body: message, signal });
        }),
      },
      email.length > 0 && { name: 'e-mail', send: (signal) => mail(message.title, text, signal) },
    ];
    return ways.filter((way) => way !== false);
  }

  const bySecret =
    (name: string, send: (secret: string, signal: AbortSignal) => Promise<void>): Way['send'] =>
    async (signal) =>
      send(await readSecret(name, signal), signal);

  async function mail(title: string, text: string, abortSignal: AbortSignal): Promise<void> {
    // Read here and not above: a variable that is missing silences the mail and nothing else.
    const { CHANNEL_TOPIC: TopicArn } = readConfig('CHANNEL_TOPIC');
    const command = new PublishCommand({ TopicArn, Subject: subjectOf(title), Message: text });
    await asking('publishing to the team’s topic', () => sns.send(command, { abortSignal }));
  }

  return {
    async announce(message) {
      const { sent, silent } = await tryAll(waysOf(message), MOST_MILLISECONDS);
      return { sent, silent };
    },
  };
}

/** Escaped text may be twice as long as what was written: it is cut shorter until it fits. */
function discordText(text: string): string {
  for (let most = MOST_FOR_DISCORD; ; most = Math.floor(most * 0.9)) {
    const escaped = forDiscord(clip(text, most));
    if (escaped.length <= MOST_FOR_DISCORD) return escaped;
  }
}
