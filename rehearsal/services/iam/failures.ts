// IAM's refusals, in its words.
import { AwsError } from '../error.ts';

export { notImitated } from '../error.ts';

export const noSuchRole = (name: string): AwsError => noSuchEntity(`The role with name ${name} cannot be found.`);
export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, { status: 404 });
export const alreadyExists = (message: string): AwsError => new AwsError('EntityAlreadyExists', message, { status: 409 });
export const deleteConflict = (message: string): AwsError => new AwsError('DeleteConflict', message, { status: 409 });
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceeded', message, { status: 409 });
export const invalidInput = (message: string): AwsError => new AwsError('InvalidInput', message, { status: 400 });
export const validation = (message: string): AwsError => new AwsError('ValidationError', message, { status: 400 });

/** One constraint of a member that does not hold, as the request validator says it. */
export const constraint = (member: string, value: string, rule: string): AwsError =>
  validation(`1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`);
