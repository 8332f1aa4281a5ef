// What a person reads at the terminal before, during and after a rehearsal.
import { join, relative } from 'node:path';
import type { Fault } from '../faults/faults.ts';
import type { Pace } from '../time/timeline.ts';
import { judgeAfterwards, judgeReading, type Pointing } from './afterwards.ts';
import { heedSignals, type Ending } from './ending.ts';
import { figuresOf, type Figures } from './figures.ts';
import { packageService } from './package.ts';
import type { Mail } from './inbox.ts';
import { planLines, readPlan } from './plan-view.ts';
import type { Outcome } from './rehearse.ts';
import { worldOf, type Approve, type Situation } from './situation.ts';
import { estateOf, startCloudFor } from './stage.ts';
import { readEntry } from '../world/builder/ledger.ts';
import type { Reading } from '../world/reader.ts';
import { liveThrough, type Told } from './story.ts';
import { createTimelineView, seconds } from './timeline-view.ts';

export interface ConsoleOptions {
  readonly situation: Situation;
  readonly approve: Approve;
  readonly faults: readonly Fault[];
  readonly pace: Pace;
  readonly seed: number;
  /** Instead of the situation's. */
  readonly estate?: string | undefined;
}

export interface Verdict {
  readonly outcome: Outcome;
  /** Undefined where the situation names no world. */
  readonly told: Told | undefined;
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
  const file = worldOf(situation);
  const asked = options.estate ?? situation.estate;
  const folder = await packageService({
    ...(asked !== undefined && { estate: asked }),
    onStart: () => say('  packaging the service (sls package) …'),
  });
  const estate = file && estateOf(asked);
  const cloud = await startCloudFor(file, { pace, seed: options.seed, ...(estate && { region: estate.region }) });
  ending.undo(cloud.stop);
  try {
    if (file) say(`  founding the world “${file.name}”: ${file.says} …`);
    const view = createTimelineView({
      write: (text) => void process.stdout.write(text),
      now: cloud.timeline.now,
      columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    });
    const { outcome: lived, told } = await liveThrough(cloud, {
      situation,
      folder,
      approve,
      faults: options.faults,
      estate: options.estate,
      reports: join(ROOT, '.rehearsal', 'reports'),
      onReady: ({ stack }) => {
        say(
          `  deployed ${stack.resources.length} resources of ${relative(ROOT, folder)} into the embedded cloud at ${cloud.endpoint}`,
        );
        say(`  request: ${situation.request}\n`);
      },
      onEvent: view.event,
      onAsked: async (link) => {
        const plan = await readPlan(cloud, link);
        if (plan) planLines(plan).forEach(view.note);
        view.note(`the approver is asked: ${link}${approve === 'ask' ? '   (open it, read it, press a button)' : ''}`);
      },
    });
    view.end(lived.status);
    const figures = figuresOf(lived, await readEntry(cloud, `reports/${runOf(lived)}.json`));
    const { humanSeconds, machineSeconds } = figures;
    const outcome = { ...lived, humanSeconds, machineSeconds };
    const reasons = judgeOutcome(options, outcome, told);
    tell(outcome, told, figures, Date.now() - wall);
    reasons.forEach((reason) => say(`  red: ${reason}`));
    return { outcome, told, reasons };
  } finally {
    await cloud.stop();
  }
}

const runOf = ({ execution }: Outcome): string => execution.slice(execution.lastIndexOf(':') + 1);

/**
 * The situation's expectation holds only for the answer and the faults it was written with; a person who is asked stands where the
 * rehearsal would press the button.
 */
export function judgeOutcome({ situation, approve, faults }: ConsoleOptions, outcome: Outcome, told?: Told): string[] {
  const answered = approve === 'ask' ? 'auto' : approve;
  const asWritten = answered === situation.approve && faults.length === situation.faults.length;
  const expected = asWritten ? situation.expect : { status: approve === 'deny' || approve === 'expire' ? 'FAILED' : 'SUCCEEDED' };
  const reasons = [...outcome.complaints];
  if (outcome.status !== expected.status) {
    reasons.push(
      `ended ${outcome.status}${outcome.error === undefined ? '' : ` (${outcome.error}: ${outcome.cause ?? ''})`}, expected ${expected.status}`,
    );
  }
  if (!asWritten) return reasons;
  const { error, because, states, asked, aftermath, world } = situation.expect;
  if (error !== undefined && outcome.error !== error) {
    reasons.push(`stopped by ${outcome.error ?? 'nothing'}, expected ${error}`);
  }
  for (const part of [because ?? []].flat()) {
    if (outcome.cause?.includes(part) !== true)
      reasons.push(`stopped because of ${outcome.cause ?? 'nothing'}, expected ${part}`);
  }
  const entered = outcome.states.map(({ name }) => name);
  if (states && !passesThrough(entered, states)) {
    reasons.push(`went ${entered.join(' › ')}, expected ${states.join(' › ')}`);
  }
  if (asked) reasons.push(...judgeLetters(asked, outcome.letters));
  if (aftermath && (outcome.aftermath?.status !== aftermath.status || outcome.aftermath.error !== aftermath.error)) {
    reasons.push(`aftermath: ${JSON.stringify(outcome.aftermath ?? 'none')}, expected ${JSON.stringify(aftermath)}`);
  }
  if (outcome.reportPath === undefined) reasons.push('left no report in the ledger');
  if (world && told)
    reasons.push(...judgeAfterwards(world, told, outcome.status === 'SUCCEEDED'), ...judgeReading(world, told.reading));
  return reasons;
}

function judgeLetters(asked: readonly string[], letters: readonly Mail[]): string[] {
  if (letters.length !== asked.length) return [`the approver was asked ${letters.length} times, expected ${asked.length}`];
  return asked.flatMap((part, round) =>
    letters[round]?.text.includes(part) ? [] : [`letter ${round + 1} does not say “${part}”: ${letters[round]?.text ?? ''}`],
  );
}

/** In this order; what lies between is the runbook's own. */
function passesThrough(entered: readonly string[], states: readonly string[]): boolean {
  let next = 0;
  for (const name of entered) if (name === states[next]) next++;
  return next === states.length;
}

function tell(outcome: Outcome, told: Told | undefined, { predictedUsd, lost }: Figures, wallMilliseconds: number): void {
  say('');
  if (outcome.error !== undefined) say(`  stopped by   ${outcome.error}: ${firstLine(outcome.cause ?? '')}`);
  for (const [name, before] of Object.entries(told?.before ?? {})) {
    const after = told?.dns[name];
    say(`  ${name.padEnd(20)} ${pointed(before)}`);
    say(`  ${' '.repeat(17)} →  ${after === undefined ? 'nobody' : pointed(after)}`);
  }
  if (told) {
    const { total, failed, longestOutageSeconds } = told.probes;
    say(
      `  client       ${total} writes tried, ${failed} failed; longest outage ${seconds(longestOutageSeconds * 1000)} of timeline`,
    );
    say(`               the last write was answered by ${told.answeredBy ?? 'nobody'}`);
    if (told.reading) say(`  reader       ${readingLine(told.reading)}`);
  }
  say(
    `  timeline     ${seconds(outcome.endedAt - outcome.startedAt)} (machine ${seconds(outcome.machineSeconds * 1000)}, waiting for a person ${seconds(outcome.humanSeconds * 1000)})`,
  );
  const predicted = predictedUsd === null ? '' : `; predicted with its functions: $${predictedUsd.toFixed(4)}`;
  say(`  cost in AWS  $${outcome.costUsd.toFixed(6)} for ${outcome.transitions} state transitions${predicted}`);
  say(`  wall clock   ${seconds(wallMilliseconds)}`);
  if (told) {
    const { objectives } = told;
    // What was verified and undone after all served nobody.
    const recoverySeconds = outcome.status === 'SUCCEEDED' ? told.recoverySeconds : null;
    say(
      `  recovery     ${recoverySeconds === null ? 'none' : seconds(recoverySeconds * 1000)}, objective ${seconds(objectives.rtoSeconds * 1000)}${recoverySeconds === null ? '' : recoverySeconds <= objectives.rtoSeconds ? ': met' : ': missed'}`,
    );
    say(`  rows lost    ${lossOf(told, lost)}`);
  }
  say(`  report       ${outcome.reportPath === undefined ? 'none' : relative(process.cwd(), outcome.reportPath)}\n`);
}

const readingLine = ({ of, probes, failed, longestOutageMs, halves, states }: Reading): string =>
  `${probes} looks at ${of}, ${failed} failed; longest outage ${longestOutageMs} ms; saw ${states.map(({ name }) => name).join(', ') || 'nothing'}; ${halves.length} halves`;

const pointed = ({ A, AAAA, to }: Pointing[string]): string =>
  `${to ?? 'nobody'}  (${[...A, ...AAAA].join(', ') || 'no address'})`;

function lossOf({ loss, account }: Told, lost: string | null): string {
  const planned = lost ?? (loss === null ? 'nobody planned a loss' : `${loss.rows ?? 'unknown'} by the plan (${loss.how})`);
  return account
    ? `${planned}; of the client's ${account.acknowledged} acknowledged writes ${account.lost.length} are not with the writer`
    : planned;
}

const firstLine = (cause: string): string => {
  try {
    const parsed = JSON.parse(cause) as { errorMessage?: string };
    return parsed.errorMessage ?? cause;
  } catch {
    return cause.split('\n')[0] ?? '';
  }
};
