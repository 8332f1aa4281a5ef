// What the acts of one copy hand on to each other, in the ledger under `copying/<run>/`: each entry has one writer.
import * as z from 'zod';
import type { Clock, Ledger } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import { Built, HeldCopy, Laid, PouredPart } from '../runbooks/copying.ts';
import { Proof } from '../runbooks/proof.ts';
import type { Run } from '../runbooks/run.ts';
import { holdLease } from './lease.ts';

const keyOf = (run: string, name: string): string => `copying/${run}/${name}.json`;

/** `held` is whose instant it is; every other entry of another attempt is of another copy. */
const SHAPES = {
  held: HeldCopy,
  laid: Laid,
  /** Written before the first thing is built: whoever finds it died there. */
  building: z.strictObject({ attempt: z.string() }),
  built: Built,
  proof: z.strictObject({ attempt: z.string(), proof: Proof, references: z.array(z.string()), provedAt: z.iso.datetime() }),
} as const;
type Name = keyof typeof SHAPES;
type Shape<N extends Name> = z.infer<(typeof SHAPES)[N]>;

/** The last writing counts: whoever is tried again writes the same anew. */
export const keep = <N extends Name>(ledger: Ledger, run: string, name: N, entry: Shape<N>): Promise<void> =>
  ledger.publish(keyOf(run, name), JSON.stringify(entry));
export const keepPart = (ledger: Ledger, run: string, part: number, entry: PouredPart): Promise<void> =>
  ledger.publish(keyOf(run, `part-${part}`), JSON.stringify(entry));

async function fetch<T>(ledger: Ledger, run: string, name: string, shape: z.ZodType<T>): Promise<T | undefined> {
  return shape.safeParse((await ledger.read(keyOf(run, name)))?.body).data;
}
export const find = async <N extends Name>(ledger: Ledger, run: string, name: N): Promise<Shape<N> | undefined> =>
  (await fetch(ledger, run, name, SHAPES[name] as z.ZodType)) as Shape<N> | undefined;
export const findPart = (ledger: Ledger, run: string, part: number): Promise<PouredPart | undefined> =>
  fetch(ledger, run, `part-${part}`, PouredPart);

/** Not there yet is asked again: another function writes it at the same time. */
export async function get<N extends Name>(ledger: Ledger, run: string, name: N, attempt?: string): Promise<Shape<N>> {
  const found = await find(ledger, run, name);
  if (found && (attempt === undefined || found.attempt === attempt)) return found;
  throw new RunbookError('NotYet', `${keyOf(run, name)} is not in the ledger yet; it is asked again`, { run });
}

export async function getParts(ledger: Ledger, run: string, count: number, attempt: string): Promise<PouredPart[]> {
  const parts = await Promise.all(Array.from({ length: count }, (_, part) => findPart(ledger, run, part)));
  const found = parts.flatMap((part) => (part?.attempt === attempt ? [part] : []));
  if (found.length === count) return found;
  throw new RunbookError('CloudRefused', `the ledger has ${found.length} of ${count} parts of this copy; start the run again`, {
    run,
  });
}

const HEED_SECONDS = 5;

/** Asked as often as one likes: now and then it looks whether the copy is still ours, and throws when it is not. */
export function createHeed(ledger: Ledger, clock: Clock, run: Run, attempt: string): () => Promise<void> {
  let lookAt = clock.now().getTime() + HEED_SECONDS * 1000;
  return async () => {
    if (clock.now().getTime() < lookAt) return;
    lookAt = clock.now().getTime() + HEED_SECONDS * 1000;
    await holdLease(ledger, run);
    const held = await find(ledger, run.id, 'held');
    if (held?.attempt === attempt) return;
    throw new RunbookError('PlanStale', `another try of ${run.id} copies from the beginning; this one ends`, { run: run.id });
  };
}
