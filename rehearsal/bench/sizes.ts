// How large each function's code is: what its package holds, zipped again as `zip` does by default, without its map.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';
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

/** The packager compresses lightly; what counts is how much code there is, not how hard it was squeezed. */
export async function codeBytes(zip: Buffer): Promise<number> {
  const archive = await openBuffer(zip, { lazyEntries: true });
  const open = promisify<Entry, Readable>(archive.openReadStream.bind(archive));
  const add = async (entry: Entry): Promise<number> => {
    const { fileName } = entry;
    if (fileName.endsWith('/') || fileName.endsWith('.map')) return 0;
    const content = Buffer.concat(await (await open(entry)).toArray());
    return deflateRawSync(content).length + HEADER_BYTES + 2 * Buffer.byteLength(fileName);
  };
  return new Promise((resolve, reject) => {
    let bytes = 0;
    archive.on('error', reject);
    archive.on('end', () => resolve(bytes));
    archive.on('entry', (entry: Entry) => {
      add(entry).then((size) => {
        bytes += size;
        archive.readEntry();
      }, reject);
    });
    archive.readEntry();
  });
}
