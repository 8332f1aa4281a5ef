// What the databases said, on its way from the function inside their network to the one that plans; in the ledger, because it may be
// more than a state can carry.
import * as z from 'zod';
import type { DatabaseFacts, Ledger } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';
import type { Estate } from './estate.ts';
import { CopyMark } from './runbooks/copies.ts';
import type { Run } from './runbooks/run.ts';

export interface DataFacts {
  readonly readAt: string;
  readonly databases: readonly DatabaseFacts[];
}

const Stored = z.object({
  readAt: z.iso.datetime(),
  databases: z.array(z.custom<DatabaseFacts>((value) => typeof value === 'object')),
});

/** The newest copy's marks by the environment that was copied. */
export async function readMarks(ledger: Ledger, estate: Estate): Promise<Map<string, CopyMark>> {
  const marks = new Map<string, CopyMark>();
  for (const { from, to } of estate.copies) {
    const found = await ledger.read(`copies/${from}-${to}.json`);
    if (found !== undefined) marks.set(from, CopyMark.parse(found.body));
  }
  return marks;
}

/** Each reading has a key of its own: what an approval was based on stays beside what it was rechecked with. */
export async function storeDataFacts(ledger: Ledger, run: Run, facts: DataFacts): Promise<string> {
  const key = `facts/${run.id}/${facts.readAt}.json`;
  await ledger.create(key, facts);
  return key;
}

export async function readDataFacts(ledger: Ledger, key: string): Promise<DataFacts> {
  const found = Stored.safeParse((await ledger.read(key))?.body);
  if (found.success) return found.data;
  throw new RunbookError('CloudRefused', `${key} is not in the ledger as it was written; start the run again`, { key });
}
