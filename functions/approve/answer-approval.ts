import { answerRequest } from '../../shared/answering.ts';
import { channels, clock, estate, ledger, slack, tasks } from '../../shared/lambda.ts';
import { definePage, onUrl } from '../../shared/page.ts';

/** A decision and its reason; nothing that is longer was sent by our page. Slack sends the message back that was pressed. */
const LONGEST_FORM = 8_192;
const LONGEST_PRESS = 131_072;

/** GET renders and decides nothing; POST decides once, from the page or from Slack. */
export const answerApproval = definePage({
  name: 'answerApproval',
  ports: ['ledger', 'tasks', 'clock', 'estate', 'channels', 'slack'],
  longestBody: (path) => (path === '/slack' ? LONGEST_PRESS : LONGEST_FORM),
  answer: answerRequest,
});

export const handler = onUrl(answerApproval, { ledger, tasks, clock, estate, channels, slack });
