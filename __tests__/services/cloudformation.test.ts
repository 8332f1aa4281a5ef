import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { startCloud } from '../../rehearsal/cloud.ts';
import type { Cloud } from '../../rehearsal/cloud.ts';

let cloud: Cloud;
let client: CloudFormation;
let fresh: string;
beforeEach(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
  client = new CloudFormation({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.operator, maxAttempts: 1 });
  fresh = JSON.stringify(cloud.inventory());
});
afterEach(() => cloud.stop());

const StackName = 'night';
const topic = (Properties: object = {}, attributes: object = {}) => ({ Type: 'AWS::SNS::Topic', Properties, ...attributes });
const body = (Resources: object, rest: object = {}) => JSON.stringify({ Resources, ...rest });
const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const role = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } };
const lambda = (ZipFile: string, rest: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Code: { ZipFile },
    ...rest,
  },
});
/** Refused by Lambda itself: no shape could know. */
const broken = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { 'Fn::Sub': 'nobody-${A.TopicName}' } } };
const Capabilities = ['CAPABILITY_NAMED_IAM' as const];

async function settled(name = StackName): Promise<string> {
  for (;;) {
    const { Stacks: [stack] = [] } = await client.describeStacks({ StackName: name });
    const status = stack?.StackStatus ?? '';
    if (!status.endsWith('_IN_PROGRESS')) return status;
    await cloud.timeline.letPass(cloud.timeline.wait(20));
  }
}
async function make(TemplateBody: string, name = StackName): Promise<string> {
  const { StackId = '' } = await client.createStack({ StackName: name, TemplateBody, Capabilities });
  return settled(StackId);
}
async function change(TemplateBody: string, rest: object = {}): Promise<string> {
  await client.updateStack({ StackName, TemplateBody, Capabilities, ...rest });
  return settled();
}
async function remove(): Promise<string> {
  const { Stacks: [stack] = [] } = await client.describeStacks({ StackName });
  await client.deleteStack({ StackName });
  return settled(stack?.StackId);
}
const events = async (name = StackName): Promise<StackEvent[]> =>
  ((await client.describeStackEvents({ StackName: name })).StackEvents ?? []).reverse();
const physical = async (id: string): Promise<string | undefined> =>
  (await client.describeStackResource({ StackName, LogicalResourceId: id })).StackResourceDetail?.PhysicalResourceId;
const others = (): string => JSON.stringify({ ...cloud.inventory(), cloudformation: {} });

describe('a stack', () => {
  it('is made in the order its references need, with outputs and events', async () => {
    const resources = { Fn: lambda('exports.handler = async () => 1'), Role: role };

    const status = await make(body(resources, { Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Fn', 'Arn'] } } } }));

    const made = (await events()).filter((one) => one.ResourceStatus === 'CREATE_COMPLETE').map((one) => one.LogicalResourceId);
    const { Stacks: [stack] = [] } = await client.describeStacks({ StackName });
    expect(status).toBe('CREATE_COMPLETE');
    expect(made).toEqual(['Role', 'Fn', 'night']);
    expect(stack?.Outputs).toEqual([
      { OutputKey: 'Arn', OutputValue: expect.stringMatching(/^arn:aws:lambda:.*:function:night-Fn-/) },
    ]);
  });

  it('leaves nothing behind when a resource cannot be made', async () => {
    const resources = { A: topic(), Role: role, Fn: lambda(''), B: broken };

    const status = await make(body(resources));

    const reasons = (await events()).map((one) => one.ResourceStatusReason ?? '');
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reasons).toContainEqual(
      expect.stringMatching(/^The following resource\(s\) failed to create: \[B\]\. Rollback requested by user\.$/),
    );
    expect(others()).toBe(JSON.stringify({ ...(JSON.parse(fresh) as object), cloudformation: {} }));
  });

  it('leaves nothing behind when it is deleted', async () => {
    await make(body({ Role: role, Fn: lambda(''), Topic: topic() }));

    const status = await remove();

    expect(status).toBe('DELETE_COMPLETE');
    expect(JSON.stringify(cloud.inventory())).toBe(fresh);
    await expect(client.describeStacks({ StackName })).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id night does not exist',
    });
  });

  it('keeps what its DeletionPolicy retains', async () => {
    await make(body({ Kept: topic({ TopicName: 'kept' }, { DeletionPolicy: 'Retain' }), Gone: topic({ TopicName: 'gone' }) }));

    await remove();

    const { Topics = [] } = await cloud.call('sns', 'ListTopics', {});
    expect(Topics.map(({ TopicArn }) => TopicArn?.split(':').at(-1))).toEqual(['kept']);
  });

  it('is not made twice under one name', async () => {
    await make(body({ A: topic() }));

    const attempt = make(body({ A: topic() }));

    await expect(attempt).rejects.toMatchObject({ name: 'AlreadyExistsException', message: 'Stack [night] already exists' });
  });

  it('asks for the acknowledgement of roles', async () => {
    const attempt = client.createStack({ StackName, TemplateBody: body({ Role: role }) });

    await expect(attempt).rejects.toMatchObject({
      name: 'InsufficientCapabilitiesException',
      message: 'Requires capabilities : [CAPABILITY_IAM]',
    });
  });

  it('is not deleted while it is protected', async () => {
    await make(body({ A: topic() }));
    await client.updateTerminationProtection({ StackName, EnableTerminationProtection: true });

    const attempt = client.deleteStack({ StackName });

    await expect(attempt).rejects.toMatchObject({
      message: 'Stack [night] cannot be deleted while TerminationProtection is enabled',
    });
  });

  it('fails when the code is not what was packaged', async () => {
    const version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' }, CodeSha256: 'AAAA' } };

    const status = await make(body({ Role: role, Fn: lambda(''), V: version }));

    const failure = (await events()).find((one) => one.LogicalResourceId === 'V' && one.ResourceStatus === 'CREATE_FAILED');
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failure?.ResourceStatusReason).toMatch(/CodeSHA256/i);
  });

  it('gives other stacks what it exports, and is held by them', async () => {
    await make(body({ A: topic() }, { Outputs: { T: { Value: { Ref: 'A' }, Export: { Name: 'bus' } } } }));
    await make(
      body({ B: topic({ DisplayName: { 'Fn::Select': [5, { 'Fn::Split': [':', { 'Fn::ImportValue': 'bus' }] }] } }) }),
      'user',
    );

    await client.deleteStack({ StackName });

    expect(await settled()).toBe('DELETE_FAILED');
    expect((await events()).at(-1)?.ResourceStatusReason).toBe('Cannot delete export bus as it is in use by user.');
  });
});

describe('an update', () => {
  it('that changes nothing is refused', async () => {
    await make(body({ A: topic() }));

    const attempt = change(body({ A: topic() }, { Description: 'the same' }));

    await expect(attempt).rejects.toMatchObject({ name: 'ValidationError', message: 'No updates are to be performed.' });
  });

  it('changes in place what can be, and replaces what cannot', async () => {
    await make(body({ A: topic(), B: topic({ TopicName: 'one' }) }));
    const [a, b] = [await physical('A'), await physical('B')];

    const status = await change(body({ A: topic({ DisplayName: 'new' }), B: topic({ TopicName: 'two' }) }));

    const { Attributes } = await cloud.call('sns', 'GetTopicAttributes', { TopicArn: a });
    const { Topics = [] } = await cloud.call('sns', 'ListTopics', {});
    expect(status).toBe('UPDATE_COMPLETE');
    expect(await physical('A')).toBe(a);
    expect(Attributes?.['DisplayName']).toBe('new');
    expect(Topics.map(({ TopicArn }) => TopicArn)).not.toContain(b);
    expect(await physical('B')).toMatch(/:two$/);
  });

  it('removes what the template no longer has, and adds what it has anew', async () => {
    await make(body({ A: topic() }));

    await change(body({ B: topic() }));

    const { StackResources = [] } = await client.describeStackResources({ StackName });
    const { Topics = [] } = await cloud.call('sns', 'ListTopics', {});
    expect(StackResources.map((one) => one.LogicalResourceId)).toEqual(['B']);
    expect(Topics).toHaveLength(1);
  });

  it('that fails puts everything back as it was', async () => {
    const before = body({ A: topic({ DisplayName: 'old' }), B: topic({ TopicName: 'one' }) });
    await make(before);
    const inventory = others();

    const status = await change(
      body({ A: topic({ DisplayName: 'new' }), B: topic({ TopicName: 'two' }), New: topic(), C: broken }),
    );

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(others()).toBe(inventory);
    await expect(change(before)).rejects.toMatchObject({ message: 'No updates are to be performed.' });
  });

  it('does not replace a resource under its own name', async () => {
    const named = (Path: string) => ({ ...role, Properties: { ...role.Properties, RoleName: 'watch', Path } });
    await make(body({ A: named('/day/') }));

    const status = await change(body({ A: named('/night/') }));

    const reasons = (await events()).map((one) => one.ResourceStatusReason ?? '');
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons).toContainEqual(expect.stringContaining('Rename "watch" and update the stack again.'));
  });

  it('keeps the values of parameters it is asked to keep', async () => {
    const Parameters = { Name: { Type: 'String' } };
    const template = (DisplayName: unknown) => body({ A: topic({ DisplayName }) }, { Parameters });
    await client.createStack({
      StackName,
      TemplateBody: template({ Ref: 'Name' }),
      Parameters: [{ ParameterKey: 'Name', ParameterValue: 'one' }],
    });
    await settled();

    await change(template({ 'Fn::Sub': '${Name}!' }), { Parameters: [{ ParameterKey: 'Name', UsePreviousValue: true }] });

    const { Attributes } = await cloud.call('sns', 'GetTopicAttributes', { TopicArn: await physical('A') });
    expect(Attributes?.['DisplayName']).toBe('one!');
  });

  it('does not touch a stack whose creation was rolled back', async () => {
    await make(body({ A: topic(), B: broken }));

    const attempt = change(body({ A: topic() }));

    await expect(attempt).rejects.toMatchObject({
      message: expect.stringMatching(/is in ROLLBACK_COMPLETE state and can not be updated\.$/),
    });
  });
});

describe('a change set', () => {
  const ChangeSetName = 'first';
  const draw = (TemplateBody: string, ChangeSetType: 'CREATE' | 'UPDATE') =>
    client.createChangeSet({ StackName, ChangeSetName, ChangeSetType, TemplateBody, Capabilities });

  it('creates a stack that was only reviewed before', async () => {
    await draw(body({ A: topic() }), 'CREATE');
    const { Changes = [], Status } = await client.describeChangeSet({ StackName, ChangeSetName });

    await client.executeChangeSet({ StackName, ChangeSetName });

    expect(Status).toBe('CREATE_COMPLETE');
    expect(Changes.map(({ ResourceChange }) => [ResourceChange?.Action, ResourceChange?.LogicalResourceId])).toEqual([
      ['Add', 'A'],
    ]);
    expect(await settled()).toBe('CREATE_COMPLETE');
  });

  it('says what it would change and what it would replace', async () => {
    await make(body({ A: topic(), B: topic({ TopicName: 'one' }), C: topic() }));

    await draw(body({ A: topic({ DisplayName: 'x' }), B: topic({ TopicName: 'two' }) }), 'UPDATE');

    const { Changes = [] } = await client.describeChangeSet({ StackName, ChangeSetName });
    expect(Changes.map(({ ResourceChange: one }) => [one?.Action, one?.LogicalResourceId, one?.Replacement])).toEqual([
      ['Modify', 'A', 'False'],
      ['Modify', 'B', 'True'],
      ['Remove', 'C', undefined],
    ]);
  });

  it('without changes fails, and cannot be executed', async () => {
    await make(body({ A: topic() }));
    await draw(body({ A: topic() }), 'UPDATE');

    const { Status, StatusReason } = await client.describeChangeSet({ StackName, ChangeSetName });

    expect([Status, StatusReason]).toEqual(['FAILED', expect.stringContaining("didn't contain changes")]);
    await expect(client.executeChangeSet({ StackName, ChangeSetName })).rejects.toMatchObject({
      name: 'InvalidChangeSetStatusException',
    });
  });
});

describe('what CloudFormation tells', () => {
  it('comes in pages, under tokens that only it can give', async () => {
    await make(body(Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`T${n}`, topic()]))));

    const first = await client.describeStackEvents({ StackName });
    const second = await client.describeStackEvents({ StackName, NextToken: first.NextToken });

    expect([first.StackEvents?.length, second.StackEvents?.length]).toEqual([100, 22]);
    await expect(client.describeStackEvents({ StackName, NextToken: 'mine' })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('hides a parameter that is not to be echoed', async () => {
    const template = body({ A: topic() }, { Parameters: { Secret: { Type: 'String', NoEcho: true } } });
    await client.createStack({
      StackName,
      TemplateBody: template,
      Parameters: [{ ParameterKey: 'Secret', ParameterValue: 'hush' }],
    });
    await settled();

    const answer = await client.describeStacks({ StackName });

    expect(answer.Stacks?.[0]?.Parameters).toEqual([{ ParameterKey: 'Secret', ParameterValue: '****' }]);
  });

  it('reads a template from this cloud’s own S3', async () => {
    await cloud.call('s3', 'CreateBucket', {
      Bucket: 'templates',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    });
    await cloud.call('s3', 'PutObject', { Bucket: 'templates', Key: 'a/b.json', Body: Buffer.from(body({ A: topic() })) });

    const summary = await client.getTemplateSummary({ TemplateURL: 'https://s3.eu-west-1.amazonaws.com/templates/a/b.json' });

    expect(summary.ResourceTypes).toEqual(['AWS::SNS::Topic']);
  });
});
