import { deliverDecision, findApproval, storeDecision } from '../../shared/approvals.ts';
import { clock, ledger, tasks } from '../../shared/lambda.ts';
import { definePage, onUrl } from '../../shared/page.ts';
import { renderDecision, renderQuestion, renderUnknown } from '../../shared/pages/approval.ts';
import { Answer, decide, judgeLink, type Approval, type Decision } from '../../shared/runbooks/approval.ts';

/** GET renders and decides nothing; POST decides once. A second press, or one after a crash, delivers the same decision again. */
export const answerApproval = definePage({
  name: 'answerApproval',
  ports: ['ledger', 'tasks', 'clock'],

  async answer({ method, path, query, body }, cloud) {
    const tell = async (approval: Approval, decision: Decision) => {
      const delivered = await deliverDecision(approval, decision, cloud.tasks);
      return { status: 200, html: renderDecision(approval, decision, delivered) };
    };
    const form = new URLSearchParams(body);
    const secret = (method === 'POST' ? form : query).get('k') ?? '';
    const approval = await findApproval(path, secret, cloud.ledger);
    if (!approval || judgeLink(approval, cloud.clock.now()) === 'unknown') return { status: 404, html: renderUnknown() };
    if (approval.decision) return tell(approval, approval.decision);
    const answer = Answer.safeParse(Object.fromEntries(form));
    if (method !== 'POST' || !answer.success) return { status: 200, html: renderQuestion(approval, secret) };
    return tell(approval, await storeDecision(approval, decide(approval, answer.data, cloud.clock.now()), cloud.ledger));
  },
});

export const handler = onUrl(answerApproval, { ledger, tasks, clock });
