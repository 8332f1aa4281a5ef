// A restored instance that had taken another's place gives it back: whatever led to it leads to the old one again, or the names go back.
import type { Connections, Outside, ServerNames } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import type { EffectOf, Intent, RunEntry } from '../runbooks/journal.ts';
import { nextRenaming } from '../runbooks/renaming.ts';
import { decideInverse, type Undone } from '../runbooks/undo.ts';
import { tellApplication } from '../telling-application.ts';

export interface PointingHands {
  readonly connections: Connections;
  readonly outside: Outside;
  readonly estate: Estate;
}

/** What leads elsewhere by now is somebody else's doing, and left to them. */
async function pointBack(
  { environment, before, after, doors }: EffectOf<'connection'>,
  { connections, outside, estate }: PointingHands,
): Promise<Undone> {
  const pointers = await connections.read(environment);
  const moved = pointers.filter(({ host }) => host === after.host);
  if (moved.length === 0) return { how: 'nothing', says: `nothing of ${environment} leads to ${after.instance}` };
  if (before === null) return { how: 'left', says: `nothing is left that ${environment} could be led back to` };
  const strange = pointers.find(({ host }) => host !== after.host && host !== before.host);
  if (strange) {
    const says = `${strange.kind} ${strange.name} of ${environment} leads to ${strange.host ?? 'nothing'} by somebody else's hand, so what leads there is left as it is`;
    return { how: 'left', says };
  }
  await connections.point(environment, before);
  await tellApplication(environment, estate, outside, doors);
  return { how: 'inverted', says: `what leads to the database of ${environment} leads to ${before.instance} again` };
}

async function renameBack(effect: EffectOf<'renaming'>, serverNames: ServerNames): Promise<Undone> {
  const { live, aside, coming, liveId, comingId } = effect;
  if (liveId === null) return { how: 'left', says: `nothing bore the name ${live} before, so ${coming} keeps it` };
  const standing = {
    live: await serverNames.find(live),
    aside: await serverNames.find(aside),
    coming: await serverNames.find(coming),
  };
  // The same, with the parts exchanged: what has the name becomes what it was called, and the shelf gets the name.
  const next = nextRenaming(
    { live: standing.live, aside: standing.coming, coming: standing.aside },
    { live, aside: coming, coming: aside, liveId: comingId, comingId: liveId },
  );
  if (next.kind === 'done') return { how: 'inverted', says: `${live} is the instance again that it was` };
  if (next.kind === 'rename') await serverNames.rename(next.from, next.to);
  throw new RunbookError('NotYet', `${next.says}; asked again until the deadline`, { instance: live });
}

/** One intent inverted by whoever points at servers. */
export async function invertPointers(entry: RunEntry, intent: Intent, hands: PointingHands): Promise<Undone> {
  const { act, effect } = intent;
  const decision = decideInverse(entry, intent, {});
  if (decision.kind === 'leave') return { how: 'left', says: decision.says };
  if (effect.kind === 'connection') return pointBack(effect, hands);
  throw new RunbookError('CloudRefused', `${act} is not undone by whoever points at servers`, { act });
}

/** One intent inverted by whoever names servers. */
export async function invertNames(entry: RunEntry, intent: Intent, serverNames: ServerNames): Promise<Undone> {
  const { act, effect } = intent;
  const decision = decideInverse(entry, intent, {});
  if (decision.kind === 'leave') return { how: 'left', says: decision.says };
  if (effect.kind === 'renaming') return renameBack(effect, serverNames);
  throw new RunbookError('CloudRefused', `${act} is not undone by whoever names servers`, { act });
}
