// Slack's side of its own buttons: is a request Slack's, and a word to the one who pressed.
import type { Estate } from '../../estate.ts';
import { isSlackSignature, mayBeSlacks } from '../../secret.ts';
import type { Clock, Slack } from '../ports.ts';
import { packagedEstate } from './estate.ts';
import { awsSecrets } from './secrets.ts';
import { postToOne } from './slack.ts';
import { systemClock } from './system.ts';
import { tryAll } from './ways.ts';

/** Slack wants its answer within three seconds; the decision is kept before anybody is whispered to. */
const MOST_MILLISECONDS = 1_000;

export function awsSlack(estate: () => Estate = packagedEstate, clock: Clock = systemClock()): Slack {
  const readSecret = awsSecrets();
  return {
    async sent(signed) {
      const signing = estate().channels.slack?.signing;
      // Whoever sends anything else costs no call.
      if (signing === undefined || !mayBeSlacks(signed, clock.now())) return false;
      return isSlackSignature(await readSecret(signing), signed, clock.now());
    },
    async whisper(channel, member, text) {
      const bot = estate().channels.slack?.bot;
      if (bot === undefined) return { sent: [], silent: [{ way: 'Slack', why: 'the estate names no bot' }] };
      const send = async (signal: AbortSignal): Promise<void> =>
        postToOne(await readSecret(bot, signal), channel, member, text, signal);
      return tryAll([{ name: 'Slack', send }], MOST_MILLISECONDS);
    },
  };
}
