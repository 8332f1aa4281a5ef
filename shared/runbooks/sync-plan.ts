// The plan of a copy: what it is of, how it goes and why so, what goes aside. Decides, changes nothing.
import { nothingLost } from './loss.ts';
import type { Copy } from '../estate.ts';
import { decideCopy, type CopySurvey, type SyncDetail } from './copying.ts';
import type { CopyMark } from './copies.ts';
import { predictCopy, priceOfCopy, shelfUsdPerMonth } from './copy-predictions.ts';
import { writerOf, writerSays, type Lease } from './lease.ts';
import { judgeLimits } from './limits.ts';
import type { Change, Fact, Loss, Plan } from './plan.ts';
import type { Run } from './run.ts';
import { retirable, shelvesOf } from './shelf.ts';
import { limitsFor, type SyncScene } from './sync-limits.ts';
import { draftBySnapshot, engineOf, engineSays, predictSnapshot, snapshotChanges, type CopyServers } from './sync-snapshot.ts';
import type { Estate } from '../estate.ts';
import { clockOf, countOf, listOf, spanOf } from './words.ts';

export interface SyncSetting {
  readonly run: Run;
  readonly estate: Estate;
  readonly lease: Lease | undefined;
  readonly survey: CopySurvey;
  readonly mark: CopyMark | null;
  readonly storageBytes: number | null;
  readonly servers: CopyServers;
  readonly now: Date;
}

export function draftSync(setting: SyncSetting): Omit<Plan, 'id' | 'hash'> {
  const { run, estate, lease, survey, mark, now } = setting;
  const { copy, request } = decideCopy(run, estate);
  const { writer, epoch } = writerOf(lease, estate);
  const paused = request.scheduled && writer === copy.to;
  const next: SyncDetail['next'] = paused ? 'nothing' : request.undo ? 'undo' : engineOf(copy, survey.from.bytes);
  const prediction = predictCopy(survey.from, mark);
  const scene: SyncScene = { ...setting, copy, next, prediction };
  const shelf = shelvesOf(survey.to.standing, liveOf(scene))[0]?.name ?? null;
  const detail: SyncDetail = {
    from: copy.from,
    to: copy.to,
    next,
    parts: prediction.parts,
    shelf,
    shelfSeconds: copy.shelfSeconds,
    files: copy.files,
    restore: next === 'snapshot' ? draftBySnapshot(scene) : null,
  };
  const { seconds, usd } = PREDICTIONS[next](scene);
  const head = {
    run: run.id,
    runbook: run.runbook,
    app: run.app,
    draftedAt: now.toISOString(),
    epoch,
    fencing: lease?.fencing ?? 0,
  };
  return {
    ...head,
    title: titleOf(scene),
    changes: CHANGES[next](scene, detail),
    facts: factsOf(scene),
    limits: judgeLimits(limitsFor(scene), scene, run.override),
    loss: lossOf(scene),
    predictedSeconds: seconds,
    costUsd: usd,
    skipped: paused ? [{ act: 'Copy', why: `paused: ${lease ? writerSays(lease) : writer}` }] : [],
    detail,
  };
}

const liveOf = ({ estate, copy }: Pick<SyncScene, 'estate' | 'copy'>): string =>
  estate.environments[copy.to]?.database.name ?? '';
const instanceOf = ({ estate, copy }: SyncScene): string => estate.environments[copy.to]?.database.instance ?? '';

function titleOf({ next, estate, copy, lease }: SyncScene): string {
  switch (next) {
    case 'nothing':
      return `Copy of ${estate.app} to ${copy.to}: paused, ${lease ? writerSays(lease) : `${copy.to} is the writer`}`;
    case 'undo':
      return `Undoing the last copy of ${estate.app} to ${copy.to}`;
    case 'copy':
      return `Copy of ${estate.app} from ${copy.from} to ${copy.to}`;
    case 'snapshot':
      return `Copy of ${estate.app} from ${copy.from} to ${copy.to}, by snapshot`;
  }
}

const CHANGES: Readonly<Record<SyncDetail['next'], (scene: SyncScene, detail: SyncDetail) => Change[]>> = {
  nothing: () => [],
  snapshot: (scene, detail) => snapshotChanges(scene, detail, uploadsChange(scene)),
  undo: (scene, { shelf }) => [
    {
      act: 'Swap',
      target: instanceOf(scene),
      says: `Readers of ${scene.copy.to} get the database back that they had before the last copy`,
      before: `${liveOf(scene)} as it was copied`,
      after: `${liveOf(scene)} is what ${shelf ?? 'nothing'} is now, and the other way round`,
    },
  ],
  copy: (scene) => copyChanges(scene),
};

function copyChanges(scene: SyncScene): Change[] {
  const { copy, prediction, survey } = scene;
  const [live, instance] = [liveOf(scene), instanceOf(scene)];
  const several =
    prediction.parts > 1
      ? `, ${prediction.parts} functions at once because one would take ${spanOf(prediction.seconds * prediction.parts)}`
      : '';
  const old = retirable(survey.to.standing, live, copy.shelfSeconds, scene.now);
  return [
    {
      act: 'Copy',
      target: instance,
      says: `${copy.from} is copied as of one instant, beside what people read${several}`,
      before: listOf(survey.to.standing.map(({ name }) => name)),
      after: 'one database more, proven item by item',
    },
    uploadsChange(scene),
    {
      act: 'Swap',
      target: instance,
      says: `Readers of ${copy.to} get the copy, within a second`,
      before: `${live} as it is now`,
      after: `${live} is the copy; what it was stands beside it for ${spanOf(copy.shelfSeconds)} at least`,
    },
    ...(old.length === 0
      ? []
      : [
          {
            act: 'Retire',
            target: instance,
            says: `${countOf(old.length, 'older copy', 'older copies')} of ours, of which the source has everything, go`,
            before: listOf(old.map(({ name }) => name)),
            after: 'not there',
          },
        ]),
  ];
}

const uploadsChange = ({ copy, estate }: SyncScene): Change => ({
  act: 'CopyUploads',
  target: estate.environments[copy.to]?.buckets.uploads ?? '',
  says: `The bucket of ${copy.to} gets the files that the copy names`,
  before: 'as it stands',
  after: `every file of ${estate.environments[copy.from]?.buckets.uploads ?? ''}`,
});

type Predicted = { readonly seconds: number; readonly usd: number };
const PREDICTIONS: Readonly<Record<SyncDetail['next'], (scene: SyncScene) => Predicted>> = {
  nothing: () => ({ seconds: 0, usd: 0 }),
  undo: () => ({ seconds: 10, usd: 0 }),
  snapshot: predictSnapshot,
  copy: ({ prediction, survey, estate }) => ({
    seconds: prediction.seconds,
    usd: priceOfCopy(prediction, survey.from.bytes, estate.objectives.retentionDays),
  }),
};

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MB`;

function factsOf(scene: SyncScene): Fact[] {
  const { survey, mark, now, prediction, copy } = scene;
  if (scene.next === 'nothing') return [];
  const at = survey.readAt;
  const shelves = shelvesOf(survey.to.standing, liveOf(scene));
  const price = shelves.reduce((sum, { bytes }) => sum + shelfUsdPerMonth(bytes), 0);
  const side = ({ environment, bytes, tables, major, migration }: CopySurvey['from']): string =>
    `${megabytes(bytes)}, ${countOf(tables.length, 'table')}, PostgreSQL ${major}, migration ${migration ?? 'none'} (${environment})`;
  const source = 'the database itself';
  return [
    { name: `the database of ${copy.from}`, value: side(survey.from), source, readAt: at },
    { name: `the database of ${copy.to}`, value: side(survey.to), source, readAt: at },
    {
      name: `the data of ${copy.to}`,
      value: survey.to.heartbeat === null ? 'no heartbeat in it' : `of ${clockOf(survey.to.heartbeat, now)}`,
      source: 'the newest heartbeat in it',
      readAt: at,
    },
    {
      name: 'the engine',
      value: engineSays(
        scene,
        `dump, ${countOf(prediction.parts, 'function')}: ${megabytes(survey.from.bytes)} of ${copy.dumpLimitGigabytes} GB, at ${megabytes(prediction.bytesPerSecond)} a second`,
      ),
      source: mark?.bytesPerSecond == null ? 'no copy was measured yet' : 'the last copy',
      readAt: at,
    },
    {
      name: 'shelves',
      value:
        shelves.length === 0
          ? 'none'
          : `${listOf(shelves.map(({ name, mark: own }) => `${name}${own?.kind === 'own' ? ' (kept until a person retires it)' : ''}`))}, $${price.toFixed(2)} a month`,
      source,
      readAt: at,
    },
    ...onlyThere(survey, copy, at),
  ];
}

/** What only the target has goes aside with it: told, because somebody made it there. */
function onlyThere({ from, to }: CopySurvey, copy: Copy, readAt: string): Fact[] {
  const own = new Set(from.things);
  const alone = to.things.filter((thing) => !own.has(thing));
  if (alone.length === 0) return [];
  const value = `${listOf(alone.slice(0, 8))}${alone.length > 8 ? ` and ${alone.length - 8} more` : ''}: on the shelf afterwards, not in the copy`;
  return [{ name: `only in ${copy.to}`, value, source: 'both catalogues', readAt }];
}

function lossOf({ copy, next }: SyncScene): Loss {
  const says =
    next === 'nothing'
      ? 'nothing: nothing is copied'
      : `nothing of ${copy.from}; what only ${copy.to} has is on the shelf, not in the copy`;
  return nothingLost(says);
}
