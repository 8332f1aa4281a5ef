import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Cloud, startCloud } from '../../rehearsal/cloud.ts';

const account = '123456789012';
const trusting = (principal: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }] });
const byLambda = trusting({ Service: 'lambda.amazonaws.com' });
const byAccount = trusting({ AWS: `arn:aws:iam::${account}:root` });
const allowing = (action: string | string[], resource = '*'): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] });
const basicExecution = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

let cloud: Cloud;
const connection = () => ({ endpoint: cloud.endpoint, region: 'eu-west-1', maxAttempts: 1, credentials: cloud.operator });
const iam = (): IAMClient => new IAMClient(connection());
const sts = (): STSClient => new STSClient(connection());

beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: Date.UTC(2026, 0, 1) });
});
beforeEach(() => cloud.reset());
afterAll(() => cloud.stop());

const createRole = (name: string, trust = byLambda) =>
  iam().send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));

describe('a role', () => {
  it('is found as it was made, with its trust policy percent-encoded', async () => {
    await iam().send(
      new CreateRoleCommand({
        RoleName: 'swap-names',
        Path: '/app/',
        AssumeRolePolicyDocument: byLambda,
        Description: 'moves the names',
        Tags: [{ Key: 'app', Value: 'shop' }],
      }),
    );

    const { Role: role } = await iam().send(new GetRoleCommand({ RoleName: 'swap-names' }));

    expect(role).toMatchObject({
      Arn: `arn:aws:iam::${account}:role/app/swap-names`,
      Path: '/app/',
      MaxSessionDuration: 3600,
      Tags: [{ Key: 'app', Value: 'shop' }],
    });
    expect(role?.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(decodeURIComponent(role?.AssumeRolePolicyDocument ?? '')).toBe(byLambda);
  });

  it('is refused a second time, in any case of its name', async () => {
    await createRole('swap-names');

    await expect(createRole('Swap-Names')).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
  });

  it('is refused a name with a blank in it', async () => {
    await expect(createRole('swap names')).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('is refused when it would trust a role that is not there', async () => {
    const trust = trusting({ AWS: `arn:aws:iam::${account}:role/nobody` });

    await expect(createRole('swap-names', trust)).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: `Invalid principal in policy: "AWS":"arn:aws:iam::${account}:role/nobody"`,
    });
  });

  it('is refused by name a permissions boundary, which is not imitated', async () => {
    const made = iam().send(
      new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: byLambda, PermissionsBoundary: basicExecution }),
    );

    await expect(made).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('is deleted only once nothing hangs on it', async () => {
    await createRole('r');
    await iam().send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: allowing('s3:GetObject') }));
    await iam().send(new AttachRolePolicyCommand({ RoleName: 'r', PolicyArn: basicExecution }));
    const remove = () => iam().send(new DeleteRoleCommand({ RoleName: 'r' }));

    await expect(remove()).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: expect.stringContaining('detach all') as unknown,
    });
    await iam().send(new DetachRolePolicyCommand({ RoleName: 'r', PolicyArn: basicExecution }));
    await expect(remove()).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: expect.stringContaining('delete policies') as unknown,
    });
    await iam().send(new DeleteRolePolicyCommand({ RoleName: 'r', PolicyName: 'p' }));
    await remove();

    await expect(iam().send(new GetRoleCommand({ RoleName: 'r' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role with name r cannot be found.',
    });
    expect(cloud.inventory().iam).toEqual({});
  });

  it('is listed page by page, and no marker but one handed out is taken', async () => {
    for (const name of ['a', 'b', 'c']) await createRole(name);

    const first = await iam().send(new ListRolesCommand({ MaxItems: 2 }));
    const second = await iam().send(new ListRolesCommand({ MaxItems: 2, Marker: first.Marker }));

    expect([first.Roles, second.Roles].map((roles) => roles?.map((role) => role.RoleName))).toEqual([['a', 'b'], ['c']]);
    expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false]);
    await expect(iam().send(new ListRolesCommand({ Marker: 'invented' }))).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('a policy in a role', () => {
  it('is given back as it was written', async () => {
    const text = allowing('s3:GetObject', 'arn:aws:s3:::b/a (1)*');
    await createRole('r');
    await iam().send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: text }));

    const { PolicyDocument: document } = await iam().send(new GetRolePolicyCommand({ RoleName: 'r', PolicyName: 'p' }));

    expect(decodeURIComponent(document ?? '')).toBe(text);
  });

  it('does not load with a condition nobody can evaluate', async () => {
    await createRole('r');
    const statement = {
      Effect: 'Allow',
      Action: 's3:*',
      Resource: '*',
      Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    };
    const document = JSON.stringify({ Version: '2012-10-17', Statement: statement });

    const put = iam().send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: document }));

    await expect(put).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: expect.stringContaining('aws:SourceIp') as unknown,
    });
  });

  it('may not grow beyond what AWS holds', async () => {
    await createRole('r');
    const long = allowing(Array.from({ length: 600 }, (_, i) => `s3:GetObject${'x'.repeat(8)}${i}`));

    const put = iam().send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: long }));

    await expect(put).rejects.toMatchObject({ name: 'LimitExceededException' });
  });
});

describe('a managed policy', () => {
  it('of AWS stands, is attached, and cannot be changed', async () => {
    await createRole('r');
    await iam().send(new AttachRolePolicyCommand({ RoleName: 'r', PolicyArn: basicExecution }));

    const { AttachedPolicies: attached } = await iam().send(new ListAttachedRolePoliciesCommand({ RoleName: 'r' }));
    const { Policies: policies } = await iam().send(new ListPoliciesCommand({ Scope: 'AWS', OnlyAttached: true }));

    expect(attached).toEqual([{ PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: basicExecution }]);
    expect(policies).toMatchObject([{ AttachmentCount: 1, DefaultVersionId: 'v1' }]);
    await expect(iam().send(new DeletePolicyCommand({ PolicyArn: basicExecution }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('takes effect in its default version', async () => {
    await createRole('r', byAccount);
    const { Policy: policy } = await iam().send(
      new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: allowing('iam:ListUsers') }),
    );
    const arn = policy?.Arn ?? '';
    await iam().send(new AttachRolePolicyCommand({ RoleName: 'r', PolicyArn: arn }));
    await iam().send(
      new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: allowing('iam:ListRoles'), SetAsDefault: true }),
    );

    const worn = new IAMClient({ ...connection(), credentials: await assumed('r') });
    const { PolicyVersion: version } = await iam().send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: 'v2' }));

    await expect(worn.send(new ListRolesCommand({}))).resolves.toMatchObject({ Roles: [{ RoleName: 'r' }] });
    expect(version?.IsDefaultVersion).toBe(true);
  });
});

async function assumed(name: string, seconds = 900) {
  const { Credentials: keys } = await sts().send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${account}:role/${name}`,
      RoleSessionName: 'tester',
      DurationSeconds: seconds,
    }),
  );
  return {
    accessKeyId: keys?.AccessKeyId ?? '',
    secretAccessKey: keys?.SecretAccessKey ?? '',
    sessionToken: keys?.SessionToken ?? '',
  };
}

describe('a session of a role', () => {
  it('is its role and its name, and may only what the role may', async () => {
    await createRole('r', byAccount);
    const credentials = await assumed('r');

    const who = await new STSClient({ ...connection(), credentials }).send(new GetCallerIdentityCommand({}));
    const denied = new IAMClient({ ...connection(), credentials }).send(new GetRoleCommand({ RoleName: 'r' }));

    expect(who).toMatchObject({ Account: account, Arn: `arn:aws:sts::${account}:assumed-role/r/tester` });
    expect(who.UserId).toMatch(/^AROA[A-Z2-7]{17}:tester$/);
    await expect(denied).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:sts::${account}:assumed-role/r/tester is not authorized to perform: iam:GetRole on resource: arn:aws:iam::${account}:role/r because no identity-based policy allows the iam:GetRole action`,
    });
  });

  it('ends on the timeline', async () => {
    await createRole('r', byAccount);
    const credentials = await assumed('r');

    await cloud.timeline.passTo(cloud.timeline.now() + 901_000);

    const who = new STSClient({ ...connection(), credentials }).send(new GetCallerIdentityCommand({}));
    await expect(who).rejects.toMatchObject({ name: expect.stringMatching(/^ExpiredToken/) as unknown });
  });

  it('is refused where the trust policy names somebody else', async () => {
    await createRole('r');

    await expect(assumed('r')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:iam::${account}:user/operator is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${account}:role/r`,
    });
  });

  it('may not last longer than its role allows', async () => {
    await createRole('r', byAccount);

    await expect(assumed('r', 7200)).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('is refused for what is wrong with the request before anybody is asked whether it may be', async () => {
    await createRole('r');
    const misspelt = new AssumeRoleCommand({ RoleArn: 'the-role-of-the-reporter', RoleSessionName: 'tester' });

    await expect(assumed('r', 43_201)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('less than or equal to 43200') as unknown,
    });
    await expect(sts().send(misspelt)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'the-role-of-the-reporter is invalid',
    });
  });

  it('is refused as soon as the trust is withdrawn', async () => {
    await createRole('r', byAccount);
    await iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: 'r', PolicyDocument: byLambda }));

    await expect(assumed('r')).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('the simulator', () => {
  it('says what the judge would say', async () => {
    await createRole('r');
    const statements = [
      { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::ledger/*' },
      { Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' },
    ];
    const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await iam().send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: document }));

    const { EvaluationResults: results } = await iam().send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: `arn:aws:iam::${account}:role/r`,
        ActionNames: ['s3:GetObject', 's3:DeleteObject', 'rds:DeleteDBInstance'],
        ResourceArns: ['arn:aws:s3:::ledger/x'],
      }),
    );

    expect(results?.map((result) => result.EvalDecision)).toEqual(['allowed', 'explicitDeny', 'implicitDeny']);
  });

  it('leaves no trace in the usage of the policies', async () => {
    await createRole('r');
    await iam().send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: allowing('s3:GetObject') }));

    await iam().send(
      new SimulatePrincipalPolicyCommand({ PolicySourceArn: `arn:aws:iam::${account}:role/r`, ActionNames: ['s3:GetObject'] }),
    );

    expect(cloud.usage()).toMatchObject([{ role: 'r', policy: 'p', decided: 0 }]);
  });
});

describe('tags', () => {
  it('may not begin with aws:', async () => {
    await createRole('r');

    const tag = iam().send(new TagRoleCommand({ RoleName: 'r', Tags: [{ Key: 'aws:app', Value: 'x' }] }));

    await expect(tag).rejects.toMatchObject({ name: 'InvalidInputException' });
  });
});

describe('the person at the keyboard', () => {
  it('is one user to IAM and to STS', async () => {
    const { User: user } = await iam().send(new GetUserCommand({}));
    const who = await sts().send(new GetCallerIdentityCommand({}));

    expect(who).toMatchObject({ Arn: user?.Arn, UserId: user?.UserId });
  });
});
