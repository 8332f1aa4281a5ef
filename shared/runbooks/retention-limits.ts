// The limits of a retention. What must stay is never planned to go; whoever names it all the same reads here why it stays.
import type { Finding, LimitRule } from './limits.ts';
import type { Reason } from './retention.ts';
import { namedIn, oursAmong, type Scene } from './retention-scene.ts';
import { countOf } from './words.ts';

/** Fewer than this may go in one run, whatever share they are. */
const MANY = 10;
/** A policy that was mistyped, or a clock that is wrong, shows in how much is old all of a sudden. */
const MOST_SHARE = 0.5;

function judgeNamed(limit: Reason['limit'], expected: string, wayOut: string, kept: string) {
  return (scene: Scene): Finding => {
    const stays = [...scene.snapshots, ...scene.instances].filter(({ reasons }) => reasons.some((one) => one.limit === limit));
    const breaches = namedIn(scene).flatMap(({ id, judged }) =>
      judged.flatMap(({ reasons }) => reasons.filter((one) => one.limit === limit).map(({ says }) => `${id} stays: ${says}`)),
    );
    return { breaches, otherwise: `${countOf(stays.length, 'thing')} ${kept}`, expected, wayOut };
  };
}

function judgeFound(scene: Scene): Finding {
  const missing = namedIn(scene).filter(({ judged }) => judged.length === 0);
  return {
    breaches: missing.map(({ id }) => `${id} is neither a manual snapshot nor an instance here`),
    otherwise: scene.request.only === undefined ? 'the request names nothing' : 'everything that the request names is there',
    expected: 'what the request names is there',
    wayOut: 'take it out of "only"; "mode": "plan" tells what is there',
  };
}

function judgeShare(scene: Scene): Finding {
  const [going, all] = [scene.expire.length, oursAmong(scene).length];
  const many = going > MANY && going > all * MOST_SHARE;
  return {
    breaches: many ? [`${going} of ${countOf(all, 'snapshot')} of ours would go at once`] : [],
    otherwise: `${going} of ${countOf(all, 'snapshot')} of ours would go`,
    expected: `no more than ${MANY}, or half of them`,
    wayOut: 'look whether retention.snapshotDays is what you mean, or let some go first with "only"',
  };
}

export const RETENTION_LIMITS: readonly LimitRule<Scene>[] = [
  { name: 'not-there', firm: 'nobody can take away what is not there', judge: judgeFound },
  {
    name: 'not-ours',
    firm: 'somebody else made it, and only they know what it is for',
    judge: judgeNamed('not-ours', 'only what bears our tag', 'take it out of "only"', 'of others left alone'),
  },
  {
    name: 'in-use',
    firm: 'somebody uses it, or RDS is at work on it',
    judge: judgeNamed('in-use', 'nobody uses what goes', 'end that use, or wait for RDS, and start again', 'in use'),
  },
  {
    name: 'last-backup',
    firm: 'there is no other to go back to',
    judge: judgeNamed('last-backup', 'a newer backup stays', 'take a newer snapshot of it first', 'kept as last backups'),
  },
  {
    name: 'too-young',
    firm: 'the policy is in the estate, where everybody reads it',
    judge: judgeNamed('too-young', 'older than the policy', 'wait, or change retention in the estate', 'too young to go'),
  },
  { name: 'too-many-at-once', firm: null, judge: judgeShare },
];
