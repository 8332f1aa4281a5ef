import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { BusEvent } from '../../rehearsal/services/ground.ts';
import { allow, functionArn, machineArn, openScene, REGION, type Scene } from './states-scene.ts';

let scene: Scene;
let keyArn: string;
beforeEach(async () => {
  scene = await openScene();
  const { KeyMetadata } = await scene.cloud.call('kms', 'CreateKey', {});
  keyArn = KeyMetadata?.Arn ?? '';
});
afterEach(() => scene.stop());

const hour = { Wait: { Type: 'Wait', Seconds: 3600, End: true } };
const encrypted = (kmsKeyId: string) => ({
  encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY' as const, kmsKeyId, kmsDataKeyReusePeriodSeconds: 300 },
});
const mayUse = (machine: string) => ({
  ...allow(['kms:GenerateDataKey', 'kms:Decrypt'], keyArn),
  Condition: { StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': machineArn(machine) } },
});

describe('a machine with its own key', () => {
  it('runs when its role may use the key for this machine, and keeps its data out of the events', async () => {
    const heard: BusEvent[] = [];
    scene.cloud.ground.onEmit((event) => heard.push(event));
    const roleArn = await scene.role('keyed', [mayUse('vault')]);
    const machine = await scene.machine(
      'vault',
      { Fail: { Type: 'Fail', Error: 'PlanRefused' } },
      { ...encrypted(keyArn), roleArn },
    );

    const ended = await scene.run(machine, { secret: 1 });

    expect(ended).toMatchObject({ status: 'FAILED', error: 'PlanRefused', input: '{"secret":1}' });
    expect(heard[1]?.detail).toMatchObject({ status: 'FAILED', input: null, inputDetails: { included: false }, error: null });
  });

  it('starts nothing when its role may use the key only for another machine', async () => {
    const roleArn = await scene.role('keyed', [mayUse('other')]);
    const machine = await scene.machine('vault', hour, { ...encrypted(keyArn), roleArn });

    const started = scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine }));

    await expect(started).rejects.toMatchObject({ name: 'KmsAccessDeniedException' });
  });

  it('starts nothing while the key is disabled, and can still be stopped without words', async () => {
    const roleArn = await scene.role('keyed', [mayUse('vault')]);
    const machine = await scene.machine('vault', hour, { ...encrypted(keyArn), roleArn });
    const { executionArn } = await scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine }));
    await scene.cloud.call('kms', 'DisableKey', { KeyId: keyArn });
    await scene.cloud.timeline.passTo(scene.cloud.timeline.now() + 301_000);

    const started = scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine }));
    await expect(started).rejects.toMatchObject({ name: 'KmsInvalidStateException', kmsKeyState: 'DISABLED' });
    const wordy = scene.sfn.send(new StopExecutionCommand({ executionArn, cause: 'enough' }));
    await expect(wordy).rejects.toMatchObject({ name: 'KmsInvalidStateException' });

    const { stopDate } = await scene.sfn.send(new StopExecutionCommand({ executionArn }));

    expect(stopDate).toBeInstanceOf(Date);
  });

  it('takes no answer to a token while the key is disabled, and takes it when the key is back', async () => {
    const given = new Promise<string>((resolve) => {
      scene.functions.set('ask', (event) => (resolve((event as { token: string }).token), {}));
    });
    const roleArn = await scene.role('keyed', [mayUse('vault'), allow('lambda:InvokeFunction', functionArn('ask'))]);
    const Payload = { token: '{% $states.context.Task.Token %}' };
    const ask = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: functionArn('ask'), Payload },
      TimeoutSeconds: 3600,
      End: true,
    };
    const machine = await scene.machine('vault', { Ask: ask }, { ...encrypted(keyArn), roleArn });
    const { executionArn = '' } = await scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine }));
    const answer = async () => scene.sfn.send(new SendTaskSuccessCommand({ taskToken: await given, output: '{}' }));
    await given;
    await scene.cloud.call('kms', 'DisableKey', { KeyId: keyArn });
    await scene.cloud.timeline.passTo(scene.cloud.timeline.now() + 301_000);

    await expect(answer()).rejects.toMatchObject({ name: 'KmsInvalidStateException' });
    await scene.cloud.call('kms', 'EnableKey', { KeyId: keyArn });
    await answer();
    await scene.settled(executionArn);

    const ended = await scene.sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(ended.status).toBe('SUCCEEDED');
  });

  it('is read by those who may decrypt; others see only that it is there', async () => {
    const roleArn = await scene.role('keyed', [mayUse('vault')]);
    const machine = await scene.machine('vault', hour, { ...encrypted(keyArn), roleArn });
    const { executionArn } = await scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine, input: '{"a":1}' }));
    await scene.role('reader', [allow('states:Describe*', '*')], 'lambda.amazonaws.com');
    const keys = scene.cloud.ground.issueKeys(() =>
      scene.cloud.ground.assume('arn:aws:iam::123456789012:role/reader', 'lambda.amazonaws.com', 'test'),
    );
    const reader = new SFNClient({ endpoint: scene.cloud.endpoint, region: REGION, credentials: keys, maxAttempts: 1 });

    const whole = reader.send(new DescribeExecutionCommand({ executionArn }));
    await expect(whole).rejects.toMatchObject({ name: 'KmsAccessDeniedException' });
    const outline = await reader.send(new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }));
    const described = await reader.send(
      new DescribeStateMachineCommand({ stateMachineArn: machine, includedData: 'METADATA_ONLY' }),
    );

    expect(outline).toMatchObject({ status: 'RUNNING', inputDetails: { included: false } });
    expect([outline.input, described.definition]).toEqual([undefined, undefined]);
  });

  it.each([
    ['no key', { type: 'CUSTOMER_MANAGED_KMS_KEY' as const }],
    ['too short a period', { type: 'CUSTOMER_MANAGED_KMS_KEY' as const, kmsKeyId: 'alias/x', kmsDataKeyReusePeriodSeconds: 30 }],
    ['a key that does not exist', { type: 'CUSTOMER_MANAGED_KMS_KEY' as const, kmsKeyId: 'alias/absent' }],
    ["a key beside AWS's own", { type: 'AWS_OWNED_KEY' as const, kmsKeyId: 'alias/x' }],
  ])('is not made with %s', async (_said, encryptionConfiguration) => {
    const made = scene.machine('vault', hour, { encryptionConfiguration });

    await expect(made).rejects.toMatchObject({ name: 'InvalidEncryptionConfiguration' });
  });
});
