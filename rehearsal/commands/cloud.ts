// npm run cloud [-- --port 4566] [--dns-port 5353] [--world NAME] [--estate F] [--speed N] [--empty]: leaves the embedded cloud up for
// any client until it is told to stop, with a world that lives in it.
import './quiet.ts';
import { parseArgs } from 'node:util';
import type { Estate } from '../../shared/estate.ts';
import type { Cloud } from '../cloud.ts';
import { heedSignals, type Ending } from '../run/ending.ts';
import { createInbox, serveInbox } from '../run/inbox.ts';
import { packageService } from '../run/package.ts';
import { approvalPageOf, estateOf, setScene, startCloudFor } from '../run/stage.ts';
import { loadWorld, type WorldFile } from '../world/builder/world-file.ts';
import type { Pace } from '../time/timeline.ts';

const hint = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'dns-port': { type: 'string' },
      world: { type: 'string' },
      estate: { type: 'string' },
      speed: { type: 'string' },
      empty: { type: 'boolean' },
    },
  });
  const port = portOf('--port', values.port ?? '4566');
  const dnsPort = portOf('--dns-port', values['dns-port'] ?? '0');
  const speed = Number(values.speed ?? '1');
  if (!(speed >= 1)) throw new Error(`--speed: found "${values.speed ?? ''}", expected a number from 1`);
  const pace: Pace = speed === 1 ? { kind: 'real' } : { kind: 'scaled', speed };
  const file = values.empty === true ? undefined : loadWorld(values.world ?? 'ordinary');
  const ending = heedSignals();
  const asked = { ...(values.estate !== undefined && { estate: values.estate }) };
  const folder = file && (await packageService({ ...asked, onStart: () => hint('packaging the service …') }));

  const estate = file && estateOf(values.estate);
  const cloud = await startCloudFor(file, { pace, port, ...(estate && { region: estate.region }) }).catch((error: unknown) => {
    throw new Error(`--port ${port}: ${(error as Error).message}; choose another, or 0 for any`);
  });
  ending.undo(cloud.stop);
  try {
    await standUp(cloud, ending, { file, folder, dnsPort, estate });
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

interface Standing {
  readonly file: WorldFile | undefined;
  readonly folder: string | undefined;
  readonly dnsPort: number;
  readonly estate: Estate | undefined;
}

async function standUp(cloud: Cloud, ending: Ending, { file, folder, dnsPort, estate }: Standing): Promise<void> {
  const scene =
    file && estate && folder !== undefined
      ? await ending.unlessEnding(setScene(cloud, { folder, estate, world: file, dnsPort }))
      : undefined;
  scene?.world.begin();
  const dns = scene?.world.dns ?? (await nameServers(cloud, dnsPort));
  const inbox = await serveInbox(scene?.inbox ?? createInbox(cloud), scene?.world.chat);
  ending.undo(inbox.close);

  const { accessKeyId, secretAccessKey } = cloud.operator;
  const approvals = approvalPageOf(cloud)?.local ?? null;
  const ready = {
    ready: true,
    endpoint: cloud.endpoint,
    dns,
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

const portOf = (flag: string, said: string): number => {
  const port = Number(said);
  if (said === '' || !Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`${flag}: found "${said}", expected 0 to 65535`);
  return port;
};

async function nameServers(cloud: Cloud, port: number): Promise<string> {
  const { authority } = await cloud.services.route53.own.dns({ port });
  return `${authority.host}:${authority.port}`;
}

main().catch((error: unknown) => {
  hint(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
