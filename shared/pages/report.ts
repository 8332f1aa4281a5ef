// What is left of a run for people: one page in the ledger.
import { escape, facts, page } from './html.ts';

export interface ReportFacts {
  readonly id: string;
  readonly machine: string;
  readonly execution: string;
  readonly reason: string;
  readonly by: string;
  readonly openedAt: string;
  readonly reportedAt: string;
  readonly outcome: 'SUCCEEDED' | 'FAILED';
  readonly approval: string;
  readonly failure: string;
}

export const renderReport = (report: ReportFacts): string =>
  page(
    `${report.machine} ${report.outcome}`,
    `<h1>${escape(report.machine)}: ${report.outcome}</h1>` +
      facts([
        ['Run', report.id],
        ['Why', report.reason],
        ['Asked by', report.by],
        ['Opened', report.openedAt],
        ['Reported', report.reportedAt],
        ['Answer', report.approval],
        ['Stopped by', report.failure],
        ['Execution', report.execution],
      ]),
  );
