// What became of a run, as a page and for programs. Written without a condition: the last one counts.
import type { Ledger } from '../cloud/ports.ts';
import { renderReport } from '../pages/report.ts';
import type { Outcome } from '../runbooks/outcome.ts';

/** Answers where the page is. */
export async function publishOutcome(ledger: Ledger, outcome: Outcome): Promise<string> {
  const page = `reports/${outcome.id}.html`;
  await ledger.publish(page, renderReport(outcome));
  await ledger.publish(`reports/${outcome.id}.json`, JSON.stringify(outcome, null, 2));
  return page;
}
