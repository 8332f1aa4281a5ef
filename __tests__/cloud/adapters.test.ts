import { beforeEach, describe, expect, it } from '@jest/globals';
import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { readFileSync } from 'node:fs';
import { asking, translate } from '../../shared/cloud/aws/errors.ts';
import { awsPost } from '../../shared/cloud/aws/post.ts';
import { awsTasks } from '../../shared/cloud/aws/tasks.ts';
import { RunbookError } from '../../shared/errors.ts';
import type { Estate } from '../../shared/estate.ts';
import { parseEstate } from '../../shared/estate-file.ts';

process.env['AWS_REGION'] = 'eu-west-1';
const sfn = mockClient(SFNClient);
const sns = mockClient(SNSClient);
beforeEach(() => {
  sfn.reset();
  sns.reset();
  process.env['APPROVER_TOPICS'] = '{"cto":"arn:topic"}';
});
/** The example's team, without a chat. */
const estate = (): Estate => ({ ...parseEstate(readFileSync('estate.yml', 'utf8'), 'estate.yml'), channels: { email: [] } });
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

    const delivery = await awsPost(estate).deliver({
      approver: 'cto',
      subject: `a\nlong – ${'subject '.repeat(30)}`,
      text: 'the link',
    });

    const input = sns.commandCalls(PublishCommand)[0]?.args[0].input;
    expect(delivery).toEqual({ sent: ['e-mail'], silent: [] });
    expect(input).toMatchObject({ TopicArn: 'arn:topic', Message: 'the link' });
    expect(input?.Subject).toMatch(/^a long - subject [\x20-\x7e]{1,82}$/);
  });

  it('says CloudRefused when the topic is not ours', async () => {
    sns.on(PublishCommand).rejects(said('AuthorizationErrorException', 403));

    await expect(awsPost(estate).deliver({ approver: 'cto', subject: 's', text: 't' })).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('AuthorizationErrorException') as unknown,
    });
  });

  it('is worth another try when no way was open for a moment', async () => {
    sns.on(PublishCommand).rejects(said('ThrottledException', 429));

    await expect(awsPost(estate).deliver({ approver: 'cto', subject: 's', text: 't' })).rejects.toMatchObject({
      name: 'CloudTransient',
    });
  });

  it('that no topic is known for is no way', async () => {
    process.env['APPROVER_TOPICS'] = '{}';

    await expect(awsPost(estate).deliver({ approver: 'cto', subject: 's', text: 't' })).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('names no topic for cto') as unknown,
    });
  });

  it('goes to nobody whom the estate does not name', async () => {
    await expect(awsPost(estate).deliver({ approver: 'eve', subject: 's', text: 't' })).rejects.toMatchObject({
      name: 'InputInvalid',
    });
    expect(sns.calls()).toEqual([]);
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
    ['InvalidDBInstanceStateFault', 400, 'NotYet'],
    ['InvalidDBSnapshotStateFault', 400, 'NotYet'],
  ])('%s (%i) is %s', (name, status, expected) => {
    expect(translate(said(name, status), 'asking')).toMatchObject({ name: expected, facts: { operation: 'asking' } });
  });

  it.each(['ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN'])('a network that fails with %s is worth another try', (code) => {
    expect(translate(Object.assign(new Error(`read ${code}`), { code }), 'asking').name).toBe('CloudTransient');
  });

  it('is told once, by the name it was first given', async () => {
    const stale = new RunbookError('PlanStale', 'somebody was here');

    await expect(asking('looking', () => Promise.reject(stale))).rejects.toBe(stale);
  });
});
