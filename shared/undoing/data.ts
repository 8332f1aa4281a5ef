// One intent inverted inside a database's network.
import type { Databases } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import type { Intent, RunEntry } from '../runbooks/journal.ts';
import { decideInverse, type Undone } from '../runbooks/undo.ts';

export async function invertData(
  entry: RunEntry,
  intent: Intent,
  { databases, estate }: { readonly databases: Databases; readonly estate: Estate },
): Promise<Undone> {
  const { act, effect } = intent;
  const database = effect.kind === 'database-fence' ? estate.environments[effect.environment]?.database : undefined;
  if (effect.kind !== 'database-fence' || !database) {
    throw new RunbookError('CloudRefused', `${act} is not undone inside a database's network`, { act });
  }
  const decision = decideInverse(entry, intent, {});
  if (decision.kind === 'leave') return { how: 'left', says: decision.says };
  await databases.unfence(database, effect.connect);
  if (effect.connect.length === 0) return { how: 'nothing', says: `nobody could connect to ${effect.environment} before` };
  return { how: 'inverted', says: `${effect.connect.join(', ')} may connect to ${effect.environment} again` };
}
