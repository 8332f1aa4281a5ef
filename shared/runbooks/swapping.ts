// What a name's changing of hands is made of, and whether it has happened.
import { RunbookError } from '../errors.ts';
import type { Run } from './run.ts';
import { shelfName, shelved, type Mark, type Stood } from './shelf.ts';

export interface Swapping {
  readonly standing: readonly Stood[];
  readonly live: string;
  readonly coming: string;
  readonly run: Run;
  readonly epoch: number;
  /** The instant of what comes; null for what was there before. */
  readonly at: string | null;
  readonly from: string;
  readonly now: Date;
}

/** Each of the two with its mark: what comes is a copy, or as it was marked when it was put aside. */
export function draftRenaming({ standing, live, coming, run, epoch, at, from, now }: Swapping) {
  const [there, next] = [live, coming].map((name) => standing.find((one) => one.name === name));
  const base = { run: run.id, from, at, epoch, shelvedAt: null, comment: null };
  const comingMark: Mark =
    next?.mark?.kind === 'incoming'
      ? { ...base, kind: 'copy' }
      : { ...base, kind: 'own', ...next?.mark, run: run.id, shelvedAt: null };
  return {
    live,
    aside: shelfName(live, run.lease?.fencing ?? 0),
    asideMark: shelved(there, run.id, epoch, now),
    coming,
    comingMark,
  };
}

/** By the marks, which change hands with the names. Anything else than these two is nobody's doing that we know. */
export function judgeComing(
  standing: readonly Stood[],
  { live, coming, aside, run }: { readonly live: string; readonly coming: string; readonly aside: string; readonly run: string },
): 'done' | 'ready' {
  const [there, next, before] = [live, coming, aside].map((name) => standing.find((one) => one.name === name));
  if (before && there?.mark?.run === run) return 'done';
  if (there && next?.mark && !before) return 'ready';
  const names = standing.map(({ name }) => name).join(', ');
  const says = `${coming} was to be given the name ${live}, and there stand ${names}; somebody renamed or dropped what this run rests on, so nothing was changed; start again`;
  throw new RunbookError('PlanStale', says, { live, coming });
}
