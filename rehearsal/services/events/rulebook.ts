// What EventBridge remembers in one Region: rules of the default bus, their targets, and what is scheduled.
import type { RuleState, Target } from '@aws-sdk/client-eventbridge';
import { AwsError, notImitated as refuseUnimitated } from '../error.ts';

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  expression: string | undefined;
  pattern: string | undefined;
  matches: ((event: Readonly<Record<string, unknown>>) => boolean) | undefined;
  state: RuleState;
  description: string | undefined;
  readonly targets: Map<string, Target>;
  readonly tags: Map<string, string>;
  /** Calls off the schedule's next instant. */
  callOff: (() => void) | undefined;
}

export interface Rulebook {
  readonly rules: Map<string, Rule>;
}

export const newRulebook = (): Rulebook => ({ rules: new Map() });

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const notImitated = (what: string): AwsError => refuseUnimitated(`${what} in EventBridge`);

/** Only the default bus is imitated; a name, its ARN or nothing at all means it. */
export function checkBus(bus: string | undefined, account: string, region: string): void {
  if (bus === undefined || bus === 'default' || bus === `arn:aws:events:${region}:${account}:event-bus/default`) return;
  throw new AwsError('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
}

export function ruleAt({ rules }: Rulebook, name: string): Rule {
  const rule = rules.get(name);
  if (rule === undefined) throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  return rule;
}
