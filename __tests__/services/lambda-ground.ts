// A cloud with a role for functions, and the means to make them.
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient, type CreateFunctionCommandInput } from '@aws-sdk/client-lambda';
import { startCloud, type Cloud, type CloudOptions } from '../../rehearsal/cloud.ts';
import { zipOf } from '../host/zip.ts';

export const ROLE = 'arn:aws:iam::123456789012:role/fn';
export const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:probe';

export const trusting = (service: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });

export async function lambdaCloud(pace: CloudOptions['pace'] = { kind: 'virtual' }) {
  const cloud: Cloud = await startCloud({ pace });
  const options = { endpoint: cloud.endpoint, region: 'eu-west-1', credentials: cloud.operator, maxAttempts: 1 };
  const iam = new IAMClient(options);
  const lambda = new LambdaClient(options);
  await iam.send(new CreateRoleCommand({ RoleName: 'fn', AssumeRolePolicyDocument: trusting('lambda.amazonaws.com') }));
  const allow = async (actions: string[], resource = '*'): Promise<void> => {
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: actions, Resource: resource }],
    });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'fn', PolicyName: actions.join('-').replaceAll(/[^\w-]/g, '_'), PolicyDocument }),
    );
  };
  /** A function that can be invoked. */
  const make = async (code: string, changes: Partial<CreateFunctionCommandInput> = {}): Promise<void> => {
    const input = { FunctionName: 'probe', Runtime: 'nodejs24.x' as const, Handler: 'index.handler', Role: ROLE };
    await lambda.send(new CreateFunctionCommand({ ...input, Code: { ZipFile: zipOf({ 'index.js': code }) }, ...changes }));
    await cloud.timeline.passTo(cloud.timeline.now() + 2_000);
  };
  return { cloud, options, iam, lambda, allow, make };
}

/** What a payload says. */
export const textOf = (payload: Uint8Array | undefined): unknown =>
  payload === undefined || payload.length === 0 ? undefined : (JSON.parse(Buffer.from(payload).toString()) as unknown);
