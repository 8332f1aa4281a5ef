import * as z from 'zod';
import { definePreparation } from '../../shared/act.ts';
import { clock, instances, ledger, onLambda, servers } from '../../shared/lambda.ts';
import { decideKeeping } from '../../shared/runbooks/restored.ts';
import { detailOf, sourceOf } from '../../shared/runbooks/restoring.ts';
import { PROVEN_TAG } from '../../shared/runbooks/retention.ts';

/** A snapshot of ours that has come back whole bears when that was shown, so that retention keeps it. Safe to repeat: the instant stays. */
export const keepProven = definePreparation({
  name: 'keepProven',
  ports: ['instances', 'servers'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, entry, intend, done }, { instances, servers }) {
    const detail = detailOf(plan);
    const source = sourceOf(detail);
    if (source.kind === 'point') return { says: 'left out: it came from a log, of which nothing is kept' };
    const { snapshot } = source;
    const keeping = decideKeeping(await instances.snapshot(snapshot), { snapshot, app: run.app, marks: entry.marks });
    if (keeping.kind === 'leave') return { says: `left out: ${keeping.says}` };
    const intent = await intend({ kind: 'proven', environment: detail.environment, snapshot }, { no: 'it stays proven' });
    if (!keeping.marked) await servers.tag(keeping.arn, { [PROVEN_TAG]: keeping.at });
    await done(intent);
    return { says: `${snapshot} is known as proven since ${keeping.at}` };
  },
});

export const handler = onLambda(keepProven, { instances, servers, ledger, clock });
