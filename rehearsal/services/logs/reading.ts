// Events read back: one stream forwards and backwards, or a whole group by a pattern.
import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { askGroup } from './groups.ts';
import { pageOf, placeOf, tokenOf } from './page.ts';
import { readPattern } from './pattern.ts';
import { invalid, withinLimit } from './refusals.ts';
import { askStream } from './streams.ts';
import { groupNameOf, groupOf, streamOf, type LogEvent, type LogsOperations, type Region } from './store.ts';

const MOST = 10_000;

export function readingOperations(regionOf: (region: string) => Region): LogsOperations {
  return {
    GetLogEvents: {
      asks: ({ logGroupName, logGroupIdentifier, logStreamName }, call) => [
        askStream(call, 'GetLogEvents', groupNameOf(logGroupName, logGroupIdentifier), logStreamName),
      ],
      run(input, call) {
        const { startTime = -Infinity, endTime = Infinity, nextToken, startFromHead = false, limit } = input;
        const group = groupOf(regionOf(call.region), groupNameOf(input.logGroupName, input.logGroupIdentifier));
        const stream = streamOf(group, input.logStreamName, call.at);
        const events = stream.events.filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime);
        const size = withinLimit(limit, MOST);
        const question = [stream.arn, input.startTime, input.endTime];
        const [from, to] =
          nextToken === undefined ? edge(events, size, startFromHead) : turned(events, size, placeOf(question, nextToken));
        const items = events.slice(from, to);
        return {
          events: items.map(({ timestamp, message, ingested }) => ({ timestamp, message, ingestionTime: Math.floor(ingested) })),
          nextForwardToken: `f/${tokenOf(question, `f ${to}`)}`,
          nextBackwardToken: `b/${tokenOf(question, `b ${from}`)}`,
        };
      },
    },
    FilterLogEvents: {
      asks: ({ logGroupName, logGroupIdentifier }, call) => [
        askGroup(call, 'FilterLogEvents', groupNameOf(logGroupName, logGroupIdentifier)),
      ],
      run(input, call) {
        const {
          startTime = 0,
          endTime = Infinity,
          logStreamNames: names,
          logStreamNamePrefix: prefix,
          filterPattern,
          nextToken,
        } = input;
        if (names !== undefined && prefix !== undefined)
          throw invalid('logStreamNames and logStreamNamePrefix are mutually exclusive.');
        const group = groupOf(regionOf(call.region), groupNameOf(input.logGroupName, input.logGroupIdentifier));
        const matches = readPattern(filterPattern);
        const streams = names
          ? names.map((name) => streamOf(group, name, call.at))
          : [...group.streams.keys()].map((name) => streamOf(group, name, call.at));
        const found = streams
          .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
          .flatMap(({ name, events }) => events.map((event) => ({ name, event })))
          .filter(({ event }) => event.timestamp >= startTime && event.timestamp <= endTime && matches(event.message))
          .sort((a, b) => a.event.timestamp - b.event.timestamp || a.event.serial - b.event.serial)
          .map(shownEvent);
        const question = [group.arn, names, prefix, filterPattern, input.startTime, input.endTime];
        const { items, more } = pageOf(found, { token: nextToken, size: withinLimit(input.limit, MOST), question });
        return { events: items, searchedLogStreams: [], ...more };
      },
    },
  };
}

/** The first page: the head, or as AWS prefers, the tail. */
const edge = (events: readonly LogEvent[], size: number, head: boolean): [number, number] =>
  head ? [0, Math.min(size, events.length)] : [Math.max(0, events.length - size), events.length];

/** At the end of the stream a token leads to itself. */
function turned(events: readonly LogEvent[], size: number, place: string): [number, number] {
  const [direction, at] = place.split(' ');
  const index = Math.min(Number(at), events.length);
  return direction === 'f' ? [index, Math.min(index + size, events.length)] : [Math.max(0, index - size), index];
}

const shownEvent = ({ name, event }: { name: string; event: LogEvent }): FilteredLogEvent => ({
  logStreamName: name,
  timestamp: event.timestamp,
  message: event.message,
  ingestionTime: Math.floor(event.ingested),
  eventId: String(event.serial).padStart(56, '3'),
});
