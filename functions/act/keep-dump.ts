import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { detailOf, dumpFolder } from '../../shared/copying.ts';
import { get, getParts } from '../../shared/ledger/copying.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, dumps, ledger, onLambda } from '../../shared/lambda.ts';
import { countOf } from '../../shared/runbooks/words.ts';
import { draftManifest } from '../../shared/runbooks/dumps.ts';

/** The files of a copy that was proven become objects of the audit trail, the manifest last. Safe to repeat. */
export const keepDump = defineAct({
  name: 'keepDump',
  ports: ['dumps'],
  output: z.strictObject({ manifest: z.string() }),

  async run({ run, plan }, { dumps, ledger, clock }) {
    const detail = detailOf(plan);
    const held = await get(ledger, run.id, 'held');
    const [laid, built, proof] = await Promise.all([
      get(ledger, run.id, 'laid', held.attempt),
      get(ledger, run.id, 'built', held.attempt),
      get(ledger, run.id, 'proof', held.attempt),
    ]);
    const parts = await getParts(ledger, run.id, laid.parts.length, held.attempt);
    const files = [laid, ...parts, built].flatMap(({ file }) => file ?? []);
    await dumps.finish(files);
    const manifest = `${dumpFolder(run, detail)}/manifest.json`;
    await ledger.publish(manifest, JSON.stringify(draftManifest({ run, detail, held, files, proof: proof.proof })));
    await mark(
      ledger,
      clock,
      run.id,
      'kept',
      `${countOf(files.length, 'file')} and a manifest are under ${dumpFolder(run, detail)}/`,
    );
    return { manifest };
  },
});

export const handler = onLambda(keepDump, { dumps, ledger, clock });
