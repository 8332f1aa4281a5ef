import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { startCloud } from '../../rehearsal/cloud.ts';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { deployPackage } from '../../rehearsal/stack/deploy.ts';
import type { Stack } from '../../rehearsal/stack/deploy.ts';
import { inlineCode } from '../../rehearsal/stack/resources/inline-code.ts';

let cloud: Cloud;
let folder: string;
beforeEach(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
  folder = mkdtempSync(join(tmpdir(), 'package-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await cloud.stop();
});

const bucket = { ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket' } };
const trustOf = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});
const roleOf = (service: string, ...Action: string[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: trustOf(service),
    ...(Action.length > 0 && {
      Policies: [
        { PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] } },
      ],
    }),
  },
});

/** A package of one function, its zip and its version, as `sls package` lays it out. */
function pack(source: string, packaged = source): void {
  const zip = inlineCode(source, 'nodejs24.x');
  const CodeSha256 = createHash('sha256').update(inlineCode(packaged, 'nodejs24.x')).digest('base64');
  const Code = {
    S3Bucket: { Ref: 'ServerlessDeploymentBucket' },
    S3Key: `serverless/x/dev/${CodeSha256.slice(0, 6).replaceAll('/', '_')}/step.zip`,
  };
  const Role = { 'Fn::GetAtt': ['StepRole', 'Arn'] };
  const whole = {
    ...bucket,
    StepRole: roleOf('lambda.amazonaws.com'),
    Step: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'nodejs24.x', Handler: 'index.handler', Role, Code } },
    StepVersion: {
      Type: 'AWS::Lambda::Version',
      DeletionPolicy: 'Retain',
      Properties: { FunctionName: { Ref: 'Step' }, CodeSha256 },
    },
  };
  writeFileSync(join(folder, 'step.zip'), zip);
  writeFileSync(join(folder, 'cloudformation-template-create-stack.json'), JSON.stringify({ Resources: bucket }));
  const Outputs = { Version: { Value: { Ref: 'StepVersion' } } };
  writeFileSync(join(folder, 'cloudformation-template-update-stack.json'), JSON.stringify({ Resources: whole, Outputs }));
}
const deploy = (): Promise<Stack> => deployPackage(cloud.ground, { folder, stackName: 'service-dev' });

describe('a packaged service', () => {
  it('is deployed with its artefacts, and runs', async () => {
    pack("exports.handler = async () => 'ran'");

    const stack = await deploy();

    const FunctionName = stack.outputs['Version'];
    const { Payload } = await cloud.timeline.letPass(cloud.call('lambda', 'Invoke', { FunctionName }));
    expect(stack.resources.map(({ logicalId }) => logicalId)).toEqual([
      'ServerlessDeploymentBucket',
      'StepRole',
      'Step',
      'StepVersion',
    ]);
    expect(Buffer.from(Payload as Uint8Array).toString()).toBe('"ran"');
  });

  it('is deployed again without a change', async () => {
    pack("exports.handler = async () => 'ran'");
    const first = await deploy();

    const second = await deploy();

    expect(second).toEqual(first);
  });

  it('is refused when a zip is not the one that was packaged', async () => {
    pack('exports.handler = async () => "tampered"', 'exports.handler = async () => "packaged"');

    const attempt = deploy();

    await expect(attempt).rejects.toMatchObject({
      name: 'DeploymentFailed',
      status: 'UPDATE_ROLLBACK_COMPLETE',
      message: expect.stringContaining('StepVersion'),
    });
  });

  it('is refused when a zip is missing', async () => {
    pack('');
    rmSync(join(folder, 'step.zip'));

    const attempt = deploy();

    await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining('step.zip') });
  });
});

describe('the rights of a deployment', () => {
  const StackName = 'granted';
  const topic = JSON.stringify({ Resources: { A: { Type: 'AWS::SNS::Topic' } } });
  const clientOf = async (...actions: string[]): Promise<CloudFormation> => {
    await cloud.call('iam', 'CreateRole', {
      RoleName: 'Deployer',
      AssumeRolePolicyDocument: JSON.stringify(trustOf('lambda.amazonaws.com')),
    });
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
    });
    await cloud.call('iam', 'PutRolePolicy', { RoleName: 'Deployer', PolicyName: 'p', PolicyDocument });
    const caller = cloud.ground.assume(`arn:aws:iam::${cloud.account}:role/Deployer`, 'lambda.amazonaws.com', 'x');
    return new CloudFormation({
      endpoint: cloud.endpoint,
      region: cloud.region,
      credentials: cloud.ground.issueKeys(() => caller),
      maxAttempts: 1,
    });
  };
  const ended = async (client: CloudFormation): Promise<string> => {
    for (;;) {
      const { Stacks: [stack] = [] } = await client.describeStacks({ StackName });
      if (stack?.StackStatus?.endsWith('_IN_PROGRESS') === false) return stack.StackStatus;
      await cloud.timeline.letPass(cloud.timeline.wait(20));
    }
  };

  it('are those of who deploys', async () => {
    const client = await clientOf('cloudformation:*');

    await client.createStack({ StackName, TemplateBody: topic });

    expect(await ended(client)).toBe('ROLLBACK_COMPLETE');
    const { StackEvents = [] } = await client.describeStackEvents({ StackName });
    expect(StackEvents.map((one) => one.ResourceStatusReason ?? '')).toContainEqual(
      expect.stringContaining('is not authorized to perform: SNS:CreateTopic'),
    );
  });

  it('begin with CloudFormation itself', async () => {
    const client = await clientOf('sns:*');

    const attempt = client.createStack({ StackName, TemplateBody: topic });

    await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining('cloudformation:CreateStack') });
  });

  it('are those of the role a stack is given', async () => {
    const client = await clientOf('cloudformation:*', 'iam:PassRole');
    await cloud.call('iam', 'CreateRole', {
      RoleName: 'Builder',
      AssumeRolePolicyDocument: JSON.stringify(trustOf('cloudformation.amazonaws.com')),
    });
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sns:*', Resource: '*' }],
    });
    await cloud.call('iam', 'PutRolePolicy', { RoleName: 'Builder', PolicyName: 'p', PolicyDocument });

    await client.createStack({ StackName, TemplateBody: topic, RoleARN: `arn:aws:iam::${cloud.account}:role/Builder` });

    expect(await ended(client)).toBe('CREATE_COMPLETE');
  });
});
