import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Cloud, startCloud } from '../../rehearsal/cloud.ts';
import type { Caller } from '../../rehearsal/iam/ask.ts';

const DAY = 86_400_000;
let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
afterAll(async () => {
  await cloud.stop();
});

async function makeRole(name: string, actions: string[]): Promise<Caller> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
  await cloud.call('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
  await cloud.call('iam', 'PutRolePolicy', { RoleName: name, PolicyName: 'p', PolicyDocument: JSON.stringify(policy) });
  return cloud.ground.assume(`arn:aws:iam::${cloud.account}:role/${name}`, 'lambda.amazonaws.com', 'test');
}

const make = (Name: string, SecretString: string, more: object = {}) =>
  cloud.call('secretsmanager', 'CreateSecret', { Name, SecretString, ...more });
const read = (SecretId: string, more: object = {}) => cloud.call('secretsmanager', 'GetSecretValue', { SecretId, ...more });

describe('a secret', () => {
  it('is found by name, by ARN and by ARN without its suffix, over the wire too', async () => {
    const { ARN = '' } = await make('db/primary', 'hunter2');
    const client = new SecretsManagerClient({ region: 'eu-west-1', endpoint: cloud.endpoint, credentials: cloud.operator });

    const answer = await client.send(new GetSecretValueCommand({ SecretId: ARN.slice(0, -7) }));

    expect(answer).toMatchObject({ ARN, Name: 'db/primary', SecretString: 'hunter2', VersionStages: ['AWSCURRENT'] });
    expect(ARN).toMatch(/:secret:db\/primary-\w{6}$/);
    await expect(client.send(new GetSecretValueCommand({ SecretId: 'db/none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
    client.destroy();
  });

  it('keeps its former value as AWSPREVIOUS, and can be turned back', async () => {
    const first = await make('turned', 'one');
    const second = await cloud.call('secretsmanager', 'PutSecretValue', { SecretId: 'turned', SecretString: 'two' });
    const previous = await read('turned', { VersionStage: 'AWSPREVIOUS' });

    await cloud.call('secretsmanager', 'UpdateSecretVersionStage', {
      SecretId: 'turned',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: first.VersionId,
      RemoveFromVersionId: second.VersionId,
    });

    expect(previous).toMatchObject({ SecretString: 'one', VersionId: first.VersionId });
    expect(await read('turned')).toMatchObject({ SecretString: 'one' });
    expect(await read('turned', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'two' });
  });

  it('takes the same request twice, and no other under its token', async () => {
    const ClientRequestToken = 'a'.repeat(32);
    await make('token', 'one', { ClientRequestToken });

    await expect(make('token', 'one', { ClientRequestToken })).resolves.toMatchObject({ VersionId: ClientRequestToken });
    await expect(make('token', 'two', { ClientRequestToken })).rejects.toMatchObject({ code: 'ResourceExistsException' });
    await expect(make('token', 'one')).rejects.toMatchObject({ code: 'ResourceExistsException' });
  });

  it('is closed while it waits for its deletion, restorable, and gone afterwards', async () => {
    await make('doomed', 'x');
    await cloud.call('secretsmanager', 'DeleteSecret', { SecretId: 'doomed', RecoveryWindowInDays: 7 });
    await expect(read('doomed')).rejects.toMatchObject({ code: 'InvalidRequestException' });
    await expect(make('doomed', 'y')).rejects.toMatchObject({ code: 'InvalidRequestException' });

    await cloud.call('secretsmanager', 'RestoreSecret', { SecretId: 'doomed' });
    await expect(read('doomed')).resolves.toMatchObject({ SecretString: 'x' });
    await cloud.call('secretsmanager', 'DeleteSecret', { SecretId: 'doomed' });
    await cloud.timeline.passTo(cloud.timeline.now() + 31 * DAY);

    await expect(read('doomed')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  it('is closed to who may read it but not use its key', async () => {
    const { KeyMetadata } = await cloud.call('kms', 'CreateKey', {});
    await make('keyed', 'x', { KmsKeyId: KeyMetadata?.KeyId });
    const reader = await makeRole('reader', ['secretsmanager:GetSecretValue']);
    const holder = await makeRole('holder', ['secretsmanager:GetSecretValue', 'kms:Decrypt']);
    const as = (caller: Caller) => cloud.ground.call(caller, 'secretsmanager', 'GetSecretValue', { SecretId: 'keyed' });

    await expect(as(reader)).rejects.toMatchObject({ code: 'AccessDeniedException', message: 'Access to KMS is not allowed' });
    await expect(as(holder)).resolves.toMatchObject({ SecretString: 'x' });
  });

  it('never shows its value in the inventory', async () => {
    await make('quiet', 'do-not-print-me');

    const inventory = JSON.stringify(cloud.inventory());

    expect(inventory).toContain('secret:quiet-');
    expect(inventory).not.toContain('do-not-print-me');
  });
});

describe('secrets', () => {
  it('are listed by filter and page by page', async () => {
    for (const name of ['list/a', 'list/b', 'list/c']) await make(name, name);
    const Filters = [{ Key: 'name' as const, Values: ['list/'] }];

    const first = await cloud.call('secretsmanager', 'ListSecrets', { Filters, MaxResults: 2, SortOrder: 'asc' });
    const rest = await cloud.call('secretsmanager', 'ListSecrets', {
      Filters,
      MaxResults: 2,
      SortOrder: 'asc',
      NextToken: first.NextToken,
    });

    expect([...(first.SecretList ?? []), ...(rest.SecretList ?? [])].map(({ Name }) => Name)).toEqual([
      'list/a',
      'list/b',
      'list/c',
    ]);
    await expect(cloud.call('secretsmanager', 'ListSecrets', { NextToken: 'made-up' })).rejects.toMatchObject({
      code: 'InvalidNextTokenException',
    });
  });

  it('are read together, each refusal beside the values', async () => {
    await make('batch', 'x');

    const answer = await cloud.call('secretsmanager', 'BatchGetSecretValue', { SecretIdList: ['batch', 'none'] });

    expect(answer.SecretValues).toMatchObject([{ Name: 'batch', SecretString: 'x' }]);
    expect(answer.Errors).toMatchObject([{ SecretId: 'none', ErrorCode: 'ResourceNotFoundException' }]);
  });

  it('can be made of random characters of the kinds asked for', async () => {
    const { RandomPassword } = await cloud.call('secretsmanager', 'GetRandomPassword', {
      PasswordLength: 20,
      ExcludePunctuation: true,
    });

    expect(RandomPassword).toMatch(/^[A-Za-z0-9]{20}$/);
  });
});
