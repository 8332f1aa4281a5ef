import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { type Cloud, startCloud } from '../../rehearsal/cloud.ts';
import type { Caller } from '../../rehearsal/iam/ask.ts';

const DAY = 86_400_000;
let cloud: Cloud;
let kms: KMSClient;

beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
  kms = new KMSClient({ region: 'eu-west-1', endpoint: cloud.endpoint, credentials: cloud.operator, maxAttempts: 1 });
});
afterAll(async () => {
  kms.destroy();
  await cloud.stop();
});

async function makeKey(Policy?: object): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(Policy ? { Policy: JSON.stringify(Policy) } : {}));
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' };
}

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

const plaintext = Buffer.from('secret');

describe('ciphertexts', () => {
  it('open only under the context they were made with', async () => {
    const { id, arn } = await makeKey();
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: id, Plaintext: plaintext, EncryptionContext: { a: '1', b: '2' } }),
    );

    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { b: '2', a: '1' } }));

    expect([Buffer.from(opened.Plaintext ?? []).toString(), opened.KeyId]).toEqual(['secret', arn]);
    await expect(cloud.call('kms', 'Decrypt', { CiphertextBlob, EncryptionContext: { a: '1' } })).rejects.toMatchObject({
      code: 'InvalidCiphertextException',
    });
  });

  it('move to another key, and name the one they are under', async () => {
    const first = await makeKey();
    const second = await makeKey();
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: first.id, Plaintext: plaintext }));

    const moved = await kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: second.id }));

    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, KeyId: second.id }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('secret');
    await expect(kms.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, KeyId: first.id }))).rejects.toMatchObject({
      name: 'IncorrectKeyException',
    });
  });

  it('of data keys open to the same data key', async () => {
    const { id } = await makeKey();

    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' }));

    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(opened.Plaintext).toEqual(made.Plaintext);
    expect(made.Plaintext).toHaveLength(32);
  });
});

describe('keys', () => {
  it('refuse use while disabled and while their deletion is pending, and are gone afterwards', async () => {
    const { id } = await makeKey();
    const use = (): Promise<unknown> => cloud.call('kms', 'Encrypt', { KeyId: id, Plaintext: plaintext });

    await kms.send(new DisableKeyCommand({ KeyId: id }));
    await expect(use()).rejects.toMatchObject({ code: 'DisabledException' });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
    await expect(use()).rejects.toMatchObject({ code: 'KMSInvalidStateException' });
    await cloud.timeline.passTo(cloud.timeline.now() + 8 * DAY);

    await expect(cloud.call('kms', 'DescribeKey', { KeyId: id })).rejects.toMatchObject({ code: 'NotFoundException' });
  });

  it('come back disabled when their deletion is called off', async () => {
    const { id } = await makeKey();
    await cloud.call('kms', 'ScheduleKeyDeletion', { KeyId: id });

    await cloud.call('kms', 'CancelKeyDeletion', { KeyId: id });

    const { KeyMetadata } = await cloud.call('kms', 'DescribeKey', { KeyId: id });
    expect(KeyMetadata?.KeyState).toBe('Disabled');
    await expect(cloud.call('kms', 'CancelKeyDeletion', { KeyId: id })).rejects.toMatchObject({
      code: 'KMSInvalidStateException',
    });
  });

  it('are found by alias, by ARN, and not in another Region', async () => {
    const { id, arn } = await makeKey();
    await cloud.call('kms', 'CreateAlias', { AliasName: 'alias/ledger', TargetKeyId: id });

    const byAlias = await cloud.call('kms', 'DescribeKey', { KeyId: 'alias/ledger' });

    expect(byAlias.KeyMetadata?.Arn).toBe(arn);
    await expect(cloud.call('kms', 'DescribeKey', { KeyId: arn }, 'us-west-2')).rejects.toMatchObject({
      code: 'NotFoundException',
    });
    await expect(cloud.call('kms', 'CreateAlias', { AliasName: 'alias/ledger', TargetKeyId: id })).rejects.toMatchObject({
      code: 'AlreadyExistsException',
    });
  });

  it('are listed page by page, with markers of our making only', async () => {
    await makeKey();
    await makeKey();

    const page = await cloud.call('kms', 'ListKeys', { Limit: 1 });

    expect([page.Keys?.length, page.Truncated]).toEqual([1, true]);
    await expect(cloud.call('kms', 'ListKeys', { Marker: 'made-up' })).rejects.toMatchObject({ code: 'InvalidMarkerException' });
  });
});

describe('permission to use a key', () => {
  const only = (principal: string): object => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: principal }, Action: 'kms:*', Resource: '*' }],
  });

  it('comes from the key policy, which may leave it to IAM', async () => {
    const user = await makeRole('user', ['kms:*']);
    const delegating = await makeKey();
    const closed = await makeKey(only(`arn:aws:iam::${cloud.account}:user/operator`));
    const encrypt = (KeyId: string) => cloud.ground.call(user, 'kms', 'Encrypt', { KeyId, Plaintext: plaintext });

    await expect(encrypt(delegating.id)).resolves.toMatchObject({ KeyId: delegating.arn });
    await expect(encrypt(closed.id)).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('no resource-based policy allows the kms:Encrypt action'),
    });
  });

  it('comes from a grant until it is revoked', async () => {
    const guest = await makeRole('guest', ['s3:GetObject']);
    const { id } = await makeKey();
    const encrypt = () => cloud.ground.call(guest, 'kms', 'Encrypt', { KeyId: id, Plaintext: plaintext });
    await expect(encrypt()).rejects.toMatchObject({ code: 'AccessDeniedException' });

    const grant = { KeyId: id, GranteePrincipal: `arn:aws:iam::${cloud.account}:role/guest`, Operations: ['Encrypt' as const] };
    const { GrantId } = await cloud.call('kms', 'CreateGrant', grant);

    await expect(encrypt()).resolves.toBeDefined();
    await cloud.call('kms', 'RevokeGrant', { KeyId: id, GrantId });
    await expect(encrypt()).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  it('cannot be given away by its last holder', async () => {
    const { id } = await makeKey();
    const Policy = JSON.stringify(only(`arn:aws:iam::${cloud.account}:role/nobody`));

    const locked = cloud.call('kms', 'PutKeyPolicy', { KeyId: id, Policy });

    await expect(locked).rejects.toMatchObject({ code: 'MalformedPolicyDocumentException' });
  });

  it('of a service’s own key is only given through the service', async () => {
    const { KeyMetadata } = await cloud.call('kms', 'DescribeKey', { KeyId: 'alias/aws/s3' });

    const direct = cloud.call('kms', 'Encrypt', { KeyId: 'alias/aws/s3', Plaintext: plaintext });

    expect(KeyMetadata?.KeyManager).toBe('AWS');
    await expect(direct).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });
});
