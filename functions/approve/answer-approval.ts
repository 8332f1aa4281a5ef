import { RunbookError } from '../../shared/errors.ts';
import { clock, definePage, ledger, onUrl, tasks, type PageRequest, type PageResponse } from '../../shared/lambda.ts';
import { renderDecision, renderQuestion, renderUnknown } from '../../shared/pages/approval.ts';
import { Answer, Approval, approvalIdOf, decide, judgeLink, type Decision } from '../../shared/runbooks/approval.ts';
import type { Cloud } from '../../shared/cloud/ports.ts';
import { secretMatches } from '../../shared/secret.ts';

type Reach = Pick<Cloud, 'ledger' | 'tasks' | 'clock'>;

/** GET renders and decides nothing; POST decides once. A second press, or one after a crash, delivers the same decision again. */
export const answerApproval = definePage({
  name: 'answerApproval',
  ports: ['ledger', 'tasks', 'clock'],

  async answer(request, cloud): Promise<PageResponse> {
    const form = new URLSearchParams(request.body);
    const secret = (request.method === 'POST' ? form : request.query).get('k') ?? '';
    const found = await findApproval(request, secret, cloud);
    const standing = judgeLink(found?.approval, found !== undefined, cloud.clock.now());
    if (!found || standing === 'unknown') return { status: 404, html: renderUnknown() };
    const { approval, version } = found;
    if (approval.decision) return told(approval, approval.decision, cloud);
    const answer = Answer.safeParse(Object.fromEntries(form));
    if (request.method !== 'POST' || !answer.success) return { status: 200, html: renderQuestion(approval, secret) };
    const decision = decide(approval, answer.data, cloud.clock.now());
    if (await cloud.ledger.replace(`approvals/${approval.id}.json`, { ...approval, decision }, version))
      return told(approval, decision, cloud);
    const moved = await findApproval(request, secret, cloud);
    if (!moved?.approval.decision) throw new RunbookError('CloudTransient', 'the decision could not be stored; press again');
    return told(moved.approval, moved.approval.decision, cloud);
  },
});

/** The approval under the link, if the link's secret is its approver's. A link that cannot be ours costs no read. */
async function findApproval({ path }: PageRequest, secret: string, { ledger: entries }: Reach) {
  const id = approvalIdOf(path);
  if (id === undefined || !/^[A-Za-z0-9_-]{43}$/.test(secret)) return undefined;
  const entry = await entries.read(`approvals/${id}.json`);
  const approval = Approval.safeParse(entry?.body);
  if (!entry || !approval.success || !secretMatches(secret, approval.data.secretHash)) return undefined;
  return { approval: approval.data, version: entry.version };
}

/** The decision is stored; now the run hears it, however often this is repeated. */
async function told(approval: Approval, decision: Decision, { tasks: waiting }: Reach): Promise<PageResponse> {
  const { by, at, reason } = decision;
  const delivered =
    decision.answer === 'approve'
      ? await waiting.succeed(approval.token, { approvedBy: by, at, reason })
      : await waiting.fail(approval.token, 'ApprovalRefused', `${by} refused: ${reason === '' ? 'no reason given' : reason}`);
  return { status: 200, html: renderDecision(approval, decision, delivered) };
}

export const handler = onUrl(answerApproval, { ledger, tasks, clock });
