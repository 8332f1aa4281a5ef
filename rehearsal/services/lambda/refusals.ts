// How Lambda says no.
import { AwsError } from '../error.ts';

export { notImitated } from '../error.ts';

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message, user());
export const conflict = (message: string): AwsError => new AwsError('ResourceConflictException', message, user());
export const missing = (message: string): AwsError => new AwsError('ResourceNotFoundException', message, user());
const stale = (message: string): AwsError => new AwsError('PreconditionFailedException', message, user());

const user = () => ({ fields: { Type: 'User' } });

/** Lambda's answer to a value outside its model. */
export const constraint = (value: unknown, member: string, rule: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ${rule}`,
    { status: 400 },
  );

export const throttled = (reason: string): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', { fields: { Type: 'User', Reason: reason } });

export function withinRange(value: number | undefined, member: string, least: number, most: number): void {
  if (value === undefined) return;
  if (value < least) throw constraint(value, member, `Member must have value greater than or equal to ${least}`);
  if (value > most) throw constraint(value, member, `Member must have value less than or equal to ${most}`);
}

/** A change that rests on a revision which is no longer the latest. */
export const changedRevision = (revisionId: string | undefined, current: string, source = 'GetFunction/GetAlias'): void => {
  if (revisionId === undefined || revisionId === current) return;
  throw stale(
    `The RevisionId provided does not match the latest RevisionId. Call the ${source} API to retrieve the latest RevisionId`,
  );
};
