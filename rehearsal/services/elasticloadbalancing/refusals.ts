// What Elastic Load Balancing says when it refuses.
import { AwsError } from '../error.ts';

export const refusal = (code: string, message: string): AwsError => new AwsError(code, message);
export const validation = (message: string): AwsError => new AwsError('ValidationError', message, { status: 400 });

export const noLoadBalancer = (names: readonly string[]): AwsError =>
  refusal('LoadBalancerNotFound', `Load balancers '[${names.join(', ')}]' not found`);
export const noListener = (): AwsError => refusal('ListenerNotFound', 'One or more listeners not found');
export const noRule = (): AwsError => refusal('RuleNotFound', 'One or more rules not found');
export const noTargetGroup = (): AwsError => refusal('TargetGroupNotFound', 'One or more target groups not found');

/** Refuses a member whose value is none of these words. */
export function oneOf(value: string | undefined, member: string, words: readonly string[]): void {
  if (value === undefined || words.includes(value)) return;
  throw validation(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${words.join(', ')}]`,
  );
}

export function between(value: number | undefined, member: string, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw validation(`${member} '${value}' must be in the range [${least}, ${most}]`);
}
