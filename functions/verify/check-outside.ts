import * as z from 'zod';
import { mark, readJournal } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, names, onLambda, outside } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { FailoverDetail, judgeOutside, patienceFrom } from '../../shared/runbooks/failover.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';
import { askEverywhere, writeNote } from '../../shared/vantage.ts';

/** Asks every authoritative server and every resolver of the estate who serves each name, and writes a note through it. Acts on nothing. */
export const checkOutside = defineStep({
  name: 'checkOutside',
  ports: ['ledger', 'names', 'outside', 'estate', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef }),
  output: z.strictObject({ note: z.string(), says: z.string() }),

  async run({ run, plan: ref }, cloud) {
    const detail = FailoverDetail.parse((await readPlan(cloud.ledger, ref)).detail);
    const { marks } = await readJournal(cloud.ledger, run.id);
    const inSyncAt = marks.find(({ name }) => name === 'in sync')?.at ?? run.openedAt;
    const sights = await askEverywhere(cloud.estate, cloud);
    const says = judgeOutside(cloud.estate, detail.to, sights, patienceFrom(inSyncAt, detail, cloud.clock.now()));
    const note = `${run.id} ${ref.hash.slice(0, 12)}`;
    await writeNote(cloud.estate, detail.to, note, cloud.outside);
    await mark(cloud.ledger, cloud.clock, run.id, 'served', `${says}; a write through the public name was taken`);
    return { note, says };
  },
});

export const handler = onLambda(checkOutside, { ledger, names, outside, estate, clock });
