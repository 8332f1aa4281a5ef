// From an event to its targets: attempts on the timeline, given up after the retry policy's time or count.
import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import { send, type Letter } from './destination.ts';
import type { Rule } from './rulebook.ts';
import { inputOf, type Json } from './transformer.ts';

const USUAL_ATTEMPTS = 185;
const USUAL_AGE_SECONDS = 86_400;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 600_000;
/** What is worth another try; a refusal stays a refusal. */
const TRANSIENT =
  /Throttl|TooManyRequests|ServiceException|InternalFailure|InternalError|Unavailable|SdkClientException|SlowDown/;

export interface Event {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export const secondsOf = (instant: number): string => `${new Date(instant).toISOString().slice(0, 19)}Z`;

/** Sends one event to every target of a rule that it fits. */
export function deliver(ground: Ground, rule: Rule, event: Event, at: number): void {
  count(ground, rule, 'TriggeredRules');
  const facts = { ruleArn: rule.arn, ruleName: rule.name, ingestedAt: new Date(at).toISOString() };
  for (const target of rule.targets.values()) {
    const letter = { id: event.id, at, input: inputOf(target, event as unknown as Json, facts) };
    void attempt(ground, rule, target, letter, 0);
  }
}

async function attempt(ground: Ground, rule: Rule, target: Target, letter: Letter, before: number): Promise<void> {
  try {
    await send(ground, rule, target, letter);
    count(ground, rule, 'Invocations');
  } catch (error) {
    // What is no refusal of AWS's is our own failure: tried again, as AWS does with its own.
    const code = error instanceof AwsError ? error.code : 'InternalFailure';
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** before, LONGEST_PAUSE_MS) * (0.5 + ground.random() / 2);
    if (!TRANSIENT.test(code) || isSpent(target, letter, before, ground.timeline.now() + pause)) {
      count(ground, rule, 'FailedInvocations');
      return;
    }
    ground.timeline.after(pause, () => void attempt(ground, rule, target, letter, before + 1));
  }
}

function isSpent({ RetryPolicy }: Target, { at }: Letter, before: number, next: number): boolean {
  const attempts = RetryPolicy?.MaximumRetryAttempts ?? USUAL_ATTEMPTS;
  const ageSeconds = RetryPolicy?.MaximumEventAgeInSeconds ?? USUAL_AGE_SECONDS;
  return before >= attempts || next > at + ageSeconds * 1000;
}

function count(ground: Ground, rule: Rule, MetricName: string): void {
  const Timestamp = new Date(ground.timeline.now());
  const Dimensions = [{ Name: 'RuleName', Value: rule.name }];
  const input = {
    Namespace: 'AWS/Events',
    MetricData: [{ MetricName, Dimensions, Timestamp, Value: 1, Unit: 'Count' as const }],
  };
  const own = { kind: 'service', service: 'events.amazonaws.com', account: ground.account, source: rule.arn } as const;
  // AWS's own metrics are best effort.
  void ground.call(own, 'monitoring', 'PutMetricData', input, rule.region).catch(() => undefined);
}
