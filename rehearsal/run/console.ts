// What a person reads at the terminal before, during and after a rehearsal.
import { join, relative } from 'node:path';
import { startCloud } from '../cloud.ts';
import type { Fault } from '../faults/faults.ts';
import type { Pace } from '../time/timeline.ts';
import { heedSignals, type Ending } from './ending.ts';
import { packageService } from './package.ts';
import { deployService, runOnce, type Outcome } from './rehearse.ts';
import { readRequest, type Approve, type Situation } from './situation.ts';
import { createTimelineView, seconds } from './timeline-view.ts';

export interface ConsoleOptions {
  readonly situation: Situation;
  readonly approve: Approve;
  readonly faults: readonly Fault[];
  readonly pace: Pace;
  readonly seed: number;
}

export interface Verdict {
  readonly outcome: Outcome;
  /** Why the rehearsal is red; empty when it is green. */
  readonly reasons: readonly string[];
}

const ROOT = join(__dirname, '..', '..');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

export async function rehearseAtConsole(options: ConsoleOptions): Promise<Verdict> {
  const ending = heedSignals();
  const verdict = await ending.unlessEnding(rehearse(options, ending));
  ending.over();
  return verdict;
}

async function rehearse(options: ConsoleOptions, ending: Ending): Promise<Verdict> {
  const { situation, approve, pace } = options;
  const wall = Date.now();
  say(`\nRehearsing ${situation.runbook}/${situation.name}: ${situation.says}`);
  const folder = await packageService({ onStart: () => say('  packaging the service (sls package) …') });
  const cloud = await startCloud({ pace, seed: options.seed });
  ending.undo(cloud.stop);
  try {
    const deployed = await deployService(cloud, folder);
    say(
      `  deployed ${deployed.stack.resources.length} resources of ${relative(ROOT, folder)} into the embedded cloud at ${cloud.endpoint}`,
    );
    say(`  request: ${situation.request}\n`);
    const view = createTimelineView({
      write: (text) => void process.stdout.write(text),
      now: cloud.timeline.now,
      columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    });
    const outcome = await runOnce(deployed, {
      runbook: situation.runbook,
      request: readRequest(situation),
      approve,
      faults: options.faults,
      reports: join(ROOT, '.rehearsal', 'reports'),
      onEvent: view.event,
      onAsked: (link) =>
        view.note(`the approver is asked: ${link}${approve === 'ask' ? '   (open it, read it, press a button)' : ''}`),
    });
    view.end(outcome.status);
    const reasons = judgeOutcome(options, outcome);
    tell(outcome, Date.now() - wall);
    reasons.forEach((reason) => say(`  red: ${reason}`));
    return { outcome, reasons };
  } finally {
    await cloud.stop();
  }
}

/**
 * The situation's expectation holds only for the answer and the faults it was written with; a person who is asked stands where the
 * rehearsal would press the button.
 */
export function judgeOutcome({ situation, approve, faults }: ConsoleOptions, outcome: Outcome): string[] {
  const answered = approve === 'ask' ? 'auto' : approve;
  const asWritten = answered === situation.approve && faults.length === situation.faults.length;
  const expected = asWritten ? situation.expect : { status: approve === 'deny' || approve === 'expire' ? 'FAILED' : 'SUCCEEDED' };
  const reasons = [...outcome.complaints];
  if (outcome.status !== expected.status) {
    reasons.push(
      `ended ${outcome.status}${outcome.error === undefined ? '' : ` (${outcome.error}: ${outcome.cause ?? ''})`}, expected ${expected.status}`,
    );
  }
  if (!('error' in expected) && !('states' in expected)) return reasons;
  if (expected.error !== undefined && outcome.error !== expected.error) {
    reasons.push(`stopped by ${outcome.error ?? 'nothing'}, expected ${expected.error}`);
  }
  const entered = outcome.states.map(({ name }) => name);
  if (expected.states && entered.join() !== expected.states.join()) {
    reasons.push(`went ${entered.join(' › ')}, expected ${expected.states.join(' › ')}`);
  }
  if (outcome.reportPath === undefined) reasons.push('left no report in the ledger');
  return reasons;
}

function tell(outcome: Outcome, wallMilliseconds: number): void {
  say('');
  if (outcome.error !== undefined) say(`  stopped by   ${outcome.error}: ${firstLine(outcome.cause ?? '')}`);
  say(
    `  timeline     ${seconds(outcome.endedAt - outcome.startedAt)} (machine ${seconds(outcome.machineSeconds * 1000)}, waiting for a person ${seconds(outcome.humanSeconds * 1000)})`,
  );
  say(`  cost in AWS  $${outcome.costUsd.toFixed(6)} for ${outcome.transitions} state transitions`);
  say(`  report       ${outcome.reportPath === undefined ? 'none' : relative(process.cwd(), outcome.reportPath)}`);
  say(`  wall clock   ${seconds(wallMilliseconds)}\n`);
}

const firstLine = (cause: string): string => {
  try {
    const parsed = JSON.parse(cause) as { errorMessage?: string };
    return parsed.errorMessage ?? cause;
  } catch {
    return cause.split('\n')[0] ?? '';
  }
};
