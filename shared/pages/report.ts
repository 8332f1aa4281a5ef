// What is left of a run for people: how it ended and what to do next, who waited on whom, what changed, what was lost, on what facts.
import type { Announcement } from '../cloud/ports.ts';
import type { Fate } from '../runbooks/ending.ts';
import type { Asked, Outcome, Told } from '../runbooks/outcome.ts';
import { ago, duration, escape, facts, instant, page, section, timeline, type Span } from './html.ts';
import { changesOf, factsOf, limitsOf, lossOf, type ChangesWords } from './plan.ts';

export function renderReport(outcome: Outcome): string {
  const { plan, status } = outcome;
  const now = new Date(outcome.reportedAt);
  return page(
    `${outcome.runbook} ${status}`,
    `<h1 class="${status === 'FAILED' ? 'red' : 'green'}">${escape(plan?.title ?? outcome.runbook)}: ${status}</h1>` +
      (outcome.error === null
        ? ''
        : `<section class="alarm"><p>${escape(outcome.error)}</p><p>${escape(outcome.cause ?? '')}</p></section>`) +
      section('Now', `<p class="big">${escape(outcome.world)}</p><p>${escape(outcome.next)}</p>`) +
      overridden(outcome.overridden) +
      measures(outcome) +
      section('Who waited on whom', timeline(spansOf(outcome))) +
      (outcome.changes.length === 0 ? '' : section('What was done', told(outcome.changes))) +
      (plan ? lossOf(plan.loss, titleOfLoss(outcome)) + changesOf(plan, CHANGED[outcome.fate]) : '') +
      answers(outcome.asked) +
      (plan ? limitsOf(plan.limits) + factsOf(plan.facts, now) : '') +
      (outcome.notes.length === 0 ? '' : section('Notes', list(outcome.notes))) +
      identity(outcome),
  );
}

const list = (lines: readonly string[]): string => `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;

const overridden = (names: readonly string[]): string =>
  names.length === 0 ? '' : `<section class="alarm"><p>OVERRIDDEN: ${escape(names.join(', ').toUpperCase())}</p></section>`;

const seconds = (count: number): string => duration(count * 1000);

/** `4 m 10 s of 5 m 0 s agreed`: the number and what it is held against. */
function against(found: number | null, agreed: number, met: boolean | null): string {
  if (found === null) return `not reached; agreed: ${seconds(agreed)}`;
  return `${seconds(found)} of ${seconds(agreed)} agreed${met === false ? ': MISSED' : ''}`;
}

const WOULD: ChangesWords = { title: 'What would have been changed, in this order', left: 'would have been left out' };
const CHANGED: Readonly<Record<Fate, ChangesWords>> = {
  planned: { title: 'What would be changed, in this order', left: 'would be left out' },
  done: { title: 'What was changed, in this order', left: 'was left out' },
  stands: { title: 'What was planned, in this order', left: 'was left out' },
  undone: WOULD,
  untouched: WOULD,
};

/** A person who reads "lost" believes it, so what the plan told is named for what became of it. */
function titleOfLoss({ fate, lost }: Outcome): string {
  if (fate === 'planned') return 'What would be lost';
  if (lost !== null) return 'What would have been lost';
  return fate === 'done' ? 'What was lost, as told before the acts' : 'What is lost while it stands';
}

/** `lost` where nothing was; else what the plan told, which nobody has counted again. */
function dataLost({ lost, loss, objectives: { rpoSeconds, rpoMet } }: Outcome): string {
  if (lost !== null) return lost;
  if (loss?.how === 'none') return 'nothing';
  return loss?.seconds == null ? `unknown; agreed: ${seconds(rpoSeconds)}` : against(loss.seconds, rpoSeconds, rpoMet);
}

function measures(outcome: Outcome): string {
  const { recoverySeconds, humanSeconds, machineSeconds, objectives, plan } = outcome;
  const [person, machine] =
    recoverySeconds === null ? ['Waiting for a person', 'Machine'] : ['of it, waiting for a person', 'of it, machine'];
  return section(
    'Measured',
    facts([
      // A copy recovers nothing, and asks nobody; nor does what clears away.
      ...(['sync', 'retention'].includes(outcome.runbook)
        ? []
        : ([
            ['Recovery time', against(recoverySeconds, objectives.rtoSeconds, objectives.rtoMet)],
            [person, seconds(humanSeconds)],
          ] as const)),
      [machine, seconds(machineSeconds)],
      ['Data lost', dataLost(outcome)],
      ['Cost, predicted', plan ? `$${plan.costUsd.toFixed(4)}` : 'nothing was planned'],
    ]),
  );
}

const WORD = { stands: 'stands', undone: 'undone', nothing: 'never took effect', left: 'LEFT AS IT IS' } as const;
const told = (changes: readonly Told[]): string =>
  `<table>${changes
    .map(
      ({ act, at, state, says }) =>
        `<tr class="${state}"><td>${escape(act)}<br><span class="soft">${instant(at)}</span></td><td>${escape(says)}<br><b>${WORD[state]}</b></td></tr>`,
    )
    .join('')}</table>`;

const answers = (asked: readonly Asked[]): string =>
  asked.length === 0
    ? ''
    : section(
        'Answers',
        `<table>${asked
          .map(
            ({ askedAt, says, seconds: waited }) =>
              `<tr><td>${instant(askedAt)}</td><td>${escape(says)}<br><span class="soft">after ${seconds(waited)}</span></td></tr>`,
          )
          .join('')}</table>`,
      );

const identity = (outcome: Outcome): string =>
  facts([
    ['Run', outcome.id],
    ['Why', outcome.reason],
    ['Asked by', outcome.by],
    ['Opened', outcome.openedAt === null ? 'never' : instant(outcome.openedAt)],
    ['Reported', instant(outcome.reportedAt)],
    ['Execution', outcome.execution],
  ]);

/** Each row's bar reaches from the row before it to its own instant; a person's is another colour. */
function spansOf({ timeline: rows, openedAt, reportedAt }: Outcome): Span[] {
  const start = openedAt ?? rows[0]?.at ?? reportedAt;
  return [...rows, { at: reportedAt, name: 'reported', says: 'this report' }].map((row, i, all) => ({
    name: row.name,
    says: row.says,
    from: i === 0 ? start : (all[i - 1]?.at ?? start),
    to: row.at,
    person: row.name === 'answered',
  }));
}

const lostSays = ({ lost, loss }: Outcome): string => lost ?? loss?.says ?? 'nobody can tell, there is no plan';

/** What the channels are told at the end: the first lines are what a phone shows. `where` is where the report lies. */
export function announceOutcome(outcome: Outcome, where: string): Announcement {
  const { status, plan, recoverySeconds, objectives } = outcome;
  const lines = [
    ...(outcome.error === null ? [] : [`Stopped by ${outcome.error}: ${outcome.cause ?? ''}`]),
    `Run ${outcome.id}, report ${where}`,
    outcome.world,
    `Next: ${outcome.next}`,
    ...(recoverySeconds === null ? [] : [`Recovered in ${against(recoverySeconds, objectives.rtoSeconds, objectives.rtoMet)}`]),
    ...(outcome.changes.length === 0 ? [] : [`Lost: ${lostSays(outcome)}`]),
    ...outcome.overridden.map((name) => `OVERRIDDEN: ${name.toUpperCase()}`),
    ...outcome.asked.map(({ says, askedAt }) => `${says} (asked ${ago(askedAt, new Date(outcome.reportedAt))})`),
    ...outcome.notes,
  ];
  return {
    kind: status === 'FAILED' ? 'failed' : 'succeeded',
    title: `${plan?.title ?? outcome.runbook}: ${status}`,
    lines,
    facts: {
      run: outcome.id,
      report: where,
      runbook: outcome.runbook,
      status,
      execution: outcome.execution,
      ...(outcome.error !== null && { error: outcome.error }),
    },
  };
}
