// A failover's plan: from what was read to an ordered list of changes, limits, loss, time and price. Decides, changes nothing.
import type { Asking, MoveDetail } from './move.ts';
import { FAILOVER_LIMITS } from './failover-limits.ts';
import { factsOf } from './failover-facts.ts';
import { writerOf } from './lease.ts';
import { judgeLimits } from './limits.ts';
import { draftLoss } from './loss.ts';
import type { Change, Plan } from './plan.ts';
import { priceOf, secondsOf } from './predictions.ts';
import { ALIAS_TTL_SECONDS } from './records.ts';
import { draftGaps, gapChange } from './sequences.ts';
import { layOut, type NameScene, type Scene, type Setting } from './scene.ts';
import { schemeOf } from './sides.ts';
import { listOf } from './words.ts';

/** A plan that exceeds its limits is drafted all the same: `raiseIfExceeded` refuses it, and a run that only plans shows it. */
export function draftFailover(setting: Setting): Omit<Plan, 'id' | 'hash'> {
  const scene = layOut(setting);
  const { run, estate, sides, facts, now } = scene;
  const detail = draftDetail(scene);
  const limits = judgeLimits(FAILOVER_LIMITS, scene, run.override);
  const loss = draftLoss({ ...facts.databases, copy: facts.copy, uploads: facts.uploads }, now);
  const changes = draftChanges(scene, detail);
  return {
    run: run.id,
    runbook: run.runbook,
    app: run.app,
    draftedAt: now.toISOString(),
    epoch: writerOf(facts.lease, estate).epoch,
    fencing: facts.lease?.fencing ?? 0,
    title: `Failover of ${estate.app} from ${sides.from} to ${sides.to}`,
    changes,
    facts: factsOf(scene, limits),
    limits,
    loss,
    predictedSeconds: secondsOf(detail),
    costUsd: priceOf(),
    skipped: skippedOf(scene, detail),
    detail,
  };
}

/** One line for the state machine's variable and a chat's headline. Overridden limits are said in capitals. */
export function summariseFailover({ title, changes, loss, limits, predictedSeconds }: Omit<Plan, 'id' | 'hash'>): string {
  const overridden = limits.filter(({ verdict }) => verdict === 'overridden').map(({ name }) => name.toUpperCase());
  const lifted = overridden.length === 0 ? '' : `; OVERRIDES ${listOf(overridden)}`;
  return `${title}: ${changes.length} changes, about ${predictedSeconds} s, loss ${loss.band}${lifted}`;
}

function draftDetail(scene: Scene): MoveDetail {
  const { names, sides } = scene;
  const zones = [...new Set(names.map(({ name }) => name.zone))].flatMap((zone) => {
    const moves = names.flatMap(({ name, move }) => (name.zone === zone && move ? [move] : []));
    const changes = moves.flatMap((move) => move.changes);
    if (changes.length === 0) return [];
    return {
      zone,
      before: moves.flatMap(({ before }) => before),
      after: moves.flatMap(({ after }) => after),
      changes,
      inverse: moves.flatMap(({ inverse }) => inverse),
    };
  });
  const alive = isAlive(scene);
  return {
    ...sides,
    zones,
    fence: { web: draftWebFence(scene), database: draftDatabaseFence(scene) },
    gap: [...draftGaps(scene.facts.databases.to.sequences, scene.facts.databases.from.sequences).targets],
    invert: alive
      ? 'yes'
      : { no: `${sides.from} did not serve when this was planned: going back would lead people to a dead side` },
    asked: Object.fromEntries(names.map((one) => [one.name.name, askingOf(one, scene.run.override)])),
    ttlSeconds: Math.max(ALIAS_TTL_SECONDS, ...names.map(({ move }) => move?.ttlSeconds ?? 0)),
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
  // One that is fenced cannot be reached either, but tells who it is. Whoever revoked there may have died before the sessions ended.
  if (identity !== null) return { connect: [...connect].sort(), skipped: null };
  return { connect: [], skipped: `the database of ${sides.from} cannot be reached: ${trouble ?? 'no reason given'}` };
}

/** Whether the old side serves people, so that going back would help. Behind a fence only its database can tell. */
function isAlive({ facts, names }: Scene): boolean {
  const fenced = facts.doors.from.loadBalancer?.listeners.some(({ fencedBy }) => fencedBy !== null) === true;
  if (fenced) return facts.databases.from.identity !== null;
  return names.filter(({ name }) => name.needs.api).every(({ facts: { health } }) => health.from?.status === 200);
}

function draftChanges({ names, facts, estate, sides, run }: Scene, { fence }: MoveDetail): Change[] {
  const balancer = facts.doors.from.loadBalancer;
  const listeners = (balancer?.listeners ?? []).filter(({ arn }) => fence.web.listeners.includes(arn));
  const { writer, epoch } = writerOf(facts.lease, estate);
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
  return [
    ...(fence.web.skipped === null ? [web] : []),
    ...(fence.database.skipped === null ? [database] : []),
    gapChange(sides.to),
    ...names.flatMap(({ move }) => move?.told ?? []).map((told) => ({ act: 'SwapNames', ...told })),
    {
      act: 'DeclareWriter',
      target: `lease/${run.app}.json`,
      says: `${sides.to} is the writer`,
      before: `${writer}, epoch ${epoch}`,
      after: `${sides.to}, epoch ${epoch + 1}`,
    },
  ];
}

const skippedOf = (scene: Scene, { fence, zones }: MoveDetail): Plan['skipped'] => [
  ...(fence.web.skipped === null ? [] : [{ act: 'FenceWeb', why: fence.web.skipped }]),
  ...(fence.database.skipped === null ? [] : [{ act: 'FenceDatabase', why: fence.database.skipped }]),
  ...(zones.length > 0 ? [] : [{ act: 'SwapNames', why: nothingToSwap(scene) }]),
];

/** Records that are not ours, or lead to neither side, stay where they lead: an overridden limit or a mere plan comes this far. */
function nothingToSwap({ names }: Scene): string {
  const astray = names.flatMap(({ name, move }) => {
    if (!move) return [`${name.name} has no door to lead to`];
    const nowhere = move.leads.length === 0 ? [`${name.name} has no record that leads anywhere`] : [];
    return [...nowhere, ...move.troubles.behind, ...move.troubles.strange];
  });
  return astray.length === 0 ? 'every name leads there already' : `there is no record of ours to move: ${listOf(astray)}`;
}
