// What a run leaves behind: what became of its plan and of the data, what state the world is in now, and what to do next.
import { downOf, gapsOf, sidesOf, strayOf } from './remains.ts';
import type { RunEntry } from './journal.ts';
import type { Failure, Told } from './outcome.ts';
import type { Plan } from './plan.ts';
import type { Run } from './run.ts';
import { wasVerified } from './resume.ts';
import { isStanding } from './undo.ts';

/** `stands`: it failed and something of it was not undone. `untouched`: it failed before it changed anything. */
export type Fate = 'planned' | 'done' | 'stands' | 'undone' | 'untouched';

/** A run that the one told of was to go on with or to clean up after, and that nobody else has taken over. */
export interface Before {
  readonly entry: RunEntry;
  readonly plan: Plan | undefined;
  /** Empty where they are among the run's own by now. */
  readonly changes: readonly Told[];
}

export interface Ending {
  readonly run: Run | undefined;
  readonly execution: string;
  readonly failure: Failure | null;
  readonly entry: RunEntry | undefined;
  readonly plan: Plan | undefined;
  readonly changes: readonly Told[];
  readonly before: readonly Before[];
}

interface Says {
  readonly world: string;
  readonly next: string;
}

export interface Judged extends Says {
  readonly fate: Fate;
  /** What was lost, where it is not what the plan told; null where it is. */
  readonly lost: string | null;
}

export function judgeEnding(ending: Ending): Judged {
  const fate = fateOf(ending);
  return { fate, lost: lostOf(fate, ending), ...SAYS[fate](ending) };
}

const stands = ({ state }: Told): boolean => state === 'stands' || state === 'left';
const standingOf = (changes: readonly Told[]): string =>
  changes
    .filter(stands)
    .map(({ says }) => says)
    .join('; ');

function fateOf({ run, failure, entry, changes }: Ending): Fate {
  if (!failure) return run?.mode === 'plan' ? 'planned' : 'done';
  const whole = entry !== undefined && wasVerified(entry) && !changes.some(({ state }) => state === 'undone');
  if (changes.some(stands)) return whole ? 'done' : 'stands';
  return changes.length === 0 ? 'untouched' : 'undone';
}

/** Data is lost when another side takes the writes, and is there again when the names and the writer are back. */
function lostOf(fate: Fate, ending: Ending): string | null {
  switch (fate) {
    case 'planned':
      return 'nothing, because this run only planned';
    case 'untouched':
      return leftOf(ending) ? 'nothing by this run, because it changed nothing' : 'nothing, because nothing was changed';
    case 'undone':
      return strayOf(ending) === null
        ? 'nothing, because everything is as it was before'
        : `nothing of ${sidesOf(ending).from}; what ${sidesOf(ending).to} took meanwhile is only there`;
    case 'stands':
      return leadsAway(ending) ? null : 'nothing, because the writer is the one it was';
    case 'done':
      return null;
  }
}

/** Names or writer are another than before: only then can anything be lost, or two sides be written to. */
const leadsAway = ({ entry }: Ending): boolean =>
  (entry?.intents ?? []).some((one) => isStanding(one) && (one.effect.kind === 'records' || one.effect.kind === 'writer'));

/** What another run changed, still stands, and is this one's to look after. */
const leftOf = ({ before }: Ending): Before | undefined => before.find(({ changes }) => changes.some(stands));

const SAYS: Readonly<Record<Fate, (ending: Ending) => Says>> = {
  planned: ({ run }) => ({
    world: 'Nothing was changed: this run only planned.',
    next: `Start ${run?.runbook ?? 'the runbook'} without "mode": "plan" to do it.`,
  }),
  done: sayDone,
  stands: sayStands,
  undone: sayUndone,
  untouched: sayUntouched,
};

const LEAVE = 'Nothing is to be undone: people write to the new side. A lease that is still held for it is free to the next run.';

function sayDone(ending: Ending): Says {
  const list = standingOf(ending.changes);
  if (list === '') return { world: 'Nothing was changed.', next: 'Nothing needs to be done.' };
  const gaps = gapsOf(ending);
  const done = [`Everything planned is done and verified from outside: ${list}.`, ...gaps.says];
  if (!ending.failure) return { world: done.join(' '), next: gaps.next };
  return { world: [...done, 'The run failed only afterwards.'].join(' '), next: `${LEAVE} ${gaps.next}` };
}

function sayStands(ending: Ending): Says {
  const { run, execution, changes } = ending;
  const count = changes.filter(stands).length;
  const gaps = leadsAway(ending) ? gapsOf(ending) : { says: [], danger: [] };
  const stray = strayOf(ending);
  const many = count === 1 ? '1 change stands' : `${count} changes stand`;
  return {
    world: [`${many}: ${standingOf(changes)}.`, ...(stray ? [stray.says] : []), ...gaps.says].join(' '),
    next: [...gaps.danger, ...(stray ? [stray.next] : []), goOn(run?.runbook, execution)].join(' '),
  };
}

/** What cleans up after a run stands for that run; what is resumed is whoever changed something last. */
function goOn(runbook: string | undefined, execution: string): string {
  const again = runbook === 'aftermath' ? 'the runbook that was stopped' : (runbook ?? 'the runbook');
  return `Start ${again} again with "resume": "${execution}", which goes on from here or undoes the rest if it fails.`;
}

function sayUndone(ending: Ending): Says {
  const stray = strayOf(ending);
  const back = `Everything that was changed is as it was before${stray ? `, except what ${sidesOf(ending).to} took meanwhile` : ''}.`;
  return {
    world: [back, ...(stray ? [stray.says] : []), ...downOf(ending)].join(' '),
    next: [...(stray ? [stray.next] : []), ...startAgain(ending)].join(' '),
  };
}

function sayUntouched(ending: Ending): Says {
  const left = leftOf(ending);
  if (!left) return { world: ['Nothing was changed.', ...downOf(ending)].join(' '), next: startAgain(ending).join(' ') };
  const { run } = left.entry;
  const list = standingOf(left.changes);
  if (wasVerified(left.entry)) {
    const gaps = gapsOf(ending);
    const says = `This run changed nothing. ${run.id} had done everything it planned and verified it from outside, and that stands: ${list}.`;
    return { world: [says, ...gaps.says].join(' '), next: `${LEAVE} ${gaps.next}` };
  }
  return { world: `This run changed nothing. What ${run.id} did stands: ${list}.`, next: goOn(run.runbook, run.execution) };
}

/** Where the side that should serve does not, nobody may read that all is well. */
function startAgain(ending: Ending): string[] {
  const name = ending.failure?.Error ?? '';
  if (downOf(ending).length === 0)
    return [name === 'ApprovalRefused' ? `Nothing needs to be done. ${NO}` : (NEXT[name] ?? AGAIN)];
  const runs = [ending.run, ...ending.before.map(({ entry }) => entry.run)];
  const machine = runs.find((run) => run && run.runbook !== 'aftermath')?.machine;
  const how =
    machine === undefined
      ? []
      : [`Its state machine is ${machine}${OTHERWISE.has(name) ? '' : ', the request may be the same'}.`];
  return ['Production is still down.', name === 'ApprovalRefused' ? NO : (NEXT[name] ?? AGAIN), ...how];
}

const NO = 'Start it again when the answer is another.';
const AGAIN = 'Mend what stopped it, then start it again.';
/** After these the same request would end the same way. */
const OTHERWISE: ReadonlySet<string> = new Set(['InputInvalid', 'PlanRefused']);
const NEXT: Readonly<Record<string, string>> = {
  InputInvalid: 'Correct the request as the message says, then start it again.',
  PlanRefused: 'Mend what exceeds the limit, or start it again with the override that the message names.',
  PlanStale: 'Look who changes the world, then start it again.',
  'States.Timeout': 'Start it again when somebody can answer.',
  CloudRefused: 'Give the role what the message says it lacks, then start it again.',
  VerifyFailed: 'Look at the timeline for what was not as planned, mend it, then start it again.',
};
