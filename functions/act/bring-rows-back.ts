import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { findPatch, keepPatch } from '../../shared/ledger/patches.ts';
import { sidesOf } from '../../shared/restoring.ts';
import { judgeBroughtBack, judgeRows } from '../../shared/runbooks/restored-rows.ts';
import { detailOf } from '../../shared/runbooks/restoring.ts';

/** Twice, before the rows and after them: an act has no more time than that. */
const COMPARING_SECONDS = 25;

/** Rows as they were at that instant, into the database that people use, in one transaction. Safe to repeat: what is as it was is not written. */
export const bringRowsBack = defineAct({
  name: 'bringRowsBack',
  ports: ['databases', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { databases, estate, ledger, clock }) {
    const detail = detailOf(plan);
    const { environment, beside: from, tables } = detail;
    const { here, there } = sidesOf(detail, estate);
    const compare = () => databases.compare(here, there, COMPARING_SECONDS, tables ?? undefined);
    const found = await compare();
    const rows = judgeRows(found, detail);
    const patch = `patches/${run.id}.json`;
    const intent = await intend({ kind: 'rows', environment, from, patch, rows: rows.length }, 'yes');
    await keepPatch(ledger, patch, found, rows);
    await databases.merge(here.database, rows);
    const says = judgeBroughtBack(await compare(), detail, (await findPatch(ledger, patch)).length);
    await done(intent);
    await mark(ledger, clock, run.id, 'verified', says);
    return { says };
  },
});

export const handler = onLambda(bringRowsBack, { databases, estate, ledger, clock });
