// One instance on its way out: what must be shown is looked up in the world each time, then one move is made, and the next is waited for.
import type { Scene } from './act.ts';
import type { Cloud } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';
import { isApproved } from './ledger/approvals.ts';
import { tagsOf } from './runbooks/instances.ts';
import { decideMove, judgeApproved, judgeRetiree, waitingSays, type NextMove, type Retiree } from './runbooks/retiring.ts';
import { standingsOf } from './standing.ts';

type Hands = Pick<Cloud, 'instances' | 'servers' | 'connections' | 'executions' | 'estate' | 'ledger'>;

/** Returns when it is gone; until then it throws NotYet. What cannot be shown refuses before anything is touched. */
export async function retire(retiree: Retiree, scene: Scene, hands: Hands): Promise<void> {
  const { run, plan, entry, intend, done } = scene;
  const { instances, ledger } = hands;
  const [facts, standing] = await Promise.all([
    instances.find(retiree.instance),
    instances.snapshots({ resourceId: retiree.resourceId }),
  ]);
  const move = decideMove(facts, retiree, standing);
  if (move === 'gone' || facts === null) {
    const own = entry.intents.find(({ effect }) => effect.kind === 'removed' && effect.resourceId === retiree.resourceId);
    if (own) await done(own);
    return;
  }
  if (facts.status !== 'deleting') {
    for (const one of await standingsOf([facts], hands)) judgeRetiree(one, run.app);
    judgeApproved(await isApproved(ledger, entry.approvals, plan.hash), retiree, plan.id);
  }
  if (move === 'unprotect' || move === 'remove') {
    const { environment, instance, resourceId, snapshot } = retiree;
    await intend(
      { kind: 'removed', environment, instance, resourceId, snapshot },
      { no: `its data is in the snapshot ${snapshot}` },
    );
  }
  await MOVES[move](retiree, run, hands);
  throw new RunbookError('NotYet', waitingSays(move, facts, retiree), { instance: retiree.instance, status: facts.status });
}

const MOVES: Readonly<Record<Exclude<NextMove, 'gone'>, (retiree: Retiree, run: Scene['run'], hands: Hands) => Promise<void>>> = {
  wait: () => Promise.resolve(),
  start: ({ instance }, _run, { servers }) => servers.start(instance),
  snapshot: ({ instance, snapshot, environment }, run, { servers }) =>
    servers.takeSnapshot(instance, snapshot, tagsOf({ app: run.app, run: run.id, environment, what: 'snapshot' })),
  unprotect: ({ instance }, _run, { servers }) => servers.adjust(instance, { deletionProtection: false }, null),
  remove: ({ instance }, _run, { servers }) => servers.remove(instance),
};
