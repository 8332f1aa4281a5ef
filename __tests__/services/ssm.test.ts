import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type Cloud, startCloud } from '../../rehearsal/cloud.ts';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
afterAll(async () => {
  await cloud.stop();
});

const put = (Name: string, Value: string, more: object = {}) =>
  cloud.call('ssm', 'PutParameter', { Name, Value, Type: 'String', ...more });
const read = async (Name: string, WithDecryption?: boolean) =>
  (await cloud.call('ssm', 'GetParameter', { Name, WithDecryption })).Parameter;

describe('a parameter', () => {
  it('is overwritten only when asked, and keeps its versions', async () => {
    await put('/app/url', 'one');
    await expect(put('/app/url', 'two')).rejects.toMatchObject({ code: 'ParameterAlreadyExists' });

    const { Version } = await put('/app/url', 'two', { Overwrite: true });

    expect(Version).toBe(2);
    expect(await read('/app/url:1')).toMatchObject({ Value: 'one', Selector: ':1' });
    await expect(read('/app/url:9')).rejects.toMatchObject({ code: 'ParameterVersionNotFound' });
  });

  it('that is missing is refused by name over the wire', async () => {
    const client = new SSMClient({ region: 'eu-west-1', endpoint: cloud.endpoint, credentials: cloud.operator });

    const missing = client.send(new GetParameterCommand({ Name: '/none' }));

    await expect(missing).rejects.toMatchObject({ name: 'ParameterNotFound', $metadata: { httpStatusCode: 400 } });
    client.destroy();
  });

  it('answers under a label, which is on one version at a time', async () => {
    await put('/app/labelled', 'one');
    await put('/app/labelled', 'two', { Overwrite: true });
    await cloud.call('ssm', 'LabelParameterVersion', { Name: '/app/labelled', ParameterVersion: 1, Labels: ['live'] });
    const before = await read('/app/labelled:live');

    const answer = await cloud.call('ssm', 'LabelParameterVersion', { Name: '/app/labelled', Labels: ['live', '1bad'] });

    expect([before?.Value, (await read('/app/labelled:live'))?.Value]).toEqual(['one', 'two']);
    expect(answer).toEqual({ InvalidLabels: ['1bad'], ParameterVersion: 2 });
  });

  it('that is secure shows its value only decrypted, and only with its key', async () => {
    const { KeyMetadata } = await cloud.call('kms', 'CreateKey', {});
    await put('/app/secret', 'hunter2', { Type: 'SecureString', KeyId: KeyMetadata?.KeyId });

    const sealed = await read('/app/secret');
    const opened = await read('/app/secret', true);
    await cloud.call('kms', 'DisableKey', { KeyId: KeyMetadata?.KeyId ?? '' });

    expect(sealed?.Value).not.toContain('hunter2');
    expect(opened?.Value).toBe('hunter2');
    await expect(read('/app/secret', true)).rejects.toMatchObject({ code: 'InvalidKeyId' });
  });

  it('is held to its pattern, its size and its name', async () => {
    await expect(put('/app/port', 'abc', { AllowedPattern: '\\d+' })).rejects.toMatchObject({
      code: 'ParameterPatternMismatchException',
    });
    await expect(put('/app/big', 'x'.repeat(4097))).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(put('/app/big', 'x'.repeat(4097), { Tier: 'Advanced' })).resolves.toMatchObject({ Tier: 'Advanced' });
    await expect(put('/aws/mine', 'x')).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(put('a/b', 'x')).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(put(`/${'a/'.repeat(15)}b`, 'x')).rejects.toMatchObject({ code: 'HierarchyLevelLimitExceededException' });
  });
});

describe('a hierarchy', () => {
  it('is read one level or all the way down, ten at a time', async () => {
    for (let i = 10; i < 22; i++) await put(`/tree/${String(i)}`, 'x');
    await put('/tree/deep/leaf', 'x');

    const first = await cloud.call('ssm', 'GetParametersByPath', { Path: '/tree', Recursive: true });
    const rest = await cloud.call('ssm', 'GetParametersByPath', { Path: '/tree', Recursive: true, NextToken: first.NextToken });
    const flat = await cloud.call('ssm', 'GetParametersByPath', { Path: '/tree/deep' });

    expect([first.Parameters?.length, rest.Parameters?.length, flat.Parameters?.length]).toEqual([10, 3, 1]);
    await expect(cloud.call('ssm', 'GetParametersByPath', { Path: '/tree', NextToken: 'made-up' })).rejects.toMatchObject({
      code: 'InvalidNextToken',
    });
  });

  it('tells which of the names asked for do not exist', async () => {
    await put('known', 'x');

    const answer = await cloud.call('ssm', 'GetParameters', { Names: ['known', 'unknown'] });
    const deleted = await cloud.call('ssm', 'DeleteParameters', { Names: ['known', 'unknown'] });

    expect([answer.Parameters?.length, answer.InvalidParameters]).toEqual([1, ['unknown']]);
    expect(deleted).toEqual({ DeletedParameters: ['known'], InvalidParameters: ['unknown'] });
  });
});
