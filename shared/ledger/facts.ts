// What was read of the world, on its way from the function that can read it to the one that plans; in the ledger, because it may be
// more than a state can carry.
import * as z from 'zod';
import type { Ledger } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import { CopyMark } from '../runbooks/copies.ts';
import type { CopySurvey } from '../runbooks/copying.ts';
import { DatabaseFacts, Front } from '../runbooks/facts.ts';
import type { RestoredProof } from '../runbooks/restored.ts';
import type { Compared } from '../runbooks/rollback.ts';
import type { Run } from '../runbooks/run.ts';

export type DataFacts = z.infer<typeof DataFacts>;
export const DataFacts = z.object({ readAt: z.iso.datetime(), databases: z.array(DatabaseFacts) });

/** By environment; null where what the estate names does not exist, absent where it names none. */
export type DoorsFacts = z.infer<typeof DoorsFacts>;
export const DoorsFacts = z.object({
  readAt: z.iso.datetime(),
  doors: z.record(z.string(), z.object({ loadBalancer: Front.nullable(), distribution: Front.nullable().optional() })),
});

/** The newest copy's marks by the environment that was copied. */
export async function readMarks(ledger: Ledger, estate: Estate): Promise<Map<string, CopyMark>> {
  const marks = new Map<string, CopyMark>();
  for (const { from, to } of estate.copies) {
    const mark = await readMark(ledger, from, to);
    if (mark) marks.set(from, mark);
  }
  return marks;
}

/** Of one copy; null where none left its mark. */
export async function readMark(ledger: Ledger, from: string, to: string): Promise<CopyMark | null> {
  const found = await ledger.read(`copies/${from}-${to}.json`);
  return found ? CopyMark.parse(found.body) : null;
}

/** Each reading has a key of its own: what an approval was based on stays beside what it was rechecked with. */
export async function storeFacts(
  ledger: Ledger,
  run: Run,
  kind: string,
  facts: DataFacts | DoorsFacts | Compared | CopySurvey | RestoredProof,
): Promise<string> {
  const key = `facts/${run.id}/${kind}-${facts.readAt}.json`;
  await ledger.create(key, facts);
  return key;
}

export async function readFacts<T>(ledger: Ledger, key: string, shape: z.ZodType<T>): Promise<T> {
  const found = shape.safeParse((await ledger.read(key))?.body);
  if (found.success) return found.data;
  throw new RunbookError('CloudRefused', `${key} is not in the ledger as it was written; start the run again`, { key });
}
