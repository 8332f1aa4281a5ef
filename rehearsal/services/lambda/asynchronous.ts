// Events that nobody waits for: tried again after one and two minutes of the timeline, then told to whoever asked to know.
import type { Caller } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { EventConfig, Room } from './catalog.ts';
import { perform, type Order } from './invocation.ts';
import { LATEST } from './naming.ts';

const RETRY_AFTER = [60_000, 120_000];
const DEFAULT_ATTEMPTS = 2;
const LONGEST_AGE_SECONDS = 21_600;
/** What Lambda itself could not start is asked for again, at growing distances, as long as the event is young enough. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 300_000;

interface Delivery {
  readonly order: Order;
  readonly config: EventConfig | undefined;
  readonly accepted: number;
  /** Failures of the function itself. */
  readonly failures: number;
  /** Refusals of Lambda. */
  readonly refusals: number;
}

type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

export function createAsynchronous(room: Room) {
  const { ground } = room;
  const { timeline } = ground;

  const limitOf = ({ config, accepted }: Delivery): number => accepted + (config?.age ?? LONGEST_AGE_SECONDS) * 1000;

  async function attempt(delivery: Delivery): Promise<void> {
    const { order, failures, refusals } = delivery;
    if (timeline.now() > limitOf(delivery)) return tell(delivery, 'EventAgeExceeded', undefined);
    let payload: string;
    try {
      const answer = await perform(room, order);
      if (!answer.failed) return await tell(delivery, 'Success', answer.payload);
      payload = answer.payload;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const pause = Math.min(FIRST_PAUSE * 2 ** refusals, LONGEST_PAUSE);
      return again({ ...delivery, refusals: refusals + 1 }, pause);
    }
    const attempts = delivery.config?.attempts ?? DEFAULT_ATTEMPTS;
    const failed = { ...delivery, failures: failures + 1 };
    if (failures >= attempts) return tell(failed, 'RetriesExhausted', payload);
    again(failed, RETRY_AFTER[failures] ?? LONGEST_PAUSE);
  }

  const again = (delivery: Delivery, milliseconds: number): void => {
    timeline.after(milliseconds, () => void attempt(delivery).catch(lost));
  };
  // A destination that cannot be reached loses the record, as in AWS.
  const lost = (): void => undefined;

  async function tell(delivery: Delivery, condition: Condition, payload: string | undefined): Promise<void> {
    const { OnSuccess, OnFailure } = delivery.config?.destinations ?? {};
    const destination = (condition === 'Success' ? OnSuccess : OnFailure)?.Destination;
    const { fn, version, requestId } = delivery.order;
    const trace = { ...delivery.order.trace, functionName: fn.name };
    const role = ground.assume(version.settings.role, 'lambda.amazonaws.com', fn.name, trace);
    if (destination !== undefined) await send(role, destination, recordOf(delivery, condition, payload), condition);
    const { deadLetter } = version.settings;
    if (condition === 'Success' || deadLetter === undefined) return;
    const text = (value: string) => ({ DataType: 'String', StringValue: value });
    const attributes = { RequestID: text(requestId), ErrorCode: text('200'), ErrorMessage: text((payload ?? '').slice(0, 1024)) };
    const message = { TopicArn: deadLetter, Message: delivery.order.event, MessageAttributes: attributes };
    await ground.call(role, 'sns', 'Publish', message, fn.region);
  }

  function recordOf({ order, failures }: Delivery, condition: Condition, payload: string | undefined): object {
    const { fn, version, requestId, event } = order;
    return {
      version: '1.0',
      timestamp: new Date(timeline.now()).toISOString(),
      requestContext: {
        requestId,
        functionArn: `${fn.arn}:${version.number === LATEST ? LATEST : version.number}`,
        condition,
        approximateInvokeCount: condition === 'Success' ? failures + 1 : failures,
      },
      requestPayload: JSON.parse(event) as unknown,
      ...(payload !== undefined && {
        responseContext: {
          statusCode: 200,
          executedVersion: version.number,
          ...(condition !== 'Success' && { functionError: 'Unhandled' }),
        },
        responsePayload: JSON.parse(payload) as unknown,
      }),
    };
  }

  async function send(role: Caller, destination: string, record: object, condition: Condition): Promise<void> {
    const body = JSON.stringify(record);
    const [, , service = '', region = '', , ...rest] = destination.split(':');
    if (service === 'sns') await ground.call(role, 'sns', 'Publish', { TopicArn: destination, Message: body }, region);
    else if (service === 'lambda') {
      const input = { FunctionName: destination, InvocationType: 'Event' as const, Payload: Buffer.from(body) };
      await ground.call(role, 'lambda', 'Invoke', input, region);
    } else {
      const entry = {
        Source: 'lambda',
        DetailType: `Lambda Function Invocation Result - ${condition === 'Success' ? 'Success' : 'Failure'}`,
        Detail: body,
        EventBusName: rest.join(':').replace(/^event-bus\//, ''),
      };
      await ground.call(role, 'events', 'PutEvents', { Entries: [entry] }, region);
    }
  }

  return {
    /** The event is taken; everything else happens later. */
    accept(order: Order, qualifier: string | undefined): void {
      const key = qualifier === LATEST ? '' : (qualifier ?? '');
      const config = order.fn.eventConfigs.get(key);
      again({ order, config, accepted: timeline.now(), failures: 0, refusals: 0 }, 0);
    },
  };
}
