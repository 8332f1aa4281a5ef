import * as z from 'zod';
import { definePreparation } from '../../shared/act.ts';
import { clock, instances, ledger, onLambda, servers } from '../../shared/lambda.ts';
import { judgeBeside } from '../../shared/runbooks/beside.ts';
import { tagsOf } from '../../shared/runbooks/instances.ts';
import { detailOf, fromOf, settingsOf, sourceOf } from '../../shared/runbooks/restoring.ts';
import { runIdOf } from '../../shared/runbooks/run.ts';

/** A second instance beside the one that people use. Safe to repeat: its name is the run's, and one that is another's is left alone. */
export const restoreBeside = definePreparation({
  name: 'restoreBeside',
  ports: ['instances', 'servers'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { instances, servers }) {
    const detail = detailOf(plan);
    const { environment, beside } = detail;
    const source = sourceOf(detail);
    const settings = settingsOf(detail);
    const snapshot = source.kind === 'snapshot' ? source.snapshot : null;
    const intent = await intend(
      { kind: 'beside', environment, instance: beside, from: fromOf(source), snapshot },
      { no: 'nobody is led to it' },
    );
    if ((await instances.find(beside)) === null) {
      const ours = tagsOf({ app: run.app, run: run.id, environment, what: 'restored' });
      await servers.restore(source, { instance: beside, settings, tags: { ...detail.tags, ...ours } });
    }
    const runs = [run.id, ...(run.resume === null ? [] : [runIdOf(run.resume)])];
    const { status } = judgeBeside(await instances.find(beside), { beside, runs });
    await done(intent);
    return { says: `${beside} is ${status}, ${fromOf(source)}` };
  },
});

export const handler = onLambda(restoreBeside, { instances, servers, ledger, clock });
