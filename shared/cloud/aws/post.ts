// To one approver alone: a direct message by Slack's bot, and mail through a topic that has one subscriber.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { readConfig } from '../../config.ts';
import { RunbookError } from '../../errors.ts';
import type { Approver, Estate } from '../../estate.ts';
import type { Post } from '../ports.ts';
import { asking } from './errors.ts';
import { packagedEstate } from './estate.ts';
import { awsSecrets } from './secrets.ts';
import { postToMember } from './slack.ts';
import { tryAll, type Way } from './ways.ts';
import { subjectOf } from './words.ts';

/** Every way has this long; the step that asks has longer. */
const MOST_MILLISECONDS = 10_000;

const Topics = z.record(z.string(), z.string());

export function awsPost(estate: () => Estate = packagedEstate): Post {
  const { APPROVER_TOPICS } = readConfig('APPROVER_TOPICS');
  const topics = Topics.parse(JSON.parse(APPROVER_TOPICS));
  const sns = new SNSClient({});
  const readSecret = awsSecrets();

  function waysTo(approver: Approver, subject: string, text: string): Way[] {
    const bot = estate().channels.slack?.bot;
    const { slack: member } = approver;
    const mail: Way = {
      name: 'e-mail',
      async send(abortSignal) {
        const TopicArn = topics[approver.name];
        if (TopicArn === undefined) throw new RunbookError('CloudRefused', `APPROVER_TOPICS names no topic for ${approver.name}`);
        const command = new PublishCommand({ TopicArn, Subject: subjectOf(subject), Message: text });
        await asking('publishing to the approver’s topic', () => sns.send(command, { abortSignal }));
      },
    };
    if (bot === undefined || member === undefined) return [mail];
    const direct: Way = {
      name: 'Slack',
      send: async (signal) => postToMember(await readSecret(bot, signal), member, `${subject}\n\n${text}`, signal),
    };
    return [direct, mail];
  }

  return {
    async deliver({ approver: name, subject, text }) {
      const approver = estate().approvers.find((each) => each.name === name);
      if (!approver) throw new RunbookError('InputInvalid', `the estate has no approver ${name}`, { approver: name });
      const { sent, silent, worthAnother } = await tryAll(waysTo(approver, subject, text), MOST_MILLISECONDS);
      if (sent.length > 0) return { sent, silent };
      const why = silent.map((each) => `${each.way}: ${each.why}`).join('; ');
      throw new RunbookError(worthAnother ? 'CloudTransient' : 'CloudRefused', `${name} cannot be told in any way (${why})`, {
        approver: name,
      });
    },
  };
}
