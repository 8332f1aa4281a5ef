// A version as Lambda describes it, with its state at this instant, and the role it may wear.
import { createHash } from 'node:crypto';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Caller } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import type { LambdaFunction, Settings, Version } from './catalog.ts';
import { conflict, invalid } from './refusals.ts';
import { shownSettings } from './settings.ts';

export const stateOf = (version: Version, now: number): 'Pending' | 'Active' => (now < version.activeAt ? 'Pending' : 'Active');

/** The form in which Lambda writes LastModified. */
const written = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** What the list of all functions tells of each: nothing of its state, and not which build of the runtime it has. */
export function summarize(fn: LambdaFunction, version: Version, qualified: boolean): FunctionConfiguration {
  const { settings, code } = version;
  return {
    FunctionName: fn.name,
    FunctionArn: qualified ? `${fn.arn}:${version.number}` : fn.arn,
    Version: version.number,
    ...shownSettings(settings),
    CodeSize: code.zip.length,
    CodeSha256: code.sha256,
    LastModified: written(version.modified),
    RevisionId: version.revisionId,
    PackageType: 'Zip',
    Architectures: [code.architecture],
  };
}

export function describe(fn: LambdaFunction, version: Version, now: number, qualified: boolean): FunctionConfiguration {
  const pending = stateOf(version, now) === 'Pending';
  const runtimeHash = createHash('sha256').update(version.settings.runtime).digest('hex');
  return {
    ...summarize(fn, version, qualified),
    RuntimeVersionConfig: { RuntimeVersionArn: `arn:aws:lambda:${fn.region}::runtime:${runtimeHash}` },
    State: pending ? 'Pending' : 'Active',
    ...(pending && { StateReason: 'The function is being created.', StateReasonCode: 'Creating' as const }),
    ...(!pending && { LastUpdateStatus: now < version.updatedAt ? ('InProgress' as const) : ('Successful' as const) }),
    ...(!pending &&
      now < version.updatedAt && {
        LastUpdateStatusReason: 'The function is being created.',
        LastUpdateStatusReasonCode: 'Creating' as FunctionConfiguration['LastUpdateStatusReasonCode'],
      }),
  };
}

/** Lambda changes nothing while an earlier change is under way. */
export function requireSettled(fn: LambdaFunction, now: number): void {
  if (stateOf(fn.latest, now) === 'Pending') {
    throw conflict('The operation cannot be performed at this time. The function is currently in the following state: Pending');
  }
  if (now < fn.latest.updatedAt) {
    throw conflict(`The operation cannot be performed at this time. An update is in progress for resource: ${fn.arn}`);
  }
}

/** The permissions Lambda looks for in a role before it accepts a configuration that needs them. */
const NEEDS: readonly { when: (s: Settings) => boolean; action: string; resource: (s: Settings) => string; words: string }[] = [
  {
    when: (s) => s.subnets.length > 0,
    action: 'ec2:CreateNetworkInterface',
    resource: () => '*',
    words: 'CreateNetworkInterface on EC2',
  },
  {
    when: (s) => s.subnets.length > 0,
    action: 'ec2:DescribeNetworkInterfaces',
    resource: () => '*',
    words: 'DescribeNetworkInterfaces on EC2',
  },
  {
    when: (s) => s.subnets.length > 0,
    action: 'ec2:DeleteNetworkInterface',
    resource: () => '*',
    words: 'DeleteNetworkInterface on EC2',
  },
  {
    when: (s) => s.tracing === 'Active',
    action: 'xray:PutTraceSegments',
    resource: () => '*',
    words: 'PutTraceSegments on XRAY',
  },
  {
    when: (s) => s.deadLetter !== undefined,
    action: 'sns:Publish',
    resource: (s) => s.deadLetter ?? '*',
    words: 'Publish on SNS',
  },
];

export function checkRole(ground: Ground, name: string, settings: Settings, region: string): void {
  const role = wear(ground, name, settings.role);
  for (const { when, action, resource, words } of NEEDS) {
    if (!when(settings) || ground.allows(role, { action, resource: resource(settings) }, region)) continue;
    throw invalid(`The provided execution role does not have permissions to call ${words}`);
  }
}

function wear(ground: Ground, name: string, role: string): Caller {
  try {
    return ground.assume(role, 'lambda.amazonaws.com', name);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid('The role defined for the function cannot be assumed by Lambda.');
  }
}
