import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { keepPatch } from '../../shared/ledger/patches.ts';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { comparedOf } from '../../shared/returning.ts';
import { judgeMerged, judgePatch } from '../../shared/runbooks/merging.ts';
import { RollbackDetail } from '../../shared/runbooks/rollback.ts';

/** Before and after the merge, while nobody can write: an act has no more time than that. */
const COMPARING_SECONDS = 25;

/**
 * Brings the rows that only the fenced side has to the side that is to serve, in one transaction, and compares once more. Safe to
 * repeat: what is there already is not brought again.
 */
export const mergeData = defineAct({
  name: 'mergeData',
  ports: ['databases', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { databases, estate, ledger }) {
    const detail = RollbackDetail.parse(plan.detail);
    const { here, there } = comparedOf(detail, estate);
    const found = await databases.compare(here, there, COMPARING_SECONDS);
    const rows = judgePatch(found, { ...detail, overridden: run.override });
    if (detail.divergence !== 'merge') return { says: 'left out: the request brings nothing along' };
    const patch = `patches/${run.id}.json`;
    const { from, to, invert, winner } = detail;
    const intent = await intend({ kind: 'merge', environment: to, from, patch, rows: rows.length }, invert);
    await keepPatch(ledger, patch, found, rows);
    await databases.merge(here.database, rows);
    const says = judgeMerged(await databases.compare(here, there, COMPARING_SECONDS), winner, rows.length);
    await done(intent);
    return { says };
  },
});

export const handler = onLambda(mergeData, { databases, estate, ledger, clock });
