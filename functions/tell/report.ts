import * as z from 'zod';
import { readConfig } from '../../shared/config.ts';
import { readApproval } from '../../shared/ledger/approvals.ts';
import { readBefore } from '../../shared/ledger/before.ts';
import { findJournal } from '../../shared/ledger/journal.ts';
import { channels, clock, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { announceOutcome } from '../../shared/pages/report.ts';
import { findPlan } from '../../shared/ledger/plans.ts';
import { publishOutcome } from '../../shared/ledger/reports.ts';
import { draftOutcome, Failure } from '../../shared/runbooks/outcome.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { Run, runIdOf, Unopened } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';
import { closePosted, silenceSays } from '../../shared/telling.ts';

/** Writes what became of the run, as a page and for programs, and tells the channels. Safe to repeat: the same page under the same name. */
export const report = defineStep({
  name: 'report',
  ports: ['ledger', 'channels', 'estate', 'clock'],
  input: z.strictObject({ run: z.union([Run, Unopened]), plan: PlanRef.nullable(), failure: Failure.nullable() }),
  output: z.strictObject({ page: z.string() }),

  async run({ run, plan: ref, failure }, { ledger, channels, estate, clock }) {
    const entry = await findJournal(ledger, runIdOf(run.execution));
    const plan = await findPlan(ledger, entry?.plan ?? ref?.id);
    const approvals = await Promise.all((entry?.approvals ?? []).map((approval) => readApproval(approval, ledger)));
    const before = 'resume' in run ? await readBefore(ledger, run) : [];
    const { objectives } = estate;
    const outcome = draftOutcome({ run, entry, plan, approvals, before, failure, objectives, now: clock.now() });
    await closePosted(approvals, { channels, clock });
    const page = await publishOutcome(ledger, outcome);
    const bucket = readConfig('LEDGER_BUCKET').LEDGER_BUCKET;
    const { silent } = await channels.announce(announceOutcome(outcome, `s3://${bucket}/${page}`));
    const notes = [...outcome.notes, ...silent.map(silenceSays)];
    if (silent.length > 0) await publishOutcome(ledger, { ...outcome, notes: [...new Set(notes)] });
    return { page };
  },
});

export const handler = onLambda(report, { ledger, channels, estate, clock });
