// What is kept is kept at least as long as the business agreed to, and until its successor stands.
import { environmentsOf, when, type Mistake, type Rule } from './mistake.ts';

const DAY_SECONDS = 86_400;
const PROMISED = ['snapshotDays', 'dumpDays'] as const;

export const retention: Rule = (draft) => {
  const { retention: policy, objectives } = draft;
  const promised = objectives?.retentionDays;
  const shorter = PROMISED.flatMap((field): readonly Mistake[] => {
    const days = policy?.[field];
    return when(
      days !== undefined && promised !== undefined && days < promised,
      ['retention', field],
      `${days ?? ''}`,
      `at least ${promised ?? ''}, which is objectives.retentionDays`,
      'keep them longer, or agree to keep copies for less',
    );
  });
  return [...shorter, ...slowCopies(draft)];
};

/** The ledger's own rule counts days and knows no last one: the files of a copy would be gone before there are others. */
const slowCopies: Rule = ({ copies = [], retention: policy, objectives, ...draft }) => {
  const days = policy?.dumpDays ?? objectives?.retentionDays;
  if (days === undefined || environmentsOf(draft).length === 0) return [];
  return copies.flatMap((copy, at) =>
    when(
      copy?.files !== 'none' && copy?.class !== 'forbid' && (copy?.everySeconds ?? 0) > days * DAY_SECONDS,
      ['copies', at, 'everySeconds'],
      `${copy?.everySeconds ?? ''}`,
      `at most ${days * DAY_SECONDS}, the ${days} days that its files are kept`,
      'copy more often, or raise retention.dumpDays',
    ),
  );
};
