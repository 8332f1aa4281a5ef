// One rehearsal: the packaged service deployed into the embedded cloud, one run of it, and what came of it.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { SFN } from '@aws-sdk/client-sfn';
import type { Cloud } from '../cloud.ts';
import type { Fault } from '../faults/faults.ts';
import type { HistoryEvent } from '../states/world.ts';
import { deployPackage, type Stack } from '../stack/deploy.ts';
import { approvalLink, hasButton, MANNERS, press } from './approver.ts';
import type { World } from '../world/builder/builder.ts';
import type { Happening } from './happening.ts';
import { createInbox, type Inbox, type Mail } from './inbox.ts';
import { happen } from './meanwhile.ts';
import { spansOf, type StateSpan } from './timeline-view.ts';
import type { Approve } from './situation.ts';

const STACK = 'changeover-dev';
const WORDS = 'said by the rehearsal';
/** What Step Functions asks for a transition of a standard machine, in dollars. */
const DOLLARS_PER_TRANSITION = 0.000025;

export interface Deployed {
  readonly cloud: Cloud;
  readonly stack: Stack;
  readonly inbox: Inbox;
  /** What stands around it, where a situation names a world. */
  readonly world?: World;
}

/** Deploys the package; every subscription a person would have to confirm is confirmed, as on the first day of an account. */
export async function deployService(cloud: Cloud, folder: string, inbox: Inbox = createInbox(cloud)): Promise<Deployed> {
  const confirmations: Promise<unknown>[] = [];
  cloud.services.sns.onMessage(({ kind, topicArn, to, subject, body, at, token }) => {
    if (kind === 'confirmation')
      confirmations.push(cloud.call('sns', 'ConfirmSubscription', { TopicArn: topicArn, Token: token }));
    else inbox.add({ at: new Date(at).toISOString(), channel: 'e-mail', to, subject, text: body });
  });
  const stack = await cloud.timeline.letPass(deployPackage(cloud.ground, { folder, stackName: STACK, region: cloud.region }));
  await Promise.all(confirmations);
  return { cloud, stack, inbox };
}

export interface RunOptions {
  readonly runbook: string;
  readonly request: string;
  readonly approve: Approve;
  readonly faults?: readonly Fault[];
  /** What happens in the world meanwhile. */
  readonly during?: readonly Happening[];
  readonly onEvent?: (event: HistoryEvent) => void;
  /** Time stands, and no button is pressed, until it is done. */
  readonly onAsked?: (link: string, mail: Mail) => Promise<void> | void;
  /** Where the report is put for a person to open. */
  readonly reports: string;
}

export interface Outcome {
  readonly execution: string;
  readonly status: string;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly states: readonly StateSpan[];
  readonly transitions: number;
  /** Timeline seconds a person was waited for, and all others. */
  readonly humanSeconds: number;
  readonly machineSeconds: number;
  readonly costUsd: number;
  readonly reportPath: string | undefined;
  /** The letters that asked an approver, the first of each round. */
  readonly letters: readonly Mail[];
  /** How the run that cleaned up after it ended, where that was waited for. */
  readonly aftermath?: { readonly status: string; readonly error: string | undefined };
  /** What went wrong without stopping the run: a right that was missed in silence, a fault that met nothing. */
  readonly complaints: readonly string[];
}

export async function runOnce({ cloud, inbox, world }: Deployed, options: RunOptions): Promise<Outcome> {
  const sfn = new SFN({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.operator });
  const stateMachineArn = `arn:aws:states:${cloud.region}:${cloud.account}:stateMachine:${options.runbook}-dev`;
  const denialsBefore = cloud.denials().length;
  cloud.faults.set(options.faults ?? []);
  const events: HistoryEvent[] = [];
  let execution: string | undefined;
  const early: [string, HistoryEvent][] = [];
  const coming = [...(options.during ?? [])];
  const happened: Promise<void>[] = [];
  let spoil: (error: Error) => void = () => undefined;
  const spoilt = new Promise<never>((_resolve, reject) => (spoil = reject));
  spoilt.catch(() => undefined);
  const take = (arn: string, event: HistoryEvent): void => {
    if (arn !== execution) return;
    events.push(event);
    const state = event.type.endsWith('StateEntered') ? spansOf([event])[0]?.name : undefined;
    for (const one of coming.filter(({ at }) => at === state)) {
      coming.splice(coming.indexOf(one), 1);
      // Time stands until it has happened: the state's own work comes after it.
      happened.push(cloud.timeline.busy(() => happen(cloud, world, arn, one)).catch(spoil));
    }
    options.onEvent?.(event);
  };
  const ended = new Promise<void>((resolve) => {
    const unwatch = cloud.services.states.watch((sight) => {
      if (sight.kind === 'event' && execution === undefined) early.push([sight.executionArn, sight.event]);
      else if (sight.kind === 'event') take(sight.executionArn, sight.event);
      else if (sight.executionArn === execution && sight.status !== 'RUNNING') {
        unwatch();
        resolve();
      }
    });
  });
  const approver = answerMail(cloud, inbox, world, options);
  try {
    // Time stands until the execution is known: nothing of it can be missed.
    const release = cloud.timeline.hold();
    try {
      const started = await sfn.startExecution({ stateMachineArn, input: options.request });
      execution = started.executionArn ?? '';
      early.forEach(([arn, event]) => take(arn, event));
    } finally {
      release();
    }
    const finished = async (): Promise<void> => {
      const { status } = await sfn.describeExecution({ executionArn: execution });
      if (status === 'RUNNING') await Promise.race([ended, approver.trouble, spoilt]);
    };
    await cloud.timeline.letPass(finished());
    await Promise.race([Promise.all(happened), spoilt]);
    const said = await sfn.describeExecution({ executionArn: execution });
    const complaints = [
      ...cloud
        .denials()
        .slice(denialsBefore)
        .filter(({ silent }) => silent)
        .map(({ message }) => `denied in silence: ${message}`),
      ...cloud.faults.unused().map((fault) => `a fault met nothing: ${JSON.stringify(fault)}`),
      ...coming.map(({ at, do: what }) => `"${what}" never happened: the run did not enter ${at}`),
    ];
    return {
      ...summarize(execution, said, events),
      complaints,
      letters: approver.letters,
      reportPath: await fetchReport(cloud, execution, options.reports),
    };
  } finally {
    approver.leave();
    cloud.faults.set([]);
    sfn.destroy();
  }
}

/** The approver at work. `trouble` rejects when what was asked of them could not be done, and never resolves. */
function answerMail(
  cloud: Cloud,
  inbox: Inbox,
  world: World | undefined,
  { approve, onAsked }: RunOptions,
): { trouble: Promise<never>; letters: readonly Mail[]; leave: () => void } {
  const letters: Mail[] = [];
  const releases: (() => void)[] = [];
  /** One approver is written to in several ways; the link is the same. */
  const seen = new Set<string>();
  let fail: (error: Error) => void = () => undefined;
  const trouble = new Promise<never>((_resolve, reject) => (fail = reject));
  // Nobody may be waiting for it any more when it comes.
  trouble.catch(() => undefined);
  const { page, channel, whose } = MANNERS[approve];
  const [first] = world?.estate.approvers ?? [];
  /** Answers by the page; a letter that the manner does not answer is read and left. */
  const pressButton = async (link: string, mail: Mail): Promise<void> => {
    if (page === undefined || (whose === 'the first letter' && letters[0] !== mail)) return;
    const { status } = await press(link, page, WORDS);
    if (status !== 200) throw new Error(`the approval page answered ${status} to a button`);
  };
  /** In the shared channel: the first approver says yes, the last one stops what another began. */
  const pressInChannel = async (mail: Mail, action: 'approve' | 'stop'): Promise<void> => {
    const members = world?.estate.approvers.flatMap(({ slack }) => slack ?? []) ?? [];
    const member = (action === 'approve' ? members[0] : members.at(-1)) ?? '';
    const words = action === 'approve' ? { reason: WORDS } : {};
    const pressed = await world?.chat.press({ channel: mail.to, action, member, words });
    if (pressed?.warned !== false) throw new Error(`Slack had no answer to a button: ${JSON.stringify(pressed)}`);
  };
  const silence = inbox.onMail((mail) => {
    if (channel !== undefined && hasButton(mail, channel)) cloud.timeline.busy(() => pressInChannel(mail, channel)).catch(fail);
    const link = approvalLink(mail);
    const isFirsts = [first?.email, `@${first?.name ?? ''}`].includes(mail.to);
    if (link === undefined || seen.has(link) || (whose === 'all but the first approver' && isFirsts)) return;
    seen.add(link);
    letters.push(mail);
    // While a person reads, time goes at their pace and not at the rehearsal's.
    if (approve === 'ask') releases.push(cloud.timeline.hold());
    const answer = async (): Promise<void> => {
      await onAsked?.(link, mail);
      await pressButton(link, mail);
    };
    cloud.timeline.busy(answer).catch(fail);
  });
  return {
    trouble,
    letters,
    leave: () => {
      silence();
      releases.forEach((release) => release());
    },
  };
}

interface Said {
  readonly status?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly startDate?: Date | undefined;
  readonly stopDate?: Date | undefined;
}

function summarize(execution: string, said: Said, events: readonly HistoryEvent[]) {
  const states = spansOf(events);
  const startedAt = said.startDate?.getTime() ?? 0;
  const endedAt = said.stopDate?.getTime() ?? startedAt;
  const human = states
    .filter(({ name }) => name === 'Approve' || name === 'Countdown')
    .reduce((sum, span) => sum + ((span.exitedAt ?? endedAt) - span.enteredAt), 0);
  const attempts = states.reduce((sum, span) => sum + Math.max(1, span.attempts), 0);
  return {
    execution,
    status: said.status ?? 'UNKNOWN',
    error: said.error,
    cause: said.cause,
    startedAt,
    endedAt,
    states,
    // Starting a run is a transition, and so is every state and every retry.
    transitions: attempts + 1,
    humanSeconds: human / 1000,
    machineSeconds: (endedAt - startedAt - human) / 1000,
    costUsd: (attempts + 1) * DOLLARS_PER_TRANSITION,
  };
}

/** Executions of one seed have one name: the wall clock tells one rehearsal's report from another's. */
export async function fetchReport(cloud: Cloud, execution: string, reports: string): Promise<string | undefined> {
  const id = execution.slice(execution.lastIndexOf(':') + 1);
  const [Bucket, Key] = ['changeover-ledger-dev', `reports/${id}.html`];
  const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket, Prefix: Key });
  if (Contents.length === 0) return undefined;
  const { Body } = await cloud.call('s3', 'GetObject', { Bucket, Key });
  const page = Body instanceof Readable ? Buffer.concat(await Body.toArray()) : (Body ?? '');
  mkdirSync(reports, { recursive: true });
  return writeBeside(join(reports, `${new Date().toISOString().slice(0, 19).replaceAll(':', '')}Z-${id}`), page);
}

function writeBeside(path: string, page: string | Uint8Array): string {
  for (let n = 1; ; n++) {
    const free = `${path}${n === 1 ? '' : `-${n}`}.html`;
    if (existsSync(free)) continue;
    writeFileSync(free, page, { flag: 'wx' });
    return free;
  }
}
