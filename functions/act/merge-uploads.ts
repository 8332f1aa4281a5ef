import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { clock, estate, ledger, onLambda, uploads } from '../../shared/lambda.ts';
import { findFiles, keepFiles } from '../../shared/ledger/patches.ts';
import { bucketsOf } from '../../shared/returning.ts';
import { judgeBrought, judgeFiles } from '../../shared/runbooks/merging.ts';
import { RollbackDetail } from '../../shared/runbooks/rollback.ts';
import type { UploadDivergence } from '../../shared/runbooks/uploads.ts';

/**
 * Copies what people uploaded on the fenced side to the side that is to serve. Which files is kept before the first is copied: a step
 * that is run again copies the same ones again, which changes nothing.
 */
export const mergeUploads = defineAct({
  name: 'mergeUploads',
  ports: ['uploads', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { ledger, uploads, estate }) {
    const detail = RollbackDetail.parse(plan.detail);
    const { from, to, invert, uploadsSince, divergence } = detail;
    if (divergence === 'discard' || uploadsSince === null) return { says: 'left out: no file is to be brought along' };
    const { here, there } = bucketsOf(detail, estate);
    const look = (): Promise<UploadDivergence> => uploads.compare(here, there, new Date(uploadsSince));
    const patch = `patches/${run.id}-uploads.json`;
    const known = await findFiles(ledger, patch);
    const files = known ?? judgeFiles(await look(), { ...detail, overridden: run.override });
    if (files.length === 0) return { says: `left out: ${from} has no file to be brought along` };
    if (!known) await keepFiles(ledger, patch, files);
    const intent = await intend({ kind: 'uploads', environment: to, from, objects: files.length }, invert);
    await uploads.copy(there, here, files);
    const says = judgeBrought(await look(), to, files);
    await done(intent);
    return { says };
  },
});

export const handler = onLambda(mergeUploads, { uploads, estate, ledger, clock });
