// The team's shared channels. They carry no secret, and none of them can fail a run: a silent one is told.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { readConfig } from '../../config.ts';
import type { Estate } from '../../estate.ts';
import type { Posted } from '../../runbooks/approval.ts';
import type { Announcement, Channels } from '../ports.ts';
import { asking } from './errors.ts';
import { packagedEstate } from './estate.ts';
import { postJson } from './http.ts';
import { awsSecrets } from './secrets.ts';
import { blocksOf } from './slack-blocks.ts';
import { postBlocks, postToWebhook, updateBlocks } from './slack.ts';
import { tryAll, type Way } from './ways.ts';
import { clip, forDiscord, subjectOf } from './words.ts';

/** Nobody waits longer for a channel during an emergency. */
const MOST_MILLISECONDS = 3_000;
/** Slack waits three seconds for the answer to a button, and this is said before it. */
const MOST_MILLISECONDS_TO_REPLACE = 1_500;
/** Discord takes two thousand, and a backslash before each of them in the worst case. */
const MOST_FOR_DISCORD = 1_900;
const SUPPRESS_EMBEDS = 4;

export function awsChannels(estate: () => Estate = packagedEstate): Channels {
  const readSecret = awsSecrets();
  const sns = new SNSClient({});

  const blocked = (message: Announcement) => ({
    text: message.title,
    blocks: blocksOf(message, estate().channels.slack?.signing !== undefined),
  });

  function waysOf(message: Announcement, posted: Posted[]): Way[] {
    const { slack, discord, webhook, email } = estate().channels;
    const { decoys, ...said } = message;
    const text = [message.title, ...message.lines].join('\n');
    const ways: (Way | false)[] = [
      slack?.bot !== undefined &&
        slack.channel !== undefined && {
          name: 'Slack',
          send: bySecret(slack.bot, async (token, signal) => {
            posted.push(await postBlocks(token, slack.channel ?? '', blocked(message), signal));
          }),
        },
      slack?.webhook !== undefined && {
        name: 'Slack webhook',
        send: bySecret(slack.webhook, (url, signal) => postToWebhook(url, text, signal)),
      },
      discord !== undefined && {
        name: 'Discord',
        send: bySecret(discord, async (url, signal) => {
          const body = {
            content: `${discordText(text)}${unseen(decoys?.['Discord'])}`,
            allowed_mentions: { parse: [] },
            flags: SUPPRESS_EMBEDS,
          };
          await postJson({ to: 'Discord', url, body, signal });
        }),
      },
      webhook !== undefined && {
        name: 'webhook',
        send: bySecret(webhook, async (url, signal) => {
          await postJson({ to: 'the webhook', url, body: said, signal });
        }),
      },
      email.length > 0 && {
        name: 'e-mail',
        send: (signal) => mail(message.title, `${text}${farBelow(decoys?.['e-mail'])}`, signal),
      },
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
      const posted: Posted[] = [];
      const { sent, silent } = await tryAll(waysOf(message, posted), MOST_MILLISECONDS);
      return { sent, silent, posted };
    },
    async replace(posted, message) {
      const bot = estate().channels.slack?.bot;
      if (bot === undefined) return { sent: [], silent: [{ way: 'Slack', why: 'the estate names no bot' }] };
      const send = bySecret(bot, (token, signal) => updateBlocks(token, posted, blocked(message), signal));
      const { sent, silent } = await tryAll([{ name: 'Slack', send }], MOST_MILLISECONDS_TO_REPLACE);
      return { sent, silent };
    },
  };
}

/** A link whose label has no width. */
const unseen = (url: string | undefined): string => (url === undefined ? '' : `[\u200b](<${url}>)`);

const LINES_BELOW = 12;
/** A mail has no invisible links: a person who reads so far is told what it is. */
const farBelow = (url: string | undefined): string =>
  url === undefined
    ? ''
    : `${'\n'.repeat(LINES_BELOW)}Not for you: whoever opens this address is a program. It decides nothing.\n${url}\n`;

/** Escaped text may be twice as long as what was written: it is cut shorter until it fits. */
function discordText(text: string): string {
  for (let most = MOST_FOR_DISCORD; ; most = Math.floor(most * 0.9)) {
    const escaped = forDiscord(clip(text, most));
    if (escaped.length <= MOST_FOR_DISCORD) return escaped;
  }
}
