// How CloudWatch Logs says no.
import { AwsError } from '../error.ts';

export { notImitated } from '../error.ts';

export const missingGroup = (): AwsError => new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
export const missingStream = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
export const existing = (what: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `The specified ${what} already exists`);
export const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const badToken = (): AwsError => invalid('The specified nextToken is invalid.');

export const constraint = (value: unknown, member: string, rule: string): AwsError =>
  invalid(`1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ${rule}`);

export function withinLimit(value: number | undefined, most: number): number {
  if (value === undefined) return most;
  if (value < 1) throw constraint(value, 'limit', 'Member must have value greater than or equal to 1');
  if (value > most) throw constraint(value, 'limit', `Member must have value less than or equal to ${most}`);
  return value;
}
