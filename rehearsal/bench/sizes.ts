// How large each function's code is in its package: the zip that would be uploaded, without its map.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import * as z from 'zod';

export interface Size {
  readonly functionName: string;
  readonly bytes: number;
  /** Functions that speak to PostgreSQL are those inside the network, and have its client in their bundle. */
  readonly inNetwork: boolean;
}

const TEMPLATE = 'cloudformation-template-update-stack.json';
const Template = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.looseObject({}).optional() })),
});
const LambdaFunction = z.looseObject({
  FunctionName: z.string(),
  Code: z.looseObject({ S3Key: z.string() }),
  VpcConfig: z.looseObject({}).optional(),
});

/** What a zip says of a file before and after its bytes: twice its name, and these two headers. */
const HEADER_BYTES = 30 + 46;

const openBuffer = promisify<Buffer, { lazyEntries: boolean }, ZipFile>(fromBuffer);

export async function readSizes(folder: string): Promise<Size[]> {
  const { Resources } = Template.parse(JSON.parse(readFileSync(join(folder, TEMPLATE), 'utf8')));
  const functions = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => LambdaFunction.parse(Properties));
  return Promise.all(
    functions.map(async ({ FunctionName, Code, VpcConfig }) => ({
      functionName: FunctionName,
      bytes: await codeBytes(readFileSync(join(folder, basename(Code.S3Key)))),
      inNetwork: VpcConfig !== undefined,
    })),
  );
}

export async function codeBytes(zip: Buffer): Promise<number> {
  const archive = await openBuffer(zip, { lazyEntries: true });
  return new Promise((resolve, reject) => {
    let bytes = 0;
    archive.on('error', reject);
    archive.on('end', () => resolve(bytes));
    archive.on('entry', ({ fileName, compressedSize }: Entry) => {
      if (!fileName.endsWith('/') && !fileName.endsWith('.map'))
        bytes += compressedSize + HEADER_BYTES + 2 * Buffer.byteLength(fileName);
      archive.readEntry();
    });
    archive.readEntry();
  });
}
