// An adapter in a process as Lambda's: what leaves it goes where the rehearsal serves it, under its public name.
import { build } from 'esbuild';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { lambdaCloud } from '../services/lambda-ground.ts';
import { textOf } from '../services/lambda-ground.ts';

type LambdaGround = Awaited<ReturnType<typeof lambdaCloud>>;

export interface Adapter {
  /** `outside.ts`, in shared/cloud/aws. */
  readonly file: string;
  /** An expression that makes it. */
  readonly make: string;
  readonly variables?: Record<string, string>;
  readonly estate?: object;
}

/** Answers how to call a method of it; what it throws is thrown here, under its name. */
export async function inLambda(ground: LambdaGround, { file, make, variables = {}, estate = {} }: Adapter) {
  const contents = `
    import * as adapters from '../../shared/cloud/aws/${file}';
    let made;
    export const handler = ({ method, args }) => (made ??= ${make})[method](...args);`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: __dirname },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    define: { PACKAGED_ESTATE: JSON.stringify(estate) },
    logLevel: 'error',
  });
  await ground.make(outputFiles[0]?.text ?? '', { Timeout: 60, MemorySize: 256, Environment: { Variables: variables } });
  return async (method: string, ...args: readonly unknown[]): Promise<unknown> => {
    const { FunctionError, Payload } = await ground.lambda.send(
      new InvokeCommand({ FunctionName: 'probe', Payload: Buffer.from(JSON.stringify({ method, args })) }),
    );
    const said = textOf(Payload);
    if (FunctionError === undefined) return said;
    const { errorType, errorMessage } = said as { errorType: string; errorMessage: string };
    throw Object.assign(new Error(errorMessage), { name: errorType });
  };
}
