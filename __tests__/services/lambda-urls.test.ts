import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  type CreateFunctionUrlConfigCommandInput,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lambdaCloud } from './lambda-ground.ts';

const MIRROR =
  'exports.handler = async (event) => ({ statusCode: 201, headers: { "X-A": "b" }, cookies: ["c=d"], body: JSON.stringify(event) })';

describe('a function URL', () => {
  let ground: Awaited<ReturnType<typeof lambdaCloud>>;
  beforeEach(async () => {
    ground = await lambdaCloud();
  });
  afterEach(() => ground.cloud.stop());

  const open = async (more: Partial<CreateFunctionUrlConfigCommandInput> = {}): Promise<{ at: string; host: string }> => {
    const { FunctionUrl = '' } = await ground.lambda.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: 'probe', AuthType: 'NONE', ...more }),
    );
    const { origin, host } = new URL(FunctionUrl);
    return { at: ground.cloud.ground.published().get(origin) ?? '', host };
  };
  const grant = async (): Promise<void> => {
    const base = { FunctionName: 'probe', Principal: '*' };
    await ground.lambda.send(
      new AddPermissionCommand({ ...base, StatementId: 'url', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
    );
    await ground.lambda.send(
      new AddPermissionCommand({ ...base, StatementId: 'invoke', Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
    );
  };

  it('is forbidden until the policy allows both of what a public URL needs', async () => {
    await ground.make('exports.handler = async () => "in"');
    const { at } = await open();
    const ask = async () => (await fetch(at)).status;

    const closed = await ask();
    await ground.lambda.send(
      new AddPermissionCommand({
        FunctionName: 'probe',
        Principal: '*',
        StatementId: 'a',
        Action: 'lambda:InvokeFunctionUrl',
        FunctionUrlAuthType: 'NONE',
      }),
    );
    const half = await fetch(at);
    await ground.lambda.send(
      new AddPermissionCommand({
        FunctionName: 'probe',
        Principal: '*',
        StatementId: 'b',
        Action: 'lambda:InvokeFunction',
        InvokedViaFunctionUrl: true,
      }),
    );
    const opened = await ask();

    expect([closed, half.status, opened]).toEqual([403, 403, 200]);
    expect(half.headers.get('x-amzn-errortype')).toBe('AccessDeniedException');
    expect(await half.json()).toEqual({ Message: expect.stringMatching(/^Forbidden/) as unknown });
  });

  it('hands the request over in payload format 2.0', async () => {
    await ground.make(MIRROR);
    const { at, host } = await open();
    await grant();

    const response = await fetch(`${at}/approvals/a%20b?k=1&k=2&x=`, {
      method: 'POST',
      headers: { Cookie: 'a=1; b=2', 'Content-Type': 'application/json', 'X-Twice': 'v' },
      body: '{"ü":1}',
    });
    const event = (await response.json()) as Record<string, unknown>;

    expect(response.status).toBe(201);
    expect([response.headers.get('x-a'), response.headers.get('set-cookie')]).toEqual(['b', 'c=d']);
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/approvals/a%20b',
      rawQueryString: 'k=1&k=2&x=',
      queryStringParameters: { k: '1,2', x: '' },
      cookies: ['a=1', 'b=2'],
      headers: { host, 'content-type': 'application/json', 'x-twice': 'v', 'x-forwarded-proto': 'https' },
      requestContext: {
        domainName: host,
        http: { method: 'POST', path: '/approvals/a%20b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
      },
      body: '{"ü":1}',
      isBase64Encoded: false,
    });
    expect(event['headers']).not.toHaveProperty('cookie');
    const context = event['requestContext'] as { timeEpoch: number; time: string };
    expect(context.timeEpoch).toBeGreaterThan(ground.cloud.timeline.now() - 60_000);
    expect(context.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  });

  it('hands forms over as base64', async () => {
    await ground.make(MIRROR);
    const { at } = await open();
    await grant();

    const response = await fetch(at, { method: 'POST', body: new URLSearchParams({ payload: '{"a":1}' }) });

    const { body, isBase64Encoded } = (await response.json()) as { body: string; isBase64Encoded: boolean };
    expect(isBase64Encoded).toBe(true);
    expect(Buffer.from(body, 'base64').toString()).toBe('payload=%7B%22a%22%3A1%7D');
  });

  it.each([
    ['return { a: 1 }', 200, '{"a":1}', 'application/json'],
    ['return "plain"', 200, 'plain', 'application/json'],
    [
      'return { statusCode: 404, body: "aGk=", isBase64Encoded: true, headers: { "content-type": "text/plain" } }',
      404,
      'hi',
      'text/plain',
    ],
    ['return { statusCode: 303, headers: { location: "/x" } }', 303, '', 'application/json'],
    ['throw new Error("no")', 502, 'Internal Server Error', 'application/json'],
    ['return { statusCode: "no" }', 502, 'Internal Server Error', 'application/json'],
    ['process.exit(1)', 502, 'Internal Server Error', 'application/json'],
  ])('answers `%s` as Lambda does', async (code, status, body, type) => {
    await ground.make(`exports.handler = async () => { ${code} }`);
    const { at } = await open();
    await grant();

    const response = await fetch(at, { redirect: 'manual' });

    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([status, body, type]);
  });

  it('answers HEAD without a body, and dates its answers by the timeline', async () => {
    await ground.make('exports.handler = async () => "four"');
    const { at } = await open();
    await grant();
    await ground.cloud.timeline.passTo(ground.cloud.timeline.now() + 40 * 86_400_000);

    const response = await fetch(at, { method: 'HEAD' });

    expect([response.status, await response.text(), response.headers.get('content-length')]).toEqual([200, '', '4']);
    expect(Math.abs(Date.parse(response.headers.get('date') ?? '') - ground.cloud.timeline.now())).toBeLessThan(60_000);
  });

  it('answers preflights itself', async () => {
    await ground.make(MIRROR);
    const { at } = await open({ Cors: { AllowOrigins: ['https://app.example.test'], AllowMethods: ['POST'], MaxAge: 60 } });
    await grant();
    const ask = (Origin: string) =>
      fetch(at, { method: 'OPTIONS', headers: { Origin, 'Access-Control-Request-Method': 'POST' } });

    const [known, stranger] = await Promise.all([ask('https://app.example.test'), ask('https://evil.example.test')]);

    expect(known.headers.get('access-control-allow-origin')).toBe('https://app.example.test');
    expect(known.headers.get('access-control-allow-methods')).toBe('POST');
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is one per function, is refused with IAM by name, and is gone when deleted', async () => {
    await ground.make(MIRROR);
    await expect(open({ AuthType: 'AWS_IAM' })).rejects.toMatchObject({ name: 'NotImplemented' });
    const { at } = await open();

    await expect(open()).rejects.toMatchObject({ name: 'ResourceConflictException' });
    await ground.lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName: 'probe' }));

    await expect(ground.lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'probe' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(fetch(at)).rejects.toMatchObject({ name: 'TypeError' });
    expect(ground.cloud.ground.published().size).toBe(0);
  });
});
