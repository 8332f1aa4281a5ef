// What a run's end does not show by itself: writes that went to the side that was given up again, a fence that was left out, a side
// that was found dead.
import { MoveDetail } from './move.ts';
import type { Ending } from './ending.ts';
import type { Effect } from './journal.ts';
import type { Plan } from './plan.ts';

type Known = Pick<Ending, 'run' | 'entry' | 'plan' | 'before'>;

/** The run's own plan, or that of the run it cleans up after. */
const planOf = ({ plan, before }: Known): Plan | undefined => plan ?? before.find((one) => one.plan)?.plan;
const detailOf = (known: Known): MoveDetail | undefined => MoveDetail.safeParse(planOf(known)?.detail).data;

export interface Named {
  readonly from: string;
  readonly to: string;
}

export function sidesOf(known: Known): Named {
  const led = known.entry?.intents.flatMap(({ effect }) => ledBy(effect) ?? [])[0];
  if (led) return led;
  const { from, to } = detailOf(known) ?? {};
  const writer = known.entry?.intents.flatMap(({ effect }) => (effect.kind === 'writer' ? [effect] : []))[0];
  return { from: writer?.from ?? from ?? 'the old side', to: writer?.to ?? to ?? 'the new side' };
}

/** `2026-01-15 03:12:07 UTC`: two databases are compared by the second. */
const secondOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

export interface Stray {
  readonly says: string;
  readonly next: string;
}

export const strayOf = (known: Known): Stray | null => strayOnNames(known) ?? strayOnInstance(known);

/**
 * Names that led to the new side and were put back: what it was given meanwhile nobody has brought back. From the intent on, because
 * the act that died after its write counts; an act that never took effect has no `doneAt`.
 */
function strayOnNames(known: Known): Stray | null {
  const moved = (known.entry?.intents ?? []).flatMap(({ effect, at, doneAt, undone }) =>
    effect.kind === 'records' && doneAt !== null && undone !== null && undone.how !== 'left' ? [{ at, backAt: undone.at }] : [],
  );
  const [first] = moved.map(({ at }) => at).sort();
  const last = moved
    .map(({ backAt }) => backAt)
    .sort()
    .at(-1);
  if (first === undefined || last === undefined) return null;
  const { from, to } = sidesOf(known);
  const entries = [known.entry, ...known.before.map(({ entry }) => entry)];
  const marks = entries.flatMap((entry) => entry?.marks ?? []);
  const served = marks.find(({ name, at }) => name === 'served' && at >= first && at <= last);
  const proof = served ? `it took at least the write of ${secondOf(served.at)}` : 'it may have taken writes';
  return {
    says:
      `From ${secondOf(first)} to ${secondOf(last)}, and a little longer where a resolver kept the answer, the names led to ${to}, ` +
      `and ${proof}. Whatever it took is in the database of ${to} and not in that of ${from}.`,
    next:
      `Before anything else compare the databases: look on ${to} for rows newer than ${secondOf(first)} and bring what matters to ` +
      `${from} by hand. The next copy to ${to} would write over them.`,
  };
}

/** The application was led to a restored instance and back again: what that took meanwhile is on it alone. */
function strayOnInstance({ entry }: Known): Stray | null {
  const led = (entry?.intents ?? []).find(({ effect, undone }) => ledBy(effect) !== null && undone?.how === 'inverted');
  const between = led && ledBy(led.effect);
  if (!led?.undone || !between) return null;
  const { from, to } = between;
  return {
    says: `From ${secondOf(led.at)} to ${secondOf(led.undone.at)} the application may have written to ${to}. Whatever that took is there, and not in ${from}.`,
    next: `Look in ${to} for rows newer than ${secondOf(led.at)}, and bring what matters over by hand.`,
  };
}

/** Between which instances; null of whatever leads to none. */
function ledBy(effect: Effect): Named | null {
  if (effect.kind === 'renaming') return { from: effect.live, to: effect.coming };
  if (effect.kind !== 'connection') return null;
  return { from: effect.before?.instance ?? 'what people used', to: effect.after.instance };
}

export interface Gaps {
  readonly says: readonly string[];
  /** What must be done before the side that was left comes back; empty where its database is fenced. */
  readonly danger: readonly string[];
  readonly next: string;
}

const COMPARED =
  'stays fenced, and must until its data has been compared with the new writer’s; the README says how a fence is lifted by hand.';

/** What was left behind a rollback is a copy of nothing any more. */
const nobodyStandsBy = (from: string, to: string): string =>
  `Nobody stands by until ${from} is rebuilt: it stays fenced, and has nothing of what ${to} is given from now on. ` +
  `Copy ${to} to ${from} anew, then lift the fence of ${from}; the README says how a fence is lifted by hand.`;

/** What people wrote since the instant that came back is on the shelf, and nowhere else. */
function shelfNext({ entry }: Known): string {
  const effects = (entry?.intents ?? []).map(({ effect }) => effect);
  const shelved = effects.find((effect) => effect.kind === 'shelved');
  if (shelved?.kind === 'shelved') {
    return (
      `What people wrote since the instant that came back is in ${shelved.shelf} alone: bring what matters over before ` +
      `${shelved.until.slice(0, 10)}, when retention asks whether it may go.`
    );
  }
  const rows = effects.find((effect) => effect.kind === 'rows');
  if (rows?.kind !== 'rows') return 'Nothing needs to be done.';
  return `What the rows were before is in ${rows.patch} of the ledger. ${rows.from} stands beside until retention asks whether it may go.`;
}

/** Whether everything that keeps the old side from being written to stands, and what to do where it does not. */
export function gapsOf(known: Known): Gaps {
  const { from, to } = sidesOf(known);
  const skipped = planOf(known)?.skipped ?? [];
  const web = skipped.find(({ act }) => act === 'FenceWeb');
  const database = skipped.find(({ act }) => act === 'FenceDatabase');
  const says = [
    ...(database ? [`The database of ${from} was NOT FENCED: ${database.why}.`] : []),
    ...(web ? [`The load balancer of ${from} was not fenced by this run: ${web.why}.`] : []),
  ];
  const danger = database
    ? [
        `${from} must not come back able to write: what it took then, ${to} would never have. ` +
          `Before it comes back stop its database's instance, or, as soon as that answers, take CONNECT from PUBLIC and from the application by hand.`,
      ]
    : [];
  const cleanedUp = known.before.find(({ entry }) => entry.run.runbook !== 'aftermath')?.entry.run.runbook;
  const own = known.run?.runbook === 'aftermath' ? (cleanedUp ?? 'failover') : known.run?.runbook;
  if (own === 'restore' || own === 'rewind') return { says, danger, next: shelfNext(known) };
  if (own === 'rollback') return { says, danger, next: `${danger.join(' ')} ${nobodyStandsBy(from, to)}`.trim() };
  if (own !== 'failover') return { says, danger, next: 'Nothing needs to be done.' };
  if (database) return { says, danger, next: `${danger.join(' ')} Then compare its data with the new writer’s.` };
  return { says, danger, next: `${web ? `The database of ${from}` : 'The side that was left'} ${COMPARED}` };
}

/** What the plan read of the side that serves, where it did not: production is as it was found. */
export function downOf(known: Known): string[] {
  const plan = planOf(known);
  const from = detailOf(known)?.from;
  if (plan === undefined || from === undefined) return [];
  const seen = plan.facts.filter(({ name }) => name.endsWith(` through ${from}`));
  const dead = seen.filter(({ value }) => !value.startsWith('200'));
  if (dead.length === 0) return [];
  const list = dead.map(({ name, value }) => `${name}: ${value}`).join('; ');
  return [`${from} is as it was found when this was planned, and it did not serve (${list}).`];
}
