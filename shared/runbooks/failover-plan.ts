// A failover's plan: from what was read to an ordered list of changes, limits, loss, time and price. Decides, changes nothing.
import { draftLeaving, fenceChanges, fencesSkipped, headOf, writerChange } from './leaving.ts';
import type { MoveDetail } from './move.ts';
import { FAILOVER_LIMITS } from './failover-limits.ts';
import { factsOf } from './failover-facts.ts';
import { judgeLimits } from './limits.ts';
import { draftLoss } from './loss.ts';
import type { Change, Plan } from './plan.ts';
import { priceOf, secondsOf } from './predictions.ts';
import { ALIAS_TTL_SECONDS } from './records.ts';
import { gapChange } from './sequences.ts';
import { layOut, type Scene, type Setting } from './scene.ts';
import { listOf } from './words.ts';

/** A plan that exceeds its limits is drafted all the same: `raiseIfExceeded` refuses it, and a run that only plans shows it. */
export function draftFailover(setting: Setting): Omit<Plan, 'id' | 'hash'> {
  const scene = layOut(setting);
  const { run, facts, now } = scene;
  const detail = draftDetail(scene);
  const limits = judgeLimits(FAILOVER_LIMITS, scene, run.override);
  const loss = draftLoss({ ...facts.databases, copy: facts.copy, uploads: facts.uploads }, now);
  const changes = draftChanges(scene, detail);
  return {
    ...headOf(scene, 'Failover'),
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
  const { names } = scene;
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
  return {
    ...draftLeaving(scene),
    zones,
    ttlSeconds: Math.max(ALIAS_TTL_SECONDS, ...names.map(({ move }) => move?.ttlSeconds ?? 0)),
  };
}

function draftChanges(scene: Scene, { fence }: MoveDetail): Change[] {
  return [
    ...fenceChanges(scene, fence),
    gapChange(scene.sides.to),
    ...scene.names.flatMap(({ move }) => move?.told ?? []).map((told) => ({ act: 'SwapNames', ...told })),
    writerChange(scene),
  ];
}

const skippedOf = (scene: Scene, { fence, zones }: MoveDetail): Plan['skipped'] => [
  ...fencesSkipped(fence),
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
