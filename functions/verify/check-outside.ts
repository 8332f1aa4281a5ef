import * as z from 'zod';
import { mark, readJournal } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, names, onLambda, outside } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { MoveDetail } from '../../shared/runbooks/move.ts';
import { judgeOutside, judgeTaken, patienceFrom } from '../../shared/runbooks/outside.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';
import { askEverywhere, lookOverTheLastSecond, writeNote } from '../../shared/vantage.ts';

/**
 * Asks every authoritative server and every resolver of the estate who serves each name, and writes a note through it. Says how long to
 * wait before it is worth asking again, so that the machine waits and not a function. Acts on nothing.
 */
export const checkOutside = defineStep({
  name: 'checkOutside',
  ports: ['ledger', 'names', 'outside', 'estate', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef }),
  output: z.strictObject({ note: z.string(), says: z.string(), waitSeconds: z.int().nonnegative() }),

  async run({ run, plan: ref }, cloud) {
    const { to, asked, ttlSeconds } = MoveDetail.parse((await readPlan(cloud.ledger, ref)).detail);
    const { marks } = await readJournal(cloud.ledger, run.id);
    const inSyncAt = marks.find(({ name }) => name === 'in sync')?.at ?? run.openedAt;
    const patience = () => patienceFrom(inSyncAt, ttlSeconds, cloud.clock.now());
    const note = `${run.id} ${ref.hash.slice(0, 12)}`;
    const look = async () => judgeOutside(cloud.estate, to, await askEverywhere(cloud.estate, asked, cloud), patience());
    const led = await lookOverTheLastSecond(look, cloud.clock);
    if (led.waitSeconds > 0) return { note, ...led };
    const written = await writeNote(cloud.estate, asked, note, cloud.outside);
    const taken = written && judgeTaken(to, written, patience());
    if (taken && taken.waitSeconds > 0) return { note, ...taken };
    const says = taken ? `${led.says}; ${taken.says}` : led.says;
    await mark(cloud.ledger, cloud.clock, run.id, 'served', says);
    return { note, says, waitSeconds: 0 };
  },
});

export const handler = onLambda(checkOutside, { ledger, names, outside, estate, clock });
