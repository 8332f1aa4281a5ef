import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { lambdaCloud, textOf } from '../services/lambda-ground.ts';

const HANDLER = `
  import { STSClient, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
  const sts = new STSClient({});
  export const handler = async () => {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    return { Arn, year: new Date().getFullYear() };
  };
`;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: HANDLER, resolveDir: __dirname },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
  });
  return outputFiles[0]?.text ?? '';
}

describe('a packaged function with the SDK in it', () => {
  let ground: Awaited<ReturnType<typeof lambdaCloud>>;
  beforeEach(async () => {
    ground = await lambdaCloud();
  });
  afterEach(() => ground.cloud.stop());

  it('calls AWS in the name of its role, by the clock of the timeline', async () => {
    await ground.cloud.timeline.passTo(Date.UTC(2031, 1, 2));
    await ground.make(await bundle(), { MemorySize: 256, Timeout: 10 });

    const { Payload } = await ground.lambda.send(new InvokeCommand({ FunctionName: 'probe' }));

    expect(textOf(Payload)).toEqual({ Arn: 'arn:aws:sts::123456789012:assumed-role/fn/probe', year: 2031 });
  });
});
