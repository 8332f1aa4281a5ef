// The real adapters of a copy, bundled as they are deployed: the rehearsal does not import them, and a test runs what a Lambda would.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions as options } from '../../../esbuild.config.ts';
import type { Cloud } from '../../cloud.ts';
import type { CopyServer } from '../../world/postgres/servers.ts';

const ADAPTERS = `
  export { awsCopying } from './shared/cloud/aws/copying.ts';
  export { awsLaying } from './shared/cloud/aws/laying.ts';
  export { awsShelves } from './shared/cloud/aws/shelves.ts';
  export { awsDumps } from './shared/cloud/aws/dumps.ts';`;

/** The same with what a process does with them. pg_dump's thread is of the same file, and copies nothing. */
const PROCESS = `
  import { awsCopying } from './shared/cloud/aws/copying.ts';
  import { awsLaying } from './shared/cloud/aws/laying.ts';
  import { awsShelves } from './shared/cloud/aws/shelves.ts';
  import { awsDumps } from './shared/cloud/aws/dumps.ts';
  import { isMainThread } from 'node:worker_threads';
  import { copyInProcess } from './rehearsal/bench/sync/process.ts';
  if (isMainThread) void copyInProcess({ copying: awsCopying(), laying: awsLaying(), shelves: awsShelves(), dumps: awsDumps() });`;

export const bundleAdapters = (file: string): Promise<void> => bundle(file, ADAPTERS);
export const bundleProcess = (file: string): Promise<void> => bundle(file, PROCESS);

async function bundle(file: string, contents: string): Promise<void> {
  const { outputFiles } = await build({
    ...options(),
    stdin: { contents, resolveDir: join(__dirname, '../../..'), loader: 'ts' },
    sourcemap: false,
    minify: false,
    write: false,
  });
  writeFileSync(file, outputFiles[0]?.text ?? '');
}

/** What an estate says of a database, as far as a copy asks. */
export interface CopiedDatabase {
  readonly instance: string;
  readonly name: string;
  readonly owner: string;
  readonly application: string;
  readonly secrets: { readonly master: string; readonly application: string };
  readonly swap: { by: 'connection' };
}

export function databaseOn({ endpoint, owner, application }: CopyServer, name: string): CopiedDatabase {
  const instance = `${endpoint.split('.')[0]}`;
  return {
    instance,
    name,
    owner,
    application,
    secrets: { master: `${instance}/master`, application: `${instance}/application` },
    swap: { by: 'connection' },
  };
}

/** The passwords of a server, where an adapter looks for them. */
export async function keepSecrets(cloud: Cloud, server: CopyServer): Promise<void> {
  const { endpoint: host, port, master, application, password } = server;
  const { secrets } = databaseOn(server, '');
  for (const [Name, username] of [
    [secrets.master, master],
    [secrets.application, application],
  ] as const)
    await cloud.call('secretsmanager', 'CreateSecret', {
      Name,
      SecretString: JSON.stringify({ username, password, host, port }),
    });
}
