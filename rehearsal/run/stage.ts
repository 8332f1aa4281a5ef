// Sets the scene of a rehearsal: the world as it stood, then the packaged service deployed into it.
import { resolve, join } from 'node:path';
import type { Estate } from '../../shared/estate.ts';
import { ESTATE_FILE, readEstateFile } from '../../shared/estate-file.ts';
import { startCloud, type Cloud } from '../cloud.ts';
import { buildWorld, type World, type WorldOptions } from '../world/builder/builder.ts';
import { historySecondsOf, type WorldFile } from '../world/builder/world-file.ts';
import { createInbox, mailOf } from './inbox.ts';
import { deployService, type Deployed } from './rehearse.ts';

const ROOT = join(__dirname, '..', '..');

/** The estate that is asked for, else the one CHANGEOVER_ESTATE names, else estate.yml: as the packager chooses. */
export function estateOf(asked: string | undefined): Estate {
  const chosen = asked ?? process.env['CHANGEOVER_ESTATE'] ?? ESTATE_FILE;
  return readEstateFile(resolve(ROOT, chosen), chosen);
}

/** A cloud whose timeline begins early enough for the world's past: the story then begins about now. */
export const startCloudFor = (world: WorldFile | undefined, options: Parameters<typeof startCloud>[0]): Promise<Cloud> =>
  startCloud({ ...options, ...(world && { startsAt: Date.now() - historySecondsOf(world) * 1000 }) });

/** The one function URL of the service: its public origin, and where it is served on this machine. */
export function approvalPageOf(cloud: Cloud): { readonly origin: string; readonly local: string } | undefined {
  const [found] = [...cloud.ground.published()].filter(([origin]) => origin.includes('.lambda-url.'));
  return found && { origin: found[0], local: found[1] };
}

export interface Scene extends Deployed {
  readonly world: World;
}

/** The service is deployed when the world has lived up to the story: none of its schedules is older than that. */
export async function setScene(
  cloud: Cloud,
  {
    folder,
    estate,
    world: file,
    ...options
  }: { folder: string; estate: Estate; world: WorldFile } & Pick<WorldOptions, 'dnsPort'>,
): Promise<Scene> {
  const inbox = createInbox(cloud);
  const world = await buildWorld(cloud, estate, file, { ...options, onMessage: (message) => inbox.add(mailOf(message)) });
  // Nobody waits for a deployment in this story: it takes what it takes, at once.
  const deployed = await cloud.timeline.hurry(() => deployService(cloud, folder, inbox));
  // As a team tells Slack after its first deployment.
  world.chat.interactivity({ requestUrl: `${approvalPageOf(cloud)?.origin ?? ''}/slack` });
  await world.plant();
  return { ...deployed, world };
}
