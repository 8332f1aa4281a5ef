import * as z from 'zod';
import { mark, readJournal } from '../../shared/ledger/journal.ts';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { MoveDetail, judgeWrite } from '../../shared/runbooks/move.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** The note that was written through the public name is in the new writer's database. Reads only; here the recovery clock stops. */
export const checkWrite = defineStep({
  name: 'checkWrite',
  ports: ['ledger', 'databases', 'estate', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef, note: z.string() }),
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan: ref, note }, { ledger, databases, estate, clock }) {
    const { to } = MoveDetail.parse((await readPlan(ledger, ref)).detail);
    const database = estate.environments[to]?.database;
    const says = judgeWrite(to, note, database && (await databases.findNote(database, note)));
    // When the note was taken people were served again; the clock stops only now, when that is proven.
    const served = (await readJournal(ledger, run.id)).marks.find(({ name }) => name === 'served');
    await mark(ledger, clock, run.id, 'verified', `${says}, as written at ${served?.at ?? 'an unknown instant'}`);
    return { says };
  },
});

export const handler = onLambda(checkWrite, { ledger, databases, estate, clock });
