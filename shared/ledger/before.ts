// The runs that one answers for beside itself: what it was to go on with or to clean up after, and what that one went on with.
import type { Ledger } from '../cloud/ports.ts';
import { findPlan } from './plans.ts';
import { RunEntry } from '../runbooks/journal.ts';
import { foregoing, type Left } from '../runbooks/outcome.ts';
import { runIdOf, type Run } from '../runbooks/run.ts';

/** The nearest first. What left no journal that can be read ends the chain: a report tells of whatever there is. */
export async function readBefore(ledger: Ledger, run: Run): Promise<Left[]> {
  const chain: Left[] = [];
  const seen = new Set([run.execution]);
  for (let execution = foregoing(run); execution !== null && !seen.has(execution);) {
    seen.add(execution);
    const found = await ledger.read(`runs/${runIdOf(execution)}.json`);
    const entry = RunEntry.safeParse(found?.body).data;
    if (entry?.run.execution !== execution) break;
    chain.push({ entry, plan: await findPlan(ledger, entry.plan ?? undefined) });
    execution = foregoing(entry.run);
  }
  return chain;
}
