// One intent inverted inside a database's network.
import type { Databases } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import type { Intent, RunEntry } from '../runbooks/journal.ts';
import { judgeFence } from '../runbooks/move.ts';
import { decideInverse, type Undone } from '../runbooks/undo.ts';

export async function invertData(
  entry: RunEntry,
  intent: Intent,
  { databases, estate }: { readonly databases: Databases; readonly estate: Estate },
): Promise<Undone> {
  const { act, effect } = intent;
  const within = effect.kind === 'database-fence' || effect.kind === 'database-lift';
  const database = within ? estate.environments[effect.environment]?.database : undefined;
  if (!within || !database) {
    throw new RunbookError('CloudRefused', `${act} is not undone inside a database's network`, { act });
  }
  const decision = decideInverse(entry, intent, {});
  if (decision.kind === 'leave') return { how: 'left', says: decision.says };
  if (effect.kind === 'database-lift') {
    judgeFence(effect.environment, await databases.fence(database));
    return { how: 'inverted', says: `nobody connects to the database of ${effect.environment} again` };
  }
  await databases.unfence(database, effect.connect);
  if (effect.connect.length === 0) return { how: 'nothing', says: `nobody could connect to ${effect.environment} before` };
  return { how: 'inverted', says: `${effect.connect.join(', ')} may connect to ${effect.environment} again` };
}
