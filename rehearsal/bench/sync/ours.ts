// Our way: the adapters in a process of their own, as a Lambda has one, from a snapshot of the source to the changed name and back.
import { spawn } from 'node:child_process';
import type { Cloud } from '../../cloud.ts';
import type { Ending } from '../../run/ending.ts';
import { hear } from './reader.ts';
import type { CopyDone, CopyTask, CopyUndone } from './process.ts';

export const BUCKET = 'ledger';

export interface OursOptions {
  readonly cloud: Cloud;
  /** The bundle, and the authority of the servers as a file. */
  readonly program: string;
  readonly authority: string;
  readonly task: CopyTask;
  readonly ending: Ending;
  /** The copy bears the name, and nothing was undone yet. */
  readonly renamed?: () => Promise<void>;
}
export interface Ours extends CopyDone, CopyUndone {}

export async function copyOurWay({ cloud, program, authority, task, ending, renamed }: OursOptions): Promise<Ours> {
  const child = spawn(process.execPath, [program, JSON.stringify(task)], {
    env: {
      PATH: process.env.PATH,
      AWS_REGION: cloud.region,
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_ACCESS_KEY_ID: cloud.operator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: cloud.operator.secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      NODE_EXTRA_CA_CERTS: authority,
      LEDGER_BUCKET: BUCKET,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const takeBack = ending.undo(() => void child.kill());
  try {
    const done = await hear<CopyDone>(child);
    await renamed?.();
    const heard = hear<CopyUndone>(child);
    child.send('undo');
    return { ...done, ...(await heard) };
  } finally {
    takeBack();
  }
}
