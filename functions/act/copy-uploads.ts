import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { bringUploads, detailOf } from '../../shared/copying.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { createHeed, get } from '../../shared/ledger/copying.ts';
import { mark, note } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, onLambda, uploads } from '../../shared/lambda.ts';
import { decideCopy } from '../../shared/runbooks/copying.ts';
import { decideBringing, judgePair } from '../../shared/runbooks/upload-pair.ts';

/** The bucket as one pair with the copy: its listing is later than the copy’s instant. Safe to repeat: what is there is not brought again. */
export const copyUploads = defineAct({
  name: 'copyUploads',
  ports: ['uploads', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { uploads, estate, ledger, clock }) {
    const { from, to } = detailOf(plan);
    const { copy } = decideCopy(run, estate);
    const [source, target] = [from, to].map((name) => environmentIn(estate, name).buckets.uploads) as [string, string];
    const { attempt, references } = await get(ledger, run.id, 'proof');
    if (source === target) return { says: `${from} and ${to} share one bucket` };
    const heed = createHeed(ledger, clock, run, attempt);
    const { keys, going, told } = decideBringing(await uploads.pair(source, target), copy.uploads.mostDeletions, to);
    const intent = await intend({ kind: 'uploads', environment: to, from, objects: keys.length }, 'yes');
    const brought = await bringUploads(uploads, { source, target, keys, going }, heed);
    const after = judgePair({ brought, target: (await uploads.pair(source, target)).target, references }, from, to);
    await done(intent);
    await note(ledger, run.id, [...told, ...after.told]);
    await mark(ledger, clock, run.id, 'uploads', after.says);
    return { says: after.says };
  },
});

export const handler = onLambda(copyUploads, { uploads, estate, ledger, clock });
