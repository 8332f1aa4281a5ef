// How far a snapshot, a restored instance, a shelf is: whether it is ours, whether it goes on, whether it will ever be there.
import { RunbookError } from '../errors.ts';
import {
  isOfRun,
  settingsApart,
  type InstanceFacts,
  type InstanceSettings,
  type Place,
  type SnapshotFacts,
} from './instances.ts';
import { listOf } from './words.ts';

const notYet = (says: string, thing: string): RunbookError =>
  new RunbookError('NotYet', `${says}; asked again until the deadline`, { thing });

/** The snapshot that this run takes: of the right instance, of now, and whole. Answers the instant of what is in it. */
export function judgeTaken(
  found: SnapshotFacts | null,
  { snapshot, resourceId, since }: { readonly snapshot: string; readonly resourceId: string; readonly since: string },
): string {
  if (found === null) throw notYet(`RDS does not tell of the snapshot ${snapshot} yet`, snapshot);
  const strange = (says: string): RunbookError =>
    new RunbookError('VerifyFailed', `${says}; it is not used. Delete it or start again, which takes one under another name`, {
      snapshot,
    });
  if (found.resourceId !== resourceId)
    throw strange(`${snapshot} is of ${found.instance} (${found.resourceId}), expected one of ${resourceId}`);
  if (found.takenAt !== null && found.takenAt < since)
    throw strange(`${snapshot} is of ${found.takenAt}, from before this run began at ${since}`);
  if (found.status === 'failed') throw strange(`RDS says that ${snapshot} failed`);
  if (found.status !== 'available' || found.takenAt === null)
    throw notYet(`${snapshot} is ${found.status}, ${Math.round(found.percent)} %`, snapshot);
  return found.takenAt;
}

/** RDS's own words for what comes to nothing by waiting. */
const HOPELESS = /^(failed|incompatible-|inaccessible-|restore-error|storage-full|insufficient-)/;

/** The instance beside: ours, and there. */
export function judgeBeside(
  found: InstanceFacts | null,
  { beside, runs }: { readonly beside: string; readonly runs: readonly string[] },
): InstanceFacts {
  if (found === null) throw notYet(`RDS does not tell of ${beside} yet`, beside);
  if (!runs.some((run) => isOfRun(found.tags, run))) {
    const says = `${beside} stands already and does not bear the tag of this run, so it is left alone; look whose it is, and start again`;
    throw new RunbookError('VerifyFailed', says, { instance: beside });
  }
  return settled(found);
}

/** Goes on by itself or stands; what will never stand is told at once. */
export function settled(found: InstanceFacts): InstanceFacts {
  if (HOPELESS.test(found.status)) {
    const says = `${found.id} is ${found.status}, expected available; RDS's events of it say why. Nobody was led to it`;
    throw new RunbookError('VerifyFailed', says, { instance: found.id, status: found.status });
  }
  if (found.status !== 'available') throw notYet(`${found.id} is ${found.status}`, found.id);
  return found;
}

/** What can be given to an instance that stands; the rest it has from its making, or never. */
const FIXED: readonly (keyof InstanceSettings)[] = ['subnetGroup', 'encrypted', 'kmsKey'];

export function settingsToGive(was: InstanceSettings, found: InstanceFacts): Partial<InstanceSettings> {
  const apart = settingsApart(was, found.settings).map(({ name }) => name);
  return Object.fromEntries(apart.filter((name) => !FIXED.includes(name)).map((name) => [name, was[name]]));
}

/** RDS goes on saying that all is as it was for a while after it was told otherwise. */
const HEEDING_SECONDS = 900;

/** Compared when all was given and RDS is done: where it answers, if nothing is otherwise than it was. */
export function judgeDressed(
  was: InstanceSettings,
  found: InstanceFacts,
  told: { readonly at: string; readonly now: Date },
): Place {
  const apart = settingsApart(was, found.settings).map(({ says }) => says);
  const waits = found.pending.map((name) => `${name} waits for the next maintenance`);
  const open = listOf([...apart, ...waits]);
  const late = told.now.getTime() - Date.parse(told.at) > HEEDING_SECONDS * 1000;
  if (open !== '' && late) {
    const says = `${found.id} is not set up as the instance whose place it is to take: ${open}; nobody was led to it. Give it what is missing by hand and start again with "resume"`;
    throw new RunbookError('VerifyFailed', says, { instance: found.id });
  }
  if (open !== '') throw notYet(`${found.id} is not set up yet: ${open}`, found.id);
  if (found.host === null) throw notYet(`${found.id} has no address yet`, found.id);
  return { instance: found.id, host: found.host, port: found.port };
}

export type Shelving =
  | { readonly kind: 'rename' }
  | { readonly kind: 'tag'; readonly arn: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'wait'; readonly says: string }
  | { readonly kind: 'done'; readonly facts: InstanceFacts };

/** The next thing to do with an instance on its way to the shelf: it is renamed before it is stopped, for a stopped one takes no name. */
export function nextShelving(
  found: { readonly old: InstanceFacts | null; readonly shelf: InstanceFacts | null },
  { resourceId, tagged }: { readonly resourceId: string; readonly tagged: (facts: InstanceFacts) => boolean },
): Shelving {
  const { old, shelf } = found;
  if (shelf === null) {
    if (old?.resourceId !== resourceId)
      return { kind: 'wait', says: 'the instance that people used answers to neither of its names' };
    return old.status === 'available' ? { kind: 'rename' } : { kind: 'wait', says: `${old.id} is ${old.status}` };
  }
  if (shelf.resourceId !== resourceId) {
    const says = `${shelf.id} is another instance (${shelf.resourceId}), expected the one that people used (${resourceId}); look whose it is`;
    throw new RunbookError('VerifyFailed', says, { instance: shelf.id });
  }
  if (!tagged(shelf)) return { kind: 'tag', arn: shelf.arn };
  if (shelf.status === 'stopped') return { kind: 'done', facts: shelf };
  if (shelf.status === 'available' && shelf.replicas.length > 0) return { kind: 'done', facts: shelf };
  return shelf.status === 'available' ? { kind: 'stop' } : { kind: 'wait', says: `${shelf.id} is ${shelf.status}` };
}
