import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import config from '../../esbuild.config.ts';
import { list, ROOT } from '../contract/service.ts';
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

interface Packed {
  readonly sizeBytes: number;
  readonly speaksToPostgres: boolean;
  /** What touches RDS and must know all that leads there: secrets, parameters and names as well. */
  readonly looksAround: boolean;
  /** The one that copies databases has the whole of pg_dump in it. */
  readonly dumps: boolean;
}
const WITH_PG_DUMP_KB = 1536;
const STEPS = list('functions', /\.ts$/);

/** As they are packaged: by the package's own options, without the map, compressed as in a zip. Parsed once for all. */
async function packAll(): Promise<Map<string, Packed>> {
  const { concurrency: _c, exclude: _e, skipRebuild: _s, ...options } = config();
  const place = {
    absWorkingDir: ROOT,
    entryPoints: STEPS,
    outbase: '.',
    outdir: 'out',
    write: false as const,
    metafile: true as const,
  };
  const { outputFiles, metafile } = await build({ ...options, ...place });
  const pack = (file: string): Packed => {
    const name = `out/${file.replace(/\.ts$/, '.js')}`;
    const code = outputFiles.find(({ path }) => path === join(ROOT, name))?.contents;
    const inputs = metafile.outputs[name]?.inputs;
    if (!code || !inputs) throw new Error(`esbuild made no ${name}`);
    const has = (part: string): boolean => Object.keys(inputs).some((path) => path.includes(part));
    return {
      sizeBytes: deflateRawSync(code, { level: 9 }).length,
      speaksToPostgres: has('node_modules/pg/'),
      looksAround: has('/client-rds/') && has('/client-route-53/'),
      dumps: has('pg_dump.wasm'),
    };
  };
  return new Map(STEPS.map((file) => [file, pack(file)]));
}

describe('what a step is packaged as', () => {
  let packed: Map<string, Packed>;
  beforeAll(async () => {
    packed = await packAll();
  }, 120_000);

  it.each(STEPS)('%s starts fast: 200 KB zipped at most, 240 with all that leads to a server, 300 with PostgreSQL', (file) => {
    const { sizeBytes = 0, speaksToPostgres, looksAround, dumps } = packed.get(file) ?? {};
    const most = dumps === true ? WITH_PG_DUMP_KB : speaksToPostgres === true ? 300 : looksAround === true ? 240 : 200;

    expect(sizeBytes).toBeGreaterThan(0);
    expect(sizeBytes).toBeLessThanOrEqual(most * 1024);
  });
});
