import { beforeEach, describe, expect, it } from '@jest/globals';
import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { translate } from '../../shared/cloud/aws/errors.ts';
import { awsPost } from '../../shared/cloud/aws/post.ts';
import { awsTasks } from '../../shared/cloud/aws/tasks.ts';

process.env['AWS_REGION'] = 'eu-west-1';
const sfn = mockClient(SFNClient);
const sns = mockClient(SNSClient);
beforeEach(() => {
  sfn.reset();
  sns.reset();
});
const said = (name: string, httpStatusCode?: number): Error =>
  Object.assign(new Error('said AWS'), { name, $metadata: { httpStatusCode } });

describe('the waiting tasks', () => {
  it('hear an answer as JSON, and a refusal under its name', async () => {
    sfn.on(SendTaskSuccessCommand).resolves({}).on(SendTaskFailureCommand).resolves({});

    const yes = await awsTasks().succeed('token', { approvedBy: 'Ada' });
    const no = await awsTasks().fail('token', 'ApprovalRefused', 'not tonight');

    expect([yes, no]).toEqual(['delivered', 'delivered']);
    expect(sfn.commandCalls(SendTaskSuccessCommand)[0]?.args[0].input).toEqual({
      taskToken: 'token',
      output: '{"approvedBy":"Ada"}',
    });
    expect(sfn.commandCalls(SendTaskFailureCommand)[0]?.args[0].input).toEqual({
      taskToken: 'token',
      error: 'ApprovalRefused',
      cause: 'not tonight',
    });
  });

  it.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])(
    'that wait no more (%s) are gone, which is no error',
    async (name) => {
      sfn.on(SendTaskSuccessCommand).rejects(said(name, 400));

      await expect(awsTasks().succeed('token', {})).resolves.toBe('gone');
    },
  );

  it('that cannot be reached are another try', async () => {
    sfn.on(SendTaskSuccessCommand).rejects(said('ThrottlingException', 400));

    await expect(awsTasks().succeed('token', {})).rejects.toMatchObject({ name: 'CloudTransient' });
  });
});

describe('the approver’s mail', () => {
  it('goes to the approver’s own topic, under a subject that SNS takes', async () => {
    sns.on(PublishCommand).resolves({});

    await awsPost().deliver({ to: 'arn:topic', subject: `a\nlong ${'subject '.repeat(30)}`, text: 'the link' });

    const input = sns.commandCalls(PublishCommand)[0]?.args[0].input;
    expect(input).toMatchObject({ TopicArn: 'arn:topic', Message: 'the link' });
    expect(input?.Subject).toMatch(/^[^\n]{1,99}$/);
  });

  it('says CloudRefused when the topic is not ours', async () => {
    sns.on(PublishCommand).rejects(said('AuthorizationErrorException', 403));

    await expect(awsPost().deliver({ to: 'arn:topic', subject: 's', text: 't' })).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('AuthorizationErrorException') as unknown,
    });
  });
});

describe('what AWS says', () => {
  it.each([
    ['ThrottlingException', 400, 'CloudTransient'],
    ['SlowDown', 503, 'CloudTransient'],
    ['InternalFailure', 500, 'CloudTransient'],
    ['TooManyRequestsException', 429, 'CloudTransient'],
    ['AccessDenied', 403, 'CloudRefused'],
    ['ValidationException', 400, 'CloudRefused'],
    ['NoSuchBucket', 404, 'CloudRefused'],
  ])('%s (%i) is %s', (name, status, expected) => {
    expect(translate(said(name, status), 'asking')).toMatchObject({ name: expected, facts: { operation: 'asking' } });
  });

  it.each(['ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN'])('a network that fails with %s is worth another try', (code) => {
    expect(translate(Object.assign(new Error(`read ${code}`), { code }), 'asking').name).toBe('CloudTransient');
  });
});
