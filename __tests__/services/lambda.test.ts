import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListFunctionsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type CreateFunctionCommandInput,
} from '@aws-sdk/client-lambda';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { zipOf } from '../host/zip.ts';
import { ARN, lambdaCloud, ROLE, textOf, trusting } from './lambda-ground.ts';

const ECHO = 'exports.handler = async (event) => ({ heard: event });';

describe('Lambda', () => {
  let ground: Awaited<ReturnType<typeof lambdaCloud>>;
  beforeEach(async () => {
    ground = await lambdaCloud();
  });
  afterEach(() => ground.cloud.stop());
  const invoke = (event: unknown = {}, more: object = {}) =>
    ground.lambda.send(new InvokeCommand({ FunctionName: 'probe', Payload: Buffer.from(JSON.stringify(event)), ...more }));

  it('runs what was packaged and tells which version answered', async () => {
    await ground.make(ECHO);

    const answer = await invoke({ a: 1 }, { LogType: 'Tail' });

    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(textOf(answer.Payload)).toEqual({ heard: { a: 1 } });
    expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).toMatch(/^REPORT RequestId: /m);
  });

  it('says Unhandled and gives the error when the handler throws', async () => {
    await ground.make('exports.handler = async () => { throw Object.assign(new Error("moved"), { name: "PlanStale" }); }');

    const answer = await invoke();

    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(textOf(answer.Payload)).toMatchObject({ errorType: 'PlanStale', errorMessage: 'moved' });
  });

  it('is Pending first, and cannot be invoked or changed until it is Active', async () => {
    const input = { FunctionName: 'probe', Runtime: 'nodejs24.x', Handler: 'index.handler', Role: ROLE } as const;
    const made = await ground.lambda.send(
      new CreateFunctionCommand({ ...input, Code: { ZipFile: zipOf({ 'index.js': ECHO }) } }),
    );

    expect(made.State).toBe('Pending');
    await expect(invoke()).rejects.toMatchObject({ name: 'ResourceConflictException' });
    await expect(
      ground.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'probe', Timeout: 5 })),
    ).rejects.toMatchObject({ name: 'ResourceConflictException' });
    await ground.cloud.timeline.passTo(ground.cloud.timeline.now() + 2_000);
    const now = await ground.lambda.send(new GetFunctionCommand({ FunctionName: 'probe' }));
    expect(now.Configuration).toMatchObject({ State: 'Active', LastUpdateStatus: 'Successful' });
  });

  it.each<[string, Partial<CreateFunctionCommandInput>, string, RegExp]>([
    [
      'a role that is not there',
      { Role: 'arn:aws:iam::123456789012:role/none' },
      'InvalidParameterValueException',
      /cannot be assumed by Lambda/,
    ],
    [
      'a role of another service',
      { Role: 'arn:aws:iam::123456789012:role/other' },
      'InvalidParameterValueException',
      /cannot be assumed/,
    ],
    [
      'a zip that is none',
      { Code: { ZipFile: Buffer.from('zip') } },
      'InvalidParameterValueException',
      /Could not unzip uploaded file/,
    ],
    [
      'a reserved variable',
      { Environment: { Variables: { AWS_REGION: 'x' } } },
      'InvalidParameterValueException',
      /Reserved keys used in this request: AWS_REGION/,
    ],
    [
      'more than 4 KB of variables',
      { Environment: { Variables: { BIG: 'x'.repeat(4096) } } },
      'InvalidParameterValueException',
      /exceeded the 4KB limit/,
    ],
    ['too much memory', { MemorySize: 10_241 }, 'ValidationException', /'memorySize' failed to satisfy constraint/],
    ['too long a timeout', { Timeout: 901 }, 'ValidationException', /less than or equal to 900/],
    ['no handler', { Handler: undefined }, 'InvalidParameterValueException', /Runtime and Handler are mandatory/],
    [
      'a network its role may not enter',
      { VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] } },
      'InvalidParameterValueException',
      /CreateNetworkInterface on EC2/,
    ],
    ['container images', { PackageType: 'Image' }, 'NotImplemented', /PackageType Image/],
    ['layers', { Layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:a:1'] }, 'NotImplemented', /Layers/],
    ['another language', { Runtime: 'python3.13' }, 'NotImplemented', /runtime python3.13/],
  ])('refuses %s', async (_, changes, name, message) => {
    await ground.iam.send(
      new CreateRoleCommand({ RoleName: 'other', AssumeRolePolicyDocument: trusting('states.amazonaws.com') }),
    );

    await expect(ground.make(ECHO, changes)).rejects.toMatchObject({ name, message: expect.stringMatching(message) as unknown });
    await expect(ground.lambda.send(new GetFunctionCommand({ FunctionName: 'probe' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('fetches its code from S3, and says what S3 said when it cannot', async () => {
    const s3 = new S3Client({ ...ground.options, forcePathStyle: true });
    await s3.send(
      new CreateBucketCommand({ Bucket: 'artefacts', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    await s3.send(new PutObjectCommand({ Bucket: 'artefacts', Key: 'probe.zip', Body: zipOf({ 'index.js': ECHO }) }));

    await ground.make('', { Code: { S3Bucket: 'artefacts', S3Key: 'probe.zip' } });

    expect(textOf((await invoke(7)).Payload)).toEqual({ heard: 7 });
    await expect(
      ground.make('', { FunctionName: 'second', Code: { S3Bucket: 'artefacts', S3Key: 'none.zip' } }),
    ).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringMatching(/S3 Error Code: NoSuchKey/) as unknown,
    });
  });

  it('keeps a published version as it was, and an alias follows what it is told', async () => {
    await ground.make('exports.handler = async () => 1');
    const first = await ground.lambda.send(new PublishVersionCommand({ FunctionName: 'probe' }));
    await ground.lambda.send(new CreateAliasCommand({ FunctionName: 'probe', Name: 'live', FunctionVersion: '1' }));
    await ground.lambda.send(
      new UpdateFunctionCodeCommand({ FunctionName: 'probe', ZipFile: zipOf({ 'index.js': 'exports.handler = async () => 2' }) }),
    );
    await ground.cloud.timeline.passTo(ground.cloud.timeline.now() + 2_000);

    const before = await invoke({}, { Qualifier: 'live' });
    await ground.lambda.send(new PublishVersionCommand({ FunctionName: 'probe' }));
    await ground.lambda.send(new UpdateAliasCommand({ FunctionName: 'probe', Name: 'live', FunctionVersion: '2' }));
    const after = await invoke({}, { Qualifier: 'live' });

    expect([before.ExecutedVersion, textOf(before.Payload), after.ExecutedVersion, textOf(after.Payload)]).toEqual([
      '1',
      1,
      '2',
      2,
    ]);
    await expect(
      ground.lambda.send(new PublishVersionCommand({ FunctionName: 'probe', CodeSha256: first.CodeSha256 })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringMatching(/is different from current CodeSHA256/) as unknown,
    });
    await expect(ground.lambda.send(new DeleteFunctionCommand({ FunctionName: 'probe', Qualifier: '2' }))).rejects.toMatchObject({
      name: 'ResourceConflictException',
    });
  });

  it('follows an alias to what is not published yet', async () => {
    await ground.make(ECHO);
    await ground.lambda.send(new CreateAliasCommand({ FunctionName: 'probe', Name: 'newest', FunctionVersion: '$LATEST' }));

    const answer = await invoke({ a: 1 }, { Qualifier: 'newest' });

    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
  });

  it('serves the code of before while an update is in progress', async () => {
    await ground.make('exports.handler = async () => "old"');

    await ground.lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: 'probe',
        ZipFile: zipOf({ 'index.js': 'exports.handler = async () => "new"' }),
      }),
    );
    const during = textOf((await invoke()).Payload);
    await ground.cloud.timeline.passTo(ground.cloud.timeline.now() + 2_000);
    const after = textOf((await invoke()).Payload);

    expect([during, after]).toEqual(['old', 'new']);
  });

  it('refuses a change that rests on an older revision', async () => {
    await ground.make(ECHO);

    await expect(
      ground.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'probe', Timeout: 5, RevisionId: 'older' })),
    ).rejects.toMatchObject({ name: 'PreconditionFailedException' });
  });

  it('throttles beyond the reserved concurrency', async () => {
    await ground.make(ECHO);
    await ground.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'probe', ReservedConcurrentExecutions: 0 }));

    await expect(invoke()).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    });
  });

  it('lets a service in by the policy on the function only', async () => {
    await ground.make(ECHO);
    const call = () =>
      ground.cloud.ground.call(
        {
          kind: 'service',
          service: 'events.amazonaws.com',
          account: '123456789012',
          source: 'arn:aws:events:eu-west-1:123456789012:rule/r',
        },
        'lambda',
        'Invoke',
        { FunctionName: 'probe', Payload: Buffer.from('{}') },
      );
    const permission = {
      FunctionName: 'probe',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
    };

    await expect(call()).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await ground.lambda.send(
      new AddPermissionCommand({ ...permission, SourceArn: 'arn:aws:events:eu-west-1:123456789012:rule/other' }),
    );
    await expect(call()).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(ground.lambda.send(new AddPermissionCommand(permission))).rejects.toMatchObject({
      name: 'ResourceConflictException',
    });
    await ground.lambda.send(new RemovePermissionCommand({ FunctionName: 'probe', StatementId: 's' }));
    await expect(ground.lambda.send(new GetPolicyCommand({ FunctionName: 'probe' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await ground.lambda.send(
      new AddPermissionCommand({ ...permission, SourceArn: 'arn:aws:events:eu-west-1:123456789012:rule/r' }),
    );
    await expect(call()).resolves.toMatchObject({ StatusCode: 200 });
  });

  it('judges an invocation by the ARN with its qualifier', async () => {
    await ground.make(ECHO);
    await ground.lambda.send(new PublishVersionCommand({ FunctionName: 'probe' }));
    await ground.allow(['lambda:InvokeFunction'], ARN);
    const role = ground.cloud.ground.assume(ROLE, 'lambda.amazonaws.com', 'x');
    const call = (more: object) => ground.cloud.ground.call(role, 'lambda', 'Invoke', { FunctionName: 'probe', ...more });

    await expect(call({})).resolves.toMatchObject({ StatusCode: 200 });
    await expect(call({ Qualifier: '1' })).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringMatching(/lambda:InvokeFunction on resource: \S+:probe:1/) as unknown,
    });
  });

  it('works in the name of its role through the wire', async () => {
    await ground.allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']);
    await ground.make('exports.handler = async () => { console.log("written"); return process.env.AWS_ACCESS_KEY_ID; }');

    const key = textOf((await invoke()).Payload);

    expect(key).toMatch(/^ASIA/);
    const { events } = await ground.cloud.call('logs', 'FilterLogEvents', {
      logGroupName: '/aws/lambda/probe',
      filterPattern: 'written',
    });
    expect(events).toHaveLength(1);
  });

  it('loses no line of a long log, and makes its group anew when it was taken away', async () => {
    await ground.allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']);
    await ground.make(
      'exports.handler = async () => { for (let i = 0; i < 20; i++) console.log("line " + "x".repeat(100_000)); }',
    );
    const found = async () =>
      (await ground.cloud.call('logs', 'FilterLogEvents', { logGroupName: '/aws/lambda/probe', filterPattern: 'line' })).events;

    await invoke();
    const first = await found();
    await ground.cloud.call('logs', 'DeleteLogGroup', { logGroupName: '/aws/lambda/probe' });
    await invoke();

    expect(first).toHaveLength(20);
    expect(await found()).toHaveLength(20);
  });

  it('lists in pages and refuses a marker it did not make', async () => {
    await ground.make(ECHO);
    await ground.make(ECHO, { FunctionName: 'second' });

    const first = await ground.lambda.send(new ListFunctionsCommand({ MaxItems: 1 }));
    const second = await ground.lambda.send(new ListFunctionsCommand({ MaxItems: 1, Marker: first.NextMarker }));

    expect([first, second].map(({ Functions }) => Functions?.map(({ FunctionName }) => FunctionName))).toEqual([
      ['probe'],
      ['second'],
    ]);
    expect(second.NextMarker).toBeUndefined();
    const states = [first, second].flatMap(({ Functions = [] }) => Functions.map((fn) => [fn.State, fn.LastUpdateStatus]));
    expect(states).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    await expect(ground.lambda.send(new ListFunctionsCommand({ Marker: 'mine' }))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });

  it('refuses an event that is no JSON, one that is too large, and a function of another Region', async () => {
    await ground.make(ECHO);
    const send = (Payload: Buffer, FunctionName = 'probe') => ground.lambda.send(new InvokeCommand({ FunctionName, Payload }));

    await expect(send(Buffer.from('{'))).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
    await expect(send(Buffer.from(`"${'x'.repeat(6_291_456)}"`))).rejects.toMatchObject({ name: 'RequestTooLargeException' });
    await expect(send(Buffer.from('{}'), ARN.replace('eu-west-1', 'us-east-1'))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it.each([
    ['killed-before', { FunctionError: 'Unhandled' }, 0],
    ['duplicate', { StatusCode: 200 }, 2],
  ] as const)('imitates the fault %s', async (kind, answer, runs) => {
    await ground.allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']);
    await ground.make('exports.handler = async () => console.log("ran")');
    ground.cloud.faults.set([{ kind, operation: 'lambda:Invoke', functionName: 'probe' }]);

    const given = await invoke();

    expect(given).toMatchObject(answer);
    const { events } = await ground.cloud.call('logs', 'FilterLogEvents', {
      logGroupName: '/aws/lambda/probe',
      filterPattern: 'ran',
    });
    expect(events).toHaveLength(runs);
  });

  it('counts in CloudWatch what ran, what failed and what was turned away', async () => {
    await ground.make('exports.handler = async ({ fail }) => { if (fail) throw new Error("no"); }');
    const from = new Date(ground.cloud.timeline.now() - 60_000);

    await invoke();
    await invoke({ fail: true });
    await ground.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'probe', ReservedConcurrentExecutions: 0 }));
    await expect(invoke()).rejects.toMatchObject({ name: 'TooManyRequestsException' });

    const sum = async (MetricName: string, Dimensions = [{ Name: 'FunctionName', Value: 'probe' }]): Promise<unknown> => {
      const asked = {
        Namespace: 'AWS/Lambda',
        MetricName,
        Dimensions,
        StartTime: from,
        Period: 3600,
        Statistics: ['Sum' as const],
      };
      const EndTime = new Date(ground.cloud.timeline.now() + 60_000);
      const { Datapoints = [] } = await ground.cloud.call('monitoring', 'GetMetricStatistics', { ...asked, EndTime });
      return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
    };
    expect(await Promise.all(['Invocations', 'Errors', 'Throttles'].map((name) => sum(name)))).toEqual([2, 1, 1]);
    expect(await sum('Invocations', [])).toBe(2);
    expect(await sum('Duration')).toBeGreaterThan(0);
  });

  it('leaves nothing standing after a reset', async () => {
    const fresh = ground.cloud.inventory();
    await ground.make(ECHO);
    await invoke();

    await ground.cloud.reset();

    expect(ground.cloud.inventory()).toMatchObject({ lambda: fresh['lambda'], logs: fresh['logs'] });
  });
});
