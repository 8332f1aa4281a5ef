// No bad path: every fault, at every step, before its first write takes effect and after.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Deployed, Outcome } from '../../rehearsal/run/rehearse.ts';
import { approvalLink, press } from '../../rehearsal/run/approver.ts';
import { FAULT_KINDS, type Fault, type FaultKind } from '../../rehearsal/faults/faults.ts';
import { startSmallCloud, type SmallCloud } from './small-cloud.ts';

const STEPS = ['Open', 'Approve', 'the page', 'Report', 'ReportFailure'] as const;
type Step = (typeof STEPS)[number];
const MOMENTS = ['before its first write', 'after it'] as const;
type Moment = (typeof MOMENTS)[number];
const BUCKET = 'changeover-ledger-dev';

let small: SmallCloud;
let deployed: Deployed;
beforeAll(async () => {
  small = await startSmallCloud();
  deployed = await small.deploy();
}, 120_000);
afterAll(() => small.stop());

/** The page has no state of its own: it is asked by whoever holds the link. */
const place = (step: Step) => (step === 'the page' ? { functionName: 'changeover-dev-answerApproval' } : { state: step });

function faultsOf(kind: FaultKind, step: Step, moment: Moment): Fault[] {
  const write = { ...place(step), operation: 's3:PutObject' };
  const again = kind === 'duplicate' ? { kind, ...place(step) } : { kind, ...write, milliseconds: 300 };
  if (moment === 'before its first write') return [again];
  // The write took effect and its answer was lost: what the step does next meets the fault.
  return [
    { kind: 'lost-after', ...write },
    { ...again, ...(kind !== 'duplicate' && { occurrence: 2 }) },
  ];
}

/** A person who presses again while the page says that something went wrong. */
async function insist(link: string, answer: 'approve' | 'refuse'): Promise<void> {
  for (let presses = 0; presses < 5; presses++) {
    const pressed = await press(link, answer, 'said in the test').catch(() => undefined);
    if (pressed?.status === 200) return;
  }
}

async function rehearse(faults: readonly Fault[], answer: 'approve' | 'refuse'): Promise<Outcome> {
  const { cloud } = small;
  const silence = deployed.inbox.onMail((mail) => {
    const link = approvalLink(mail);
    if (link !== undefined) void cloud.timeline.busy(() => insist(link, answer));
  });
  try {
    const change = { approve: 'expire', faults: faults as never } as const;
    return (await small.rehearse(deployed, 'rollcall/ordinary', change)).outcome;
  } finally {
    silence();
  }
}

async function bodiesOf(prefix: string): Promise<{ run?: string; decision?: object | null }[]> {
  const { Contents = [] } = await small.cloud.call('s3', 'ListObjectsV2', { Bucket: BUCKET, Prefix: prefix });
  const reading = Contents.map(async ({ Key }) => {
    const { Body } = await small.cloud.call('s3', 'GetObject', { Bucket: BUCKET, Key });
    return JSON.parse(Buffer.from(Body as Uint8Array).toString('utf8')) as object;
  });
  return Promise.all(reading);
}

/** A right that is denied is not asked for again; a person can press again; a report of a failure never hides it. */
function endOf(kind: FaultKind, step: Step): { status: string; error: string | undefined } {
  if (step === 'ReportFailure') return { status: 'FAILED', error: 'ApprovalRefused' };
  if (kind === 'denied' && step !== 'the page') return { status: 'FAILED', error: 'CloudRefused' };
  return { status: 'SUCCEEDED', error: undefined };
}

/** What must stand in the ledger: a run unless its only write was denied, a decision unless nobody could be asked. */
const standing = (kind: FaultKind, step: Step, moment: Moment) => ({
  runs: kind === 'denied' && step === 'Open' && moment === 'before its first write' ? 0 : 1,
  decisions: kind === 'denied' && (step === 'Open' || step === 'Approve') ? 0 : 1,
});

/** A write has no earlier answer to be stale with: a fault that cannot strike is told, never taken as met. */
const unmet = (faults: readonly Fault[]): string[] =>
  faults.filter(({ kind }) => kind === 'stale').map((fault) => `a fault met nothing: ${JSON.stringify(fault)}`);

const EVERY = FAULT_KINDS.flatMap((kind) => STEPS.flatMap((step) => MOMENTS.map((moment) => [kind, step, moment] as const)));

describe('a run that meets', () => {
  it.each(EVERY)('%s at %s, %s, ends as it should, and is in the ledger once', async (kind, step, moment) => {
    const faults = faultsOf(kind, step, moment);

    const outcome = await rehearse(faults, step === 'ReportFailure' ? 'refuse' : 'approve');

    const id = outcome.execution.slice(outcome.execution.lastIndexOf(':') + 1);
    const runs = await bodiesOf(`runs/${id}`);
    const decisions = (await bodiesOf('approvals/')).filter(({ run, decision }) => run === id && decision);
    expect({ status: outcome.status, error: outcome.error }).toEqual(endOf(kind, step));
    expect(outcome.complaints).toEqual(unmet(faults));
    expect({ runs: runs.length, decisions: decisions.length }).toEqual(standing(kind, step, moment));
  });

  it('a stale answer on the page decides once and hears of it', async () => {
    const page = { functionName: 'changeover-dev-answerApproval', operation: 's3:GetObject' };

    const outcome = await rehearse([{ kind: 'stale', ...page, times: 2 }], 'approve');

    expect(outcome.status).toBe('SUCCEEDED');
    expect(outcome.complaints).toEqual([]);
  });
});
