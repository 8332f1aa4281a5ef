import * as z from 'zod';
import { clock, ledger, onLambda } from '../../shared/lambda.ts';
import { renderReport } from '../../shared/pages/report.ts';
import { draftOutcome, Outcome } from '../../shared/runbooks/outcome.ts';
import { defineStep } from '../../shared/step.ts';

/** Writes what became of the run as a page in the ledger. Safe to repeat: the same page under the same name. */
export const report = defineStep({
  name: 'report',
  ports: ['ledger', 'clock'],
  input: Outcome,
  output: z.strictObject({ page: z.string() }),

  async run(outcome, cloud) {
    const facts = draftOutcome(outcome, cloud.clock.now());
    const page = `reports/${facts.id}.html`;
    await cloud.ledger.publish(page, renderReport(facts));
    return { page };
  },
});

export const handler = onLambda(report, { ledger, clock });
