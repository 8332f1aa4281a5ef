// npm run cloud [-- --port 4566] [--speed N|virtual] [--empty]: leaves the embedded cloud up for any client until it is told to stop.
import './quiet.ts';
import { parseArgs } from 'node:util';
import { startCloud } from '../cloud.ts';
import { heedSignals } from '../run/ending.ts';
import { createInbox, serveInbox } from '../run/inbox.ts';
import { packageService } from '../run/package.ts';
import { deployService } from '../run/rehearse.ts';
import type { Pace } from '../time/timeline.ts';

const hint = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' }, speed: { type: 'string' }, empty: { type: 'boolean' } } });
  const port = Number(values.port ?? '4566');
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`--port: found "${values.port ?? ''}", expected 0 to 65535`);
  const speed = Number(values.speed ?? '1');
  if (!(speed >= 1)) throw new Error(`--speed: found "${values.speed ?? ''}", expected a number from 1`);
  const pace: Pace = speed === 1 ? { kind: 'real' } : { kind: 'scaled', speed };
  const ending = heedSignals();
  const folder = values.empty === true ? undefined : await packageService({ onStart: () => hint('packaging the service …') });

  const cloud = await startCloud({ pace, port }).catch((error: unknown) => {
    throw new Error(`--port ${port}: ${(error as Error).message}; choose another, or 0 for any`);
  });
  ending.undo(cloud.stop);
  const deployed = folder === undefined ? undefined : await ending.unlessEnding(deployService(cloud, folder));
  const inbox = await serveInbox(deployed?.inbox ?? createInbox(cloud));
  ending.undo(inbox.close);

  const { accessKeyId, secretAccessKey } = cloud.operator;
  const approvals = [...cloud.ground.published()].find(([origin]) => origin.includes('.lambda-url.'))?.[1] ?? null;
  const ready = {
    ready: true,
    endpoint: cloud.endpoint,
    approvals,
    inbox: inbox.url,
    region: cloud.region,
    accessKeyId,
    secretAccessKey,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  hint(
    `\nThe embedded cloud is up; Ctrl-C ends it. In another terminal:\n\n  export AWS_ENDPOINT_URL=${cloud.endpoint} AWS_REGION=${cloud.region} AWS_DEFAULT_REGION=${cloud.region} \\\n` +
      `    AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}\n  aws stepfunctions list-state-machines\n`,
  );
}

main().catch((error: unknown) => {
  hint(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
