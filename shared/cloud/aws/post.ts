// Mail to the approver: an SNS topic that has one subscriber, the approver's own address.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Post } from '../ports.ts';
import { translate } from './errors.ts';

/** SNS refuses longer subjects, and any with a line break. */
const MAX_SUBJECT_CHARACTERS = 99;

export function awsPost(): Post {
  const sns = new SNSClient({});
  return {
    async deliver({ to: TopicArn, subject, text }) {
      const Subject = subject.replace(/\s+/g, ' ').slice(0, MAX_SUBJECT_CHARACTERS);
      try {
        await sns.send(new PublishCommand({ TopicArn, Subject, Message: text }));
      } catch (error) {
        throw translate(error, 'telling the approver');
      }
    },
  };
}
