// What Secrets Manager says when it refuses.
import { AwsError } from '../error.ts';

export const notFound = (message = "Secrets Manager can't find the specified secret."): AwsError =>
  new AwsError('ResourceNotFoundException', message);
export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message);
export const exists = (message: string): AwsError => new AwsError('ResourceExistsException', message);
export const markedForDeletion = (): AwsError =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");

/** Refuses what is not imitated by the name of the member that asked for it. */
export function only(input: object, ...supported: string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !supported.includes(name))
      throw invalidParameter(`the embedded Secrets Manager does not imitate the parameter ${name}`);
}
