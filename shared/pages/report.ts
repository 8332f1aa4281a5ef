// What is left of a run for people: one page in the ledger.
import { escape, facts, instant, page, timeline, type Span } from './html.ts';

export interface ReportFacts {
  readonly id: string;
  readonly machine: string;
  readonly execution: string;
  readonly reason: string;
  readonly by: string;
  readonly openedAt: string | undefined;
  readonly answeredAt: string | undefined;
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
        ['Opened', report.openedAt === undefined ? 'never' : instant(report.openedAt)],
        ['Reported', instant(report.reportedAt)],
        ['Answer', report.approval],
        ['Stopped by', report.failure],
        ['Execution', report.execution],
      ]) +
      timeline(spansOf(report)),
  );

/** From opening to the answer a person was waited for; the rest is the machine's. */
function spansOf({ openedAt, answeredAt, reportedAt }: ReportFacts): Span[] {
  const from = openedAt ?? reportedAt;
  if (answeredAt === undefined) return [{ name: 'Opened to reported', from, to: reportedAt }];
  return [
    { name: 'Waiting for the answer', from, to: answeredAt },
    { name: 'Answer to report', from: answeredAt, to: reportedAt },
  ];
}
