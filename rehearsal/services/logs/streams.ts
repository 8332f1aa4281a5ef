// Log streams, and the events put into them.
import type { LogStream as ShownStream, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs';
import type { Ask } from '../../iam/ask.ts';
import type { Call } from '../service.ts';
import { askGroup } from './groups.ts';
import { pageOf } from './page.ts';
import { constraint, existing, invalid, notImitated, withinLimit } from './refusals.ts';
import {
  groupNameOf,
  groupOf,
  streamArn,
  streamOf,
  type LogGroup,
  type LogStream,
  type LogsOperations,
  type Region,
} from './store.ts';

const HOUR = 3_600_000;
const TOO_NEW = 2 * HOUR;
const TOO_OLD = 14 * 24 * HOUR;
const LONGEST_SPAN = 24 * HOUR;
const EVENT_LIMIT = 1_048_576;
const BATCH_LIMIT = 1_048_576;
const BATCH_COUNT = 10_000;
/** What CloudWatch Logs adds to each event when it counts bytes. */
const OVERHEAD = 26;

export const askStream = (call: Call, action: string, group: string | undefined, stream: string | undefined): Ask => ({
  action: `logs:${action}`,
  resource: streamArn(call, group ?? '', stream ?? ''),
});

/** `counted` is told what was written, for metrics. */
export function streamOperations(
  regionOf: (region: string) => Region,
  counted: (group: LogGroup, messages: readonly string[], call: Call) => Promise<void>,
): LogsOperations {
  return {
    CreateLogStream: {
      asks: ({ logGroupName, logStreamName }, call) => [
        policed(regionOf, call, askStream(call, 'CreateLogStream', logGroupName, logStreamName)),
      ],
      run({ logGroupName = '', logStreamName: name = '' }, call) {
        if (!/^[^:*]{1,512}$/.test(name)) {
          throw constraint(name, 'logStreamName', 'Member must satisfy regular expression pattern: [^:*]*');
        }
        const group = groupOf(regionOf(call.region), logGroupName);
        if (group.streams.has(name)) throw existing('log stream');
        const arn = streamArn(call, logGroupName, name);
        group.streams.set(name, { name, arn, created: call.at, events: [], bytes: 0, lastIngested: undefined });
        return {};
      },
    },
    DeleteLogStream: {
      asks: ({ logGroupName, logStreamName }, call) => [askStream(call, 'DeleteLogStream', logGroupName, logStreamName)],
      run({ logGroupName = '', logStreamName }, call) {
        const group = groupOf(regionOf(call.region), logGroupName);
        group.streams.delete(streamOf(group, logStreamName, call.at).name);
        return {};
      },
    },
    DescribeLogStreams: {
      asks: ({ logGroupName, logGroupIdentifier }, call) => [
        askGroup(call, 'DescribeLogStreams', groupNameOf(logGroupName, logGroupIdentifier)),
      ],
      run(input, call) {
        const { logStreamNamePrefix: prefix, orderBy = 'LogStreamName', descending = false, nextToken, limit } = input;
        const group = groupOf(regionOf(call.region), groupNameOf(input.logGroupName, input.logGroupIdentifier));
        if (orderBy === 'LastEventTime' && prefix !== undefined) {
          throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.');
        }
        const found = [...group.streams.values()]
          .map((stream) => shownStream(group, stream, call.at))
          .filter(({ logStreamName }) => prefix === undefined || logStreamName?.startsWith(prefix) === true)
          .sort(orderBy === 'LastEventTime' ? byLastEvent : byName);
        if (descending) found.reverse();
        const page = { token: nextToken, size: withinLimit(limit, 50), question: [group.arn, prefix, orderBy, descending] };
        const { items, more } = pageOf(found, page);
        return { logStreams: items, ...more };
      },
    },
    PutLogEvents: {
      asks: ({ logGroupName, logStreamName }, call) => [
        policed(regionOf, call, askStream(call, 'PutLogEvents', logGroupName, logStreamName)),
      ],
      async run({ logGroupName = '', logStreamName, logEvents = [], entity }, call) {
        if (entity !== undefined) throw notImitated('PutLogEvents with an entity');
        const region = regionOf(call.region);
        const group = groupOf(region, logGroupName);
        const stream = streamOf(group, logStreamName, call.at);
        const batch = logEvents.map(({ timestamp = 0, message = '' }) => ({ timestamp, message }));
        checkBatch(batch);
        const { kept, rejected } = sift(batch, group, call.at);
        stream.lastIngested = call.at;
        for (const event of kept) {
          region.serial += 1;
          stream.events.push({ ...event, serial: region.serial, ingested: call.at });
          stream.bytes += Buffer.byteLength(event.message) + OVERHEAD;
        }
        stream.events.sort((a, b) => a.timestamp - b.timestamp || a.serial - b.serial);
        const nextSequenceToken = String(region.serial).padStart(56, '4');
        await counted(
          group,
          kept.map(({ message }) => message),
          call,
        );
        return { nextSequenceToken, ...(rejected && { rejectedLogEventsInfo: rejected }) };
      },
    },
  };
}

/** AWS's own services write by the Region's resource policies. */
function policed(regionOf: (region: string) => Region, call: Call, ask: Ask): Ask {
  if (call.caller.kind !== 'service') return ask;
  const documents = [...regionOf(call.region).policies.values()].map(
    ({ document }) => JSON.parse(document) as { Statement: [] | object },
  );
  const Statement = documents.flatMap((document) => document.Statement) as NonNullable<Ask['resourcePolicy']>['Statement'];
  return { ...ask, resourcePolicy: { Version: '2012-10-17', Statement } };
}

interface Given {
  readonly timestamp: number;
  readonly message: string;
}

function checkBatch(batch: readonly Given[]): void {
  if (batch.length === 0) throw constraint('[]', 'logEvents', 'Member must have length greater than or equal to 1');
  if (batch.length > BATCH_COUNT)
    throw constraint('[…]', 'logEvents', `Member must have length less than or equal to ${BATCH_COUNT}`);
  if (batch.some(({ message }) => message === '')) {
    throw constraint('', 'logEvents.1.member.message', 'Member must have length greater than or equal to 1');
  }
  const sizes = batch.map(({ message }) => Buffer.byteLength(message) + OVERHEAD);
  if (sizes.some((size) => size > EVENT_LIMIT)) throw invalid(`Log event too large: maximum allowed is ${EVENT_LIMIT} bytes`);
  if (sizes.reduce((sum, size) => sum + size, 0) > BATCH_LIMIT)
    throw invalid(`Upload too large: maximum allowed is ${BATCH_LIMIT} bytes`);
  const ordered = batch.every(({ timestamp }, i) => i === 0 || timestamp >= (batch[i - 1]?.timestamp ?? 0));
  if (!ordered) throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  if ((batch.at(-1)?.timestamp ?? 0) - (batch[0]?.timestamp ?? 0) > LONGEST_SPAN) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
}

/** Too old, expired and too new events are left out, and said to be. */
function sift(
  batch: readonly Given[],
  group: LogGroup,
  now: number,
): { kept: Given[]; rejected: RejectedLogEventsInfo | undefined } {
  const expiry = group.retention === undefined ? -Infinity : now - group.retention * 24 * HOUR;
  const old = batch.filter(({ timestamp }) => timestamp < now - TOO_OLD).length;
  const expired = batch.filter(({ timestamp }) => timestamp < expiry).length;
  const fresh = batch.findIndex(({ timestamp }) => timestamp > now + TOO_NEW);
  const kept = batch.slice(Math.max(old, expired), fresh === -1 ? undefined : fresh);
  if (kept.length === batch.length) return { kept: [...kept], rejected: undefined };
  const rejected = {
    ...(old > 0 && { tooOldLogEventEndIndex: old }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
    ...(fresh !== -1 && { tooNewLogEventStartIndex: fresh }),
  };
  return { kept: [...kept], rejected };
}

function shownStream(group: LogGroup, stream: LogStream, now: number): ShownStream {
  const { events } = streamOf(group, stream.name, now);
  const [first] = events;
  const last = events.at(-1);
  return {
    logStreamName: stream.name,
    creationTime: Math.floor(stream.created),
    ...(first && { firstEventTimestamp: first.timestamp }),
    ...(last && { lastEventTimestamp: last.timestamp }),
    ...(stream.lastIngested !== undefined && { lastIngestionTime: Math.floor(stream.lastIngested) }),
    uploadSequenceToken: String(last?.serial ?? 0).padStart(56, '4'),
    arn: stream.arn,
  };
}

const byName = (a: ShownStream, b: ShownStream): number => ((a.logStreamName ?? '') < (b.logStreamName ?? '') ? -1 : 1);
const byLastEvent = (a: ShownStream, b: ShownStream): number =>
  (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0) || byName(a, b);
