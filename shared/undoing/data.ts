// One intent inverted inside a database's network.
import type { Databases, Ledger, Shelves } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import type { Database, Estate } from '../estate.ts';
import { findPatch } from '../ledger/patches.ts';
import type { EffectOf, Intent, RunEntry } from '../runbooks/journal.ts';
import { judgeFence } from '../runbooks/move.ts';
import { returned } from '../runbooks/shelf.ts';
import { decideInverse, type Undone } from '../runbooks/undo.ts';

export interface DataHands {
  readonly databases: Databases;
  readonly shelves: Shelves;
  readonly ledger: Ledger;
  readonly estate: Estate;
}

export async function invertData(
  entry: RunEntry,
  intent: Intent,
  { databases, shelves, ledger, estate }: DataHands,
): Promise<Undone> {
  const { act, effect } = intent;
  const within = isWithin(effect);
  const database = within ? estate.environments[effect.environment]?.database : undefined;
  if (!within || !database) {
    throw new RunbookError('CloudRefused', `${act} is not undone inside a database's network`, { act });
  }
  const decision = decideInverse(entry, intent, {});
  if (decision.kind === 'leave') return { how: 'left', says: decision.says };
  if (effect.kind === 'swap') return swapBack(effect, database, shelves);
  if (effect.kind === 'incoming') return dropIncoming(effect, database, shelves);
  if (effect.kind === 'opened') return closeAgain(effect, database, databases);
  if (effect.kind === 'rows') return takeBack(effect, database, databases, ledger);
  if (effect.kind === 'database-lift') {
    judgeFence(effect.environment, await databases.fence(database));
    return { how: 'inverted', says: `nobody connects to the database of ${effect.environment} again` };
  }
  await databases.unfence(database, effect.connect);
  if (effect.connect.length === 0) return { how: 'nothing', says: `nobody could connect to ${effect.environment} before` };
  return { how: 'inverted', says: `${effect.connect.join(', ')} may connect to ${effect.environment} again` };
}

type Within = EffectOf<'database-fence' | 'database-lift' | 'swap' | 'incoming' | 'opened' | 'rows'>;
const isWithin = (effect: Intent['effect']): effect is Within =>
  ['database-fence', 'database-lift', 'swap', 'incoming', 'opened', 'rows'].includes(effect.kind);

/** The instance that was to take the writes takes none any more, wherever anything leads. */
async function closeAgain({ environment, place }: EffectOf<'opened'>, database: Database, databases: Databases): Promise<Undone> {
  judgeFence(environment, await databases.fence(database, place));
  return { how: 'inverted', says: `nobody connects to ${place.instance} any more` };
}

async function takeBack(
  { environment, from, patch }: EffectOf<'rows'>,
  database: Database,
  databases: Databases,
  ledger: Ledger,
): Promise<Undone> {
  const rows = await findPatch(ledger, patch);
  if (rows.length === 0) return { how: 'nothing', says: `no row of ${from} was brought to ${environment}` };
  await databases.revert(database, rows);
  return { how: 'inverted', says: `${rows.length} rows of ${environment} are as they were before` };
}

/** The marks tell which of the two bears the name; what came back is what it was. */
async function swapBack(
  { environment, run, live, aside, coming }: EffectOf<'swap'>,
  database: Database,
  shelves: Shelves,
): Promise<Undone> {
  const standing = await shelves.standing(database);
  const [now, before] = [live, aside].map((name) => standing.find((one) => one.name === name));
  if (now?.mark?.run !== run || !before) return { how: 'nothing', says: `${live} of ${environment} is what it was` };
  const back = { ...(before.mark ?? now.mark), shelvedAt: null };
  await shelves.rename(database, {
    live,
    aside: coming,
    asideMark: returned(now.mark, live, coming),
    coming: aside,
    comingMark: back,
  });
  return { how: 'inverted', says: `${live} of ${environment} is the one again that it was before` };
}

/** Only what bears the mark of the run that made it, and never what people read. */
async function dropIncoming(
  { environment, run, database: name }: EffectOf<'incoming'>,
  database: Database,
  shelves: Shelves,
): Promise<Undone> {
  const found = (await shelves.standing(database)).find((one) => one.name === name);
  if (!found) return { how: 'nothing', says: `nothing was left beside the database of ${environment}` };
  if (found.mark?.kind !== 'incoming' || found.mark.run !== run)
    return { how: 'left', says: `${name} does not bear the mark of ${run}, so it is left; look whose it is` };
  await shelves.drop(database, name);
  return { how: 'inverted', says: `the copy that was begun on ${environment} is gone again` };
}
