// Publishing: one message or a batch, judged by the topic's policy and its key, then carried to every subscriber.
import type { MessageAttributeValue, PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import { objectIn } from '../json-object.ts';
import type { Call } from '../service.ts';
import { askTopic, notImitated, parameter, topicAt, type BoardOf, type SnsOperations, type Topic } from './board.ts';
import type { Courier, Message } from './courier.ts';
import { encryptFor } from './encryption.ts';

const MOST_BYTES = 262_144;
const MOST_IN_BATCH = 10;
const DATA_TYPES = /^(String|String\.Array|Number|Binary)(\..+)?$/;

/** What Publish and each entry of a batch have in common. */
type Draft = Pick<PublishBatchRequestEntry, 'Message' | 'Subject' | 'MessageStructure' | 'MessageAttributes'>;

export function publishOperations(ground: Ground, boardOf: BoardOf, courier: Courier): SnsOperations {
  const topicOf = (arn: string | undefined, call: Call): Topic => topicAt(boardOf(call.region), arn);
  return {
    Publish: {
      asks: (input, call) => askTopic('SNS:Publish', boardOf)({ TopicArn: input.TopicArn ?? input.TargetArn }, call),
      async run(input, call) {
        if (input.PhoneNumber !== undefined) throw notImitated('PhoneNumber');
        if (input.MessageGroupId !== undefined || input.MessageDeduplicationId !== undefined) throw notImitated('FIFO topics');
        if (input.TopicArn !== undefined && input.TargetArn !== undefined) {
          throw parameter('TopicArn or TargetArn Reason: must not both be specified');
        }
        const topic = topicOf(input.TopicArn ?? input.TargetArn, call);
        const message = messageOf(ground, input);
        await encryptFor(ground, call, topic);
        courier.carry(boardOf(call.region), topic, message);
        return { MessageId: message.id };
      },
    },
    PublishBatch: {
      asks: askTopic('SNS:Publish', boardOf),
      async run({ TopicArn, PublishBatchRequestEntries: entries = [] }, call) {
        const topic = topicOf(TopicArn, call);
        checkBatch(entries);
        await encryptFor(ground, call, topic);
        const results = entries.map((entry) => publishEntry(entry, topic, call));
        return {
          Successful: results.flatMap(({ sent }) => (sent ? [sent] : [])),
          Failed: results.flatMap(({ failed }) => (failed ? [failed] : [])),
        };
      },
    },
  };

  function publishEntry(entry: PublishBatchRequestEntry, topic: Topic, call: Call) {
    const { Id } = entry;
    try {
      const message = messageOf(ground, entry);
      courier.carry(boardOf(call.region), topic, message);
      return { sent: { Id, MessageId: message.id } };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { failed: { Id, Code: error.code, Message: error.message, SenderFault: true } };
    }
  }
}

function checkBatch(entries: readonly PublishBatchRequestEntry[]): void {
  const refusal = (code: string, message: string): AwsError => new AwsError(code, message);
  if (entries.length === 0) throw refusal('EmptyBatchRequest', 'The batch request contains no entries.');
  if (entries.length > MOST_IN_BATCH) {
    throw refusal('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  }
  for (const { Id = '' } of entries) {
    if (!/^[\w-]{1,80}$/.test(Id))
      throw refusal('InvalidBatchEntryId', 'The Id of a batch entry in the batch request does not abide by the specification.');
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw refusal('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  const total = entries.reduce((sum, { Message = '' }) => sum + Buffer.byteLength(Message), 0);
  if (total > MOST_BYTES)
    throw refusal('BatchRequestTooLong', 'The length of all the messages put together is more than the limit.');
}

function messageOf(ground: Ground, { Message = '', Subject, MessageStructure, MessageAttributes = {} }: Draft): Message {
  if (Message === '') throw parameter('Empty message');
  const attributesBytes = Object.entries(MessageAttributes).reduce((sum, [name, value]) => sum + bytesOf(name, value), 0);
  if (Buffer.byteLength(Message) + attributesBytes > MOST_BYTES) throw parameter('Message too long');
  if (Subject !== undefined) checkSubject(Subject);
  for (const [name, { DataType = '' }] of Object.entries(MessageAttributes)) {
    if (!DATA_TYPES.test(DataType)) {
      throw new AwsError(
        'ParameterValueInvalid',
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    }
  }
  const texts = MessageStructure === undefined ? { default: Message } : textsOf(Message, MessageStructure);
  return {
    id: ground.uuid(),
    subject: Subject,
    attributes: MessageAttributes,
    textFor: (protocol) => texts[protocol] ?? texts['default'] ?? '',
  };
}

const bytesOf = (name: string, { DataType = '', StringValue = '', BinaryValue }: MessageAttributeValue): number =>
  Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0);

/** ASCII, no line breaks, beginning with a letter, number or punctuation mark, under 100 characters. */
function checkSubject(subject: string): void {
  if (!/^[\x21-\x7e][\x20-\x7e]{0,98}$/.test(subject)) throw parameter('Subject');
}

function textsOf(message: string, structure: string): Record<string, string> {
  if (structure !== 'json') throw parameter('Message Structure - Invalid message structure parameter');
  const parsed = objectIn(message);
  if (parsed === undefined) throw parameter('Message Structure - JSON message body failed to parse');
  if (typeof parsed['default'] !== 'string') throw parameter('Message Structure - No default entry in JSON message body');
  return Object.fromEntries(Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
