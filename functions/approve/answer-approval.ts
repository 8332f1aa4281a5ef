import { deliverDecision, deliverVoid, findApproval, storeAnswer } from '../../shared/ledger/approvals.ts';
import { clock, ledger, tasks } from '../../shared/lambda.ts';
import { definePage, onUrl } from '../../shared/page.ts';
import { renderAnswered, renderDecision, renderQuestion, renderUnknown, renderVoid } from '../../shared/pages/approval.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { Answer, judgeLink, type Approval } from '../../shared/runbooks/approval.ts';

/** GET renders and decides nothing; POST decides once. A second press, or one after a crash, delivers the same decision again. */
export const answerApproval = definePage({
  name: 'answerApproval',
  ports: ['ledger', 'tasks', 'clock'],

  async answer({ method, path, query, body }, cloud) {
    const form = new URLSearchParams(body);
    const secret = (method === 'POST' ? form : query).get('k') ?? '';
    const found = await findApproval(path, secret, cloud.ledger);
    if (!found) return { status: 404, html: renderUnknown() };
    const { approver } = found;
    const tell = async (approval: Approval) => {
      if (approval.voided && !approval.decision) {
        if (method === 'POST') await deliverVoid(approval, cloud.tasks);
        return { status: 200, html: renderVoid(approval) };
      }
      if (!approval.decision) return { status: 200, html: renderAnswered(approval, approver) };
      const delivered = await deliverDecision(approval, approval.decision, cloud.tasks);
      return { status: 200, html: renderDecision(approval, approval.decision, delivered) };
    };
    const standing = judgeLink(found.approval, approver, cloud.clock.now());
    if (standing === 'unknown') return { status: 404, html: renderUnknown() };
    if (standing !== 'open') return tell(found.approval);
    const answer = Answer.safeParse(Object.fromEntries(form));
    if (method === 'POST' && answer.success) {
      return tell(await storeAnswer(found.approval, approver, answer.data, cloud.clock.now(), cloud.ledger));
    }
    const plan = await readPlan(cloud.ledger, found.approval.plan);
    return { status: 200, html: renderQuestion(found.approval, plan, approver, secret, cloud.clock.now()) };
  },
});

export const handler = onUrl(answerApproval, { ledger, tasks, clock });
