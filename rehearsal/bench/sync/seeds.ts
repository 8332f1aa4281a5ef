// The seed's way: pg_dump into a file, the file to S3, pg_restore over the database that people read, whatever it says.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Cloud } from '../../cloud.ts';
import type { Ending } from '../../run/ending.ts';
import type { CopyServer } from '../../world/postgres/servers.ts';
import { BUCKET } from './ours.ts';

export interface SeedsOptions {
  readonly cloud: Cloud;
  readonly authority: string;
  readonly from: CopyServer;
  readonly to: CopyServer;
  readonly name: string;
  /** Where pg_dump writes. */
  readonly file: string;
  readonly ending: Ending;
}
export interface Seeds {
  readonly dumpSeconds: number;
  readonly uploadSeconds: number;
  readonly restoreSeconds: number;
  readonly wholeSeconds: number;
  readonly fileBytes: number;
  /** What pg_restore said that nobody reads. */
  readonly ignored: number;
}

/** The major of the distribution's client; undefined where it has none. */
export function clientMajor(): number | undefined {
  const majors = ['pg_dump', 'pg_restore'].map((program) => {
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    return /\) (\d+)/.exec(stdout)?.[1];
  });
  return majors[0] !== undefined && majors[0] === majors[1] ? Number(majors[0]) : undefined;
}

export async function copySeedsWay({ cloud, authority, from, to, name, file, ending }: SeedsOptions): Promise<Seeds> {
  const began = performance.now();
  const client = { authority, name, ending };
  await runClient('pg_dump', ['-Fc', '-f', file], { ...client, server: from });
  const dumped = performance.now();
  const Body = readFileSync(file);
  const s3 = new S3Client({
    ...{ region: cloud.region, endpoint: cloud.endpoint, forcePathStyle: true },
    credentials: cloud.operator,
  });
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'seed/latest.dump', Body }));
  s3.destroy();
  const uploaded = performance.now();
  const said = await runClient('pg_restore', ['-c', '--if-exists', file], { ...client, server: to, mayFail: true });
  const restored = performance.now();
  rmSync(file);
  return {
    dumpSeconds: (dumped - began) / 1000,
    uploadSeconds: (uploaded - dumped) / 1000,
    restoreSeconds: (restored - uploaded) / 1000,
    wholeSeconds: (restored - began) / 1000,
    fileBytes: Body.length,
    ignored: said.split('\n').filter((line) => line.includes('error:')).length,
  };
}

interface Client {
  readonly server: CopyServer;
  readonly name: string;
  readonly authority: string;
  readonly ending: Ending;
  readonly mayFail?: boolean;
}

/** As the master, over TLS, as our own sessions are. Answers what it said. */
function runClient(
  program: string,
  args: readonly string[],
  { server, name, authority, ending, mayFail }: Client,
): Promise<string> {
  const { endpoint, port, master, password } = server;
  const where = `host=${endpoint} hostaddr=127.0.0.1 port=${port} user=${master} dbname=${name} sslmode=verify-full sslrootcert=${authority}`;
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['-d', where, ...args], {
      env: { PATH: process.env.PATH, PGPASSWORD: password, LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const takeBack = ending.undo(() => void child.kill());
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      takeBack();
      if (code === 0 || mayFail === true) resolve(said);
      else reject(new Error(`${program} ended with ${code ?? 'a signal'}: ${said.slice(-2000)}`));
    });
  });
}
