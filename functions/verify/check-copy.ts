import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { detailOf } from '../../shared/copying.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { find, get, getParts } from '../../shared/ledger/copying.ts';
import { readMark } from '../../shared/ledger/facts.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, onLambda, shelves } from '../../shared/lambda.ts';
import { draftCopyMark, judgeLooked, undoneMark } from '../../shared/runbooks/copied.ts';

/** Reads the target as its application does: it is this run’s database, and as new as it was proven to be. Then the copy is on record. */
export const checkCopy = defineAct({
  name: 'checkCopy',
  ports: ['shelves', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan }, { shelves, estate, ledger, clock }) {
    const detail = detailOf(plan);
    const { database } = environmentIn(estate, detail.to);
    const found = await shelves.look(database, detail.from);
    const held = detail.next === 'undo' ? undefined : await get(ledger, run.id, 'held');
    const proof = held && (await find(ledger, run.id, 'proof'));
    // A restored database bears no mark: what is in it tells whose it is.
    const expected = detail.next === 'snapshot' ? null : run.id;
    const says = judgeLooked(found, { run: expected, live: database.name, to: detail.to, proof: proof?.proof });
    const before = await readMark(ledger, detail.from, detail.to);
    const laid = detail.next === 'copy' ? await get(ledger, run.id, 'laid', held?.attempt) : null;
    const parts = laid ? await getParts(ledger, run.id, laid.parts.length, laid.attempt) : [];
    const copy =
      held && proof
        ? draftCopyMark({ run, detail, held, proof: proof.proof, parts, before })
        : undoneMark(before, found.heartbeat);
    if (copy) await ledger.publish(`copies/${detail.from}-${detail.to}.json`, JSON.stringify(copy));
    await mark(ledger, clock, run.id, 'verified', says);
    return { says };
  },
});

export const handler = onLambda(checkCopy, { shelves, estate, ledger, clock });
