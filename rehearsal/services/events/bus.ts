// The default bus: events put on it, and what it says of itself.
import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import type { Ground } from '../ground.ts';
import { objectIn } from '../json-object.ts';
import type { Call } from '../service.ts';
import { deliver, secondsOf, type Event } from './delivery.ts';
import { compilePattern } from './pattern.ts';
import type { EventsOperations, RulebookOf } from './rules.ts';
import { checkBus, notImitated, validation } from './rulebook.ts';

const MOST_ENTRIES = 10;
const MOST_BYTES = 262_144;
const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

const busArnOf = (call: Call): string => `arn:aws:events:${call.region}:${call.account}:event-bus/default`;

/** Every enabled rule of the Region whose pattern the event fits. */
export function dispatch(ground: Ground, bookOf: RulebookOf, event: Event, at: number): void {
  for (const rule of bookOf(event.region).rules.values()) {
    if (rule.state === 'ENABLED' && rule.matches?.({ ...event }) === true) deliver(ground, rule, event, at);
  }
}

export function busOperations(ground: Ground, bookOf: RulebookOf): EventsOperations {
  return {
    PutEvents: {
      asks: ({ Entries = [] }, call) => {
        const context = {
          'events:source': Entries.map(({ Source }) => Source ?? ''),
          'events:detail-type': Entries.map(({ DetailType }) => DetailType ?? ''),
        };
        return [{ action: 'events:PutEvents', resource: busArnOf(call), context }];
      },
      run({ Entries = [], EndpointId }, call) {
        if (EndpointId !== undefined) throw notImitated('EndpointId');
        if (Entries.length < 1 || Entries.length > MOST_ENTRIES) {
          throw validation(
            `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MOST_ENTRIES}`,
          );
        }
        if (Entries.reduce((sum, entry) => sum + bytesOf(entry), 0) > MOST_BYTES) {
          throw validation('Total size of the entries in the request is over the limit.');
        }
        for (const { EventBusName } of Entries) checkBus(EventBusName, call.account, call.region);
        const results = Entries.map((entry) => put(entry, call));
        return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: results };
      },
    },
    TestEventPattern: {
      asks: () => [{ action: 'events:TestEventPattern', resource: '*' }],
      run({ EventPattern = '', Event: text = '' }) {
        const matches = compilePattern(EventPattern);
        const event = objectIn(text);
        if (event === undefined) throw validation('Parameter Event is not valid. Reason: Event must be a JSON object.');
        const absent = REQUIRED.find((key) => !(key in event));
        if (absent !== undefined) throw validation(`Parameter Event is not valid. Reason: ${absent} is a required field.`);
        return { Result: matches(event) };
      },
    },
    DescribeEventBus: {
      asks: (_input, call) => [{ action: 'events:DescribeEventBus', resource: busArnOf(call) }],
      run({ Name }, call) {
        checkBus(Name, call.account, call.region);
        return { Name: 'default', Arn: busArnOf(call) };
      },
    },
    ListEventBuses: {
      asks: () => [{ action: 'events:ListEventBuses', resource: '*' }],
      run: ({ NamePrefix = '' }, call) => ({
        EventBuses: 'default'.startsWith(NamePrefix) ? [{ Name: 'default', Arn: busArnOf(call) }] : [],
      }),
    },
  };

  function put(entry: PutEventsRequestEntry, call: Call): PutEventsResultEntry {
    const { Source, DetailType, Detail, Resources = [], Time } = entry;
    if (!Source) return invalidArgument('Source');
    if (!DetailType) return invalidArgument('DetailType');
    if (!Detail) return invalidArgument('Detail');
    if (Source.startsWith('aws.')) {
      return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
    }
    const detail = objectIn(Detail);
    if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const event: Event = {
      version: '0',
      id: ground.uuid(),
      'detail-type': DetailType,
      source: Source,
      account: call.account,
      time: secondsOf(Time?.getTime() ?? call.at),
      region: call.region,
      resources: Resources,
      detail,
    };
    dispatch(ground, bookOf, event, call.at);
    return { EventId: event.id };
  }
}

const invalidArgument = (name: string): PutEventsResultEntry => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
});

const bytesOf = ({ Source = '', DetailType = '', Detail = '', Resources = [], Time }: PutEventsRequestEntry): number =>
  (Time === undefined ? 0 : 14) + Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(''));
