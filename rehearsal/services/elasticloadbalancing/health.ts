// Whether a target is well. Checks are real requests, made when somebody looks: a wait of hours costs none, and whoever looks sees
// what checks at every interval would have found.
import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import type { TargetHealthReasonEnum } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Health, Room, Target, TargetGroup } from './catalog.ts';

interface Outcome {
  readonly passed: boolean;
  readonly reason?: TargetHealthReasonEnum;
  readonly description?: string;
}

export const beginning = (now: number): Health => ({
  state: 'initial',
  checkedAt: now,
  streak: 0,
  passed: undefined,
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
});

/** Checks by now would be this many. */
const dueBy = (now: number, { check }: TargetGroup, { health }: Target): number =>
  Math.floor((now - health.checkedAt) / (check.intervalSeconds * 1000));

/** The origin of a target, where its machine serves at all. */
export const originOf = (room: Room, { region }: TargetGroup, { id }: Target): string | undefined =>
  room.of(region).machines.get(id);

export function createHealth(room: Room) {
  const { timeline } = room.ground;
  const looking = new Map<Target, Promise<void>>();

  /** Brings one target's health up to date. */
  const look = (group: TargetGroup, target: Target): Promise<void> => {
    if (!group.inUse || !group.check.enabled || target.drainsUntil !== undefined) return Promise.resolve();
    const before = looking.get(target);
    if (before) return before;
    if (dueBy(timeline.now(), group, target) < 1) return Promise.resolve();
    const mine = timeline
      .busy(async () => {
        const outcome = await check(group, originOf(room, group, target));
        // A check takes no time on the timeline of checks: what was due when it began is what it settles.
        target.health = after(target.health, group, outcome, Math.max(1, dueBy(timeline.now(), group, target)));
      })
      .finally(() => looking.delete(target));
    looking.set(target, mine);
    return mine;
  };

  return {
    look,
    /** Every target that somebody may ask about next. */
    lookAt: async (group: TargetGroup): Promise<void> => {
      await Promise.all([...group.targets.values()].map((target) => look(group, target)));
    },
  };
}
export type HealthWatch = ReturnType<typeof createHealth>;

/** What this many checks of the same outcome make of it. */
function after(
  health: Health,
  { check: { intervalSeconds, healthyThreshold, unhealthyThreshold } }: TargetGroup,
  outcome: Outcome,
  due: number,
): Health {
  const { passed } = outcome;
  const streak = (health.passed === passed ? health.streak : 0) + due;
  const checkedAt = health.checkedAt + due * intervalSeconds * 1000;
  const checked = { checkedAt, streak, passed };
  if (passed) {
    // One passed check is enough for a target that is new.
    const well = health.state === 'initial' || health.state === 'healthy' || streak >= healthyThreshold;
    return well ? { ...checked, state: 'healthy' } : { ...health, ...checked };
  }
  if (health.state === 'unhealthy' || streak >= unhealthyThreshold) {
    return { ...checked, state: 'unhealthy', ...why(outcome) };
  }
  if (health.state === 'healthy') return { ...health, ...checked };
  return { ...checked, state: 'initial', reason: 'Elb.InitialHealthChecking', description: 'Initial health checks in progress' };
}

const why = ({ reason, description }: Outcome): Pick<Health, 'reason' | 'description'> => ({
  ...(reason !== undefined && { reason }),
  ...(description !== undefined && { description }),
});

function check({ check: { path, timeoutSeconds, matcher } }: TargetGroup, origin: string | undefined): Promise<Outcome> {
  const failed: Outcome = { passed: false, reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };
  if (origin === undefined) return Promise.resolve(failed);
  return new Promise((resolve) => {
    const asked = get(`${origin}${path}`, { agent: false, headers: { 'user-agent': 'ELB-HealthChecker/2.0' } }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(judge(answer, matcher.HttpCode ?? '200')));
    });
    const late = setTimeout(() => {
      resolve({ passed: false, reason: 'Target.Timeout', description: 'Request timed out' });
      asked.destroy();
    }, timeoutSeconds * 1000);
    asked.once('close', () => clearTimeout(late));
    asked.once('error', () => resolve(failed));
  });
}

function judge({ statusCode = 0 }: IncomingMessage, codes: string): Outcome {
  if (meetsCodes(codes, statusCode)) return { passed: true };
  return {
    passed: false,
    reason: 'Target.ResponseCodeMismatch',
    description: `Health checks failed with these codes: [${statusCode}]`,
  };
}

/** `200`, `200,202` or `200-299`. */
const meetsCodes = (codes: string, status: number): boolean =>
  codes.split(',').some((part) => {
    const [low = '', high = low] = part.split('-');
    return status >= Number(low) && status <= Number(high);
  });

export const isMatcher = (codes: string): boolean => /^[2-4]\d\d(-[2-4]\d\d)?(,[2-4]\d\d(-[2-4]\d\d)?)*$/.test(codes);
