import { deliverDecision, findApproval } from '../../shared/answering.ts';
import { RunbookError } from '../../shared/errors.ts';
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
    const found = await findApproval(path, secret, cloud.ledger);
    if (!found || judgeLink(found.approval, cloud.clock.now()) === 'unknown') return { status: 404, html: renderUnknown() };
    const { approval, version } = found;
    if (approval.decision) return tell(approval, approval.decision);
    const answer = Answer.safeParse(Object.fromEntries(form));
    if (method !== 'POST' || !answer.success) return { status: 200, html: renderQuestion(approval, secret) };
    const decision = decide(approval, answer.data, cloud.clock.now());
    if (await cloud.ledger.replace(`approvals/${approval.id}.json`, { ...approval, decision }, version))
      return tell(approval, decision);
    const moved = (await findApproval(path, secret, cloud.ledger))?.approval;
    if (!moved?.decision) throw new RunbookError('CloudTransient', 'the decision could not be stored; press again');
    return tell(moved, moved.decision);
  },
});

export const handler = onUrl(answerApproval, { ledger, tasks, clock });
