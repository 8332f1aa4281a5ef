// What it takes to leave a side, whichever runbook leaves it: its fences, and whether there is a way back to it.
import { writerOf } from './lease.ts';
import type { Asking, MoveDetail } from './move.ts';
import type { Change, Plan } from './plan.ts';
import type { NameScene, Scene } from './scene.ts';
import { draftGaps } from './sequences.ts';
import { schemeOf } from './sides.ts';
import { listOf } from './words.ts';

/** What every plan that leaves a side begins with. */
export function headOf({ run, estate, sides, facts, now }: Scene, move: string): PlanHead {
  return {
    run: run.id,
    runbook: run.runbook,
    app: run.app,
    draftedAt: now.toISOString(),
    epoch: writerOf(facts.lease, estate).epoch,
    fencing: facts.lease?.fencing ?? 0,
    title: `${move} of ${estate.app} from ${sides.from} to ${sides.to}`,
  };
}
type PlanHead = Pick<Plan, 'run' | 'runbook' | 'app' | 'draftedAt' | 'epoch' | 'fencing' | 'title'>;

/** What its detail holds whichever side is left: the fences, how far the other side's sequences leap, and whether there is a way back. */
export function draftLeaving(scene: Scene): Pick<MoveDetail, 'from' | 'to' | 'fence' | 'gap' | 'invert' | 'asked'> {
  const { sides, facts, names, run } = scene;
  return {
    ...sides,
    fence: { web: draftWebFence(scene), database: draftDatabaseFence(scene) },
    gap: [...draftGaps(facts.databases.to.sequences, facts.databases.from.sequences).targets],
    invert: isAlive(scene)
      ? 'yes'
      : { no: `${sides.from} did not serve when this was planned: going back would lead people to a dead side` },
    asked: Object.fromEntries(names.map((one) => [one.name.name, askingOf(one, run.override)])),
  };
}

/** What a request has lifted is not demanded of the result: a door without HTTPS is then asked without. */
function askingOf({ to }: NameScene, override: readonly string[]): Asking {
  if (to && schemeOf(to) === 'http' && override.includes('https-missing')) return 'http';
  return override.includes('certificate') ? 'any certificate' : 'https';
}

function draftWebFence({ facts, run, estate, sides }: Scene): MoveDetail['fence']['web'] {
  const balancer = facts.doors.from.loadBalancer;
  const named = estate.environments[sides.from]?.web.loadBalancer ?? '';
  if (!balancer) return { listeners: [], skipped: `${sides.from} has no load balancer ${named} that could answer 503` };
  // A resumed run's fence is ours to keep; anybody else's is theirs to lift.
  const free = balancer.listeners.filter(({ fencedBy, priorities }) =>
    fencedBy === null ? !priorities.includes(1) : run.resume !== null,
  );
  if (free.length > 0) return { listeners: free.map(({ arn }) => arn), skipped: null };
  const fences = [...new Set(balancer.listeners.flatMap(({ fencedBy }) => fencedBy ?? []))];
  if (fences.length > 0) return { listeners: [], skipped: `${named} answers 503 already, by the fence of ${listOf(fences)}` };
  const why = balancer.listeners.length === 0 ? 'has no listener' : 'has no room for a rule before all others';
  return { listeners: [], skipped: `${named} ${why}` };
}

function draftDatabaseFence({ facts, sides }: Scene): MoveDetail['fence']['database'] {
  const { trouble, connect, identity } = facts.databases.from;
  // One that is fenced already as well: whoever revoked there may have died before the sessions ended.
  if (identity !== null) return { connect: [...connect].sort(), skipped: null };
  return { connect: [], skipped: `the database of ${sides.from} cannot be reached: ${trouble ?? 'no reason given'}` };
}

/** Whether the old side serves people, so that going back would help. Behind a fence only its database can tell. */
function isAlive({ facts, names }: Scene): boolean {
  const fenced = facts.doors.from.loadBalancer?.listeners.some(({ fencedBy }) => fencedBy !== null) === true;
  if (fenced) return facts.databases.from.identity !== null;
  return names.filter(({ name }) => name.needs.api).every(({ facts: { health } }) => health.from?.status === 200);
}

export function fenceChanges({ facts, estate, sides }: Scene, fence: MoveDetail['fence']): Change[] {
  const balancer = facts.doors.from.loadBalancer;
  const listeners = (balancer?.listeners ?? []).filter(({ arn }) => fence.web.listeners.includes(arn));
  const web: Change = {
    act: 'FenceWeb',
    target: balancer?.arn ?? '',
    says: `The load balancer of ${sides.from} answers 503 with Retry-After`,
    before: 'takes requests',
    after: `503 on ${listeners.map(({ protocol, port }) => `${protocol}:${port}`).join(', ')}`,
  };
  const database: Change = {
    act: 'FenceDatabase',
    target: estate.environments[sides.from]?.database.instance ?? '',
    says: `Nobody connects to the database of ${sides.from} any more`,
    before: `CONNECT for ${fence.database.connect.join(', ') || 'nobody'}`,
    after: 'CONNECT for nobody, sessions ended',
  };
  return [...(fence.web.skipped === null ? [web] : []), ...(fence.database.skipped === null ? [database] : [])];
}

export const fencesSkipped = (fence: MoveDetail['fence']): Plan['skipped'] => [
  ...(fence.web.skipped === null ? [] : [{ act: 'FenceWeb', why: fence.web.skipped }]),
  ...(fence.database.skipped === null ? [] : [{ act: 'FenceDatabase', why: fence.database.skipped }]),
];

export function writerChange({ facts, estate, run, sides }: Scene): Change {
  const { writer, epoch } = writerOf(facts.lease, estate);
  return {
    act: 'DeclareWriter',
    target: `lease/${run.app}.json`,
    says: `${sides.to} is the writer`,
    before: `${writer}, epoch ${epoch}`,
    after: `${sides.to}, epoch ${epoch + 1}`,
  };
}
