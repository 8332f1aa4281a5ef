import { GetFunctionEventInvokeConfigCommand, InvokeCommand, PutFunctionEventInvokeConfigCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ARN, lambdaCloud } from './lambda-ground.ts';

const MINUTE = 60_000;

describe('an event nobody waits for', () => {
  let ground: Awaited<ReturnType<typeof lambdaCloud>>;
  beforeEach(async () => {
    ground = await lambdaCloud();
    await ground.allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'lambda:InvokeFunction']);
  });
  afterEach(() => ground.cloud.stop());

  const accept = async (): Promise<number> => {
    const Payload = Buffer.from('{"a":1}');
    const { StatusCode } = await ground.lambda.send(
      new InvokeCommand({ FunctionName: 'probe', InvocationType: 'Event', Payload }),
    );
    return StatusCode ?? 0;
  };
  const pass = (milliseconds: number): Promise<void> => ground.cloud.timeline.passTo(ground.cloud.timeline.now() + milliseconds);
  const lines = async (name: string, filterPattern: string) =>
    (await ground.cloud.call('logs', 'FilterLogEvents', { logGroupName: `/aws/lambda/${name}`, filterPattern })).events ?? [];

  it('is tried again after one and two minutes of the timeline, then given up', async () => {
    await ground.make('exports.handler = async () => { console.log("tried"); throw new Error("no"); }');

    const status = await accept();
    await pass(30 * MINUTE);

    const tries = await lines('probe', 'tried');
    expect(status).toBe(202);
    expect(tries).toHaveLength(3);
    const times = tries.map(({ timestamp = 0 }) => timestamp);
    const gaps = times.slice(1).map((time, i) => Math.floor((time - (times[i] ?? 0)) / MINUTE));
    expect(gaps).toEqual([1, 2]);
  });

  it('is told to its destination when it failed for good', async () => {
    await ground.make('exports.handler = async () => { throw new RangeError("no"); }');
    await ground.make('exports.handler = async (event) => console.log(JSON.stringify(event))', { FunctionName: 'teller' });
    await ground.lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: 'probe',
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: ARN.replace('probe', 'teller') } },
      }),
    );

    await accept();
    await pass(5 * MINUTE);

    const [told] = await lines('teller', 'RetriesExhausted');
    const record = JSON.parse((told?.message ?? '').split('\t').at(-1) ?? '') as unknown;
    expect(record).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1, functionArn: `${ARN}:$LATEST` },
      requestPayload: { a: 1 },
      responseContext: { functionError: 'Unhandled' },
      responsePayload: { errorType: 'RangeError' },
    });
  });

  it('refuses a destination of a service that is not there, and an empty configuration', async () => {
    await ground.make('exports.handler = async () => 1');
    const put = (more: object) => ground.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: 'probe', ...more }));

    await expect(
      put({ DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:eu-west-1:123456789012:q' } } }),
    ).rejects.toMatchObject({
      name: 'NotImplemented',
    });
    await expect(put({})).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    await expect(put({ MaximumRetryAttempts: 3 })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(ground.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: 'probe' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
