import * as z from 'zod';
import { addToken } from '../../shared/ledger/approvals.ts';
import { chance, channels, clock, estate, ledger, onLambda, post } from '../../shared/lambda.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { approvalIdOf } from '../../shared/secret.ts';
import { defineStep } from '../../shared/step.ts';
import { tellCountdown } from '../../shared/telling.ts';

/** Somebody goes alone: everybody who may stop it is told how. The machine waits for a stop, or for the countdown's end. */
export const announceCountdown = defineStep({
  name: 'announceCountdown',
  ports: ['ledger', 'post', 'channels', 'estate', 'clock', 'chance'],
  input: z.strictObject({ token: z.string().min(1), run: Run, round: z.int().positive(), url: z.url() }),
  output: z.strictObject({ id: z.string() }),

  async run({ token, run, round, url }, cloud) {
    const approval = await addToken(approvalIdOf(run.execution, round), token, cloud.ledger);
    if (!approval.decision) await tellCountdown(approval, url, cloud);
    return { id: approval.id };
  },
});

export const handler = onLambda(announceCountdown, { ledger, post, channels, estate, clock, chance });
