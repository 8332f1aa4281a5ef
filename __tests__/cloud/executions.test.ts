import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { awsExecutions } from '../../shared/cloud/aws/executions.ts';
import { executionArn, openScene, type Scene } from '../services/states-scene.ts';
import { standOn } from './on-aws.ts';

let scene: Scene;
let restore: () => void;
beforeEach(async () => {
  scene = await openScene();
  restore = standOn(scene.cloud);
});
afterEach(async () => {
  restore();
  await scene.stop();
});

async function start(): Promise<string> {
  const stateMachineArn = await scene.machine('sync', {
    Wait: { Type: 'Wait', Seconds: 86_400, Next: 'Done' },
    Done: { Type: 'Succeed' },
  });
  return (await scene.sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'one' }))).executionArn ?? '';
}

describe('an execution', () => {
  it('runs until it is stopped, and then says since when it is', async () => {
    const execution = await start();
    const executions = awsExecutions();

    const before = await executions.read(execution);
    await executions.stop(execution, 'Preempted', 'failover run-7 took the lease');
    const after = await executions.read(execution);

    expect(before).toEqual({ running: true, status: 'RUNNING', stoppedAt: null });
    expect(after).toMatchObject({
      running: false,
      status: 'ABORTED',
      stoppedAt: expect.stringMatching(/^2026-11-21T03:/) as unknown,
    });
  });

  it('can be stopped twice, and with more words than Step Functions takes', async () => {
    const execution = await start();
    const executions = awsExecutions();

    await executions.stop(execution, 'e'.repeat(400), 'c'.repeat(40_000));
    await executions.stop(execution, 'Preempted', 'again');

    await expect(executions.read(execution)).resolves.toMatchObject({ status: 'ABORTED' });
  });

  it('that nobody knows is none, and needs no stopping', async () => {
    await start();
    const nobody = executionArn('sync', 'nobody');

    await expect(awsExecutions().read(nobody)).resolves.toBeUndefined();
    await expect(awsExecutions().stop(nobody, 'Preempted', 'gone')).resolves.toBeUndefined();
  });
});
