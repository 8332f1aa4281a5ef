// What both ways stand on: two servers, the embedded cloud with its S3, and the program that copies.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cloud, startCloud } from '../../cloud.ts';
import { createFolders } from '../../folders.ts';
import type { Ending } from '../../run/ending.ts';
import { type CopyServer, createServers, type Major } from '../../world/postgres/servers.ts';
import { bundleProcess, keepSecrets } from './adapters.ts';
import { BUCKET } from './ours.ts';

/** As an RDS instance of 1 GB has them: the rehearsal's own servers are kept smaller than any. */
const parameters = ['shared_buffers = 256MB', 'max_wal_size = 2GB'];

export interface SyncGround {
  readonly cloud: Cloud;
  readonly from: CopyServer;
  readonly to: CopyServer;
  readonly program: string;
  readonly authority: string;
  readonly dumpFile: string;
  readonly stop: () => Promise<void>;
}

export async function standGround(major: Major, ending: Ending): Promise<SyncGround> {
  const folders = createFolders();
  const servers = createServers();
  const undo: (() => Promise<void> | void)[] = [folders.remove, servers.stop];
  const stop = async (): Promise<void> => {
    takeBack();
    for (const one of undo.splice(0).reverse()) await one();
  };
  const takeBack = ending.undo(stop);
  try {
    const cloud = await startCloud({ pace: { kind: 'virtual' } });
    undo.push(cloud.stop);
    await cloud.call('s3', 'CreateBucket', {
      Bucket: BUCKET,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    });
    const [from, to] = await Promise.all([servers.start({ major, parameters }), servers.start({ major, parameters })]);
    const folder = folders.folder('sync');
    const [program, authority] = [join(folder, 'copy.cjs'), join(folder, 'authority.pem')];
    await bundleProcess(program);
    writeFileSync(authority, from.ca);
    for (const server of [from, to]) await keepSecrets(cloud, server);
    return { cloud, from, to, program, authority, dumpFile: join(folder, 'latest.dump'), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
