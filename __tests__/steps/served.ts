import { answerApproval } from '../../functions/approve/answer-approval.ts';
import { onUrl } from '../../shared/page.ts';
import type { SmallWorld } from './small-world.ts';

/** The approvers' page as Lambda calls it, over a small world. */
export const pageOver = (world: SmallWorld) =>
  onUrl(answerApproval, {
    ledger: () => world.ledger,
    tasks: () => world.tasks,
    clock: () => world.clock,
    estate: () => world.estate,
    channels: () => world.channels,
    slack: () => world.slack,
  });
