// What Route 53 says when it refuses.
import { AwsError } from '../error.ts';

export const invalidInput = (message: string): AwsError => new AwsError('InvalidInput', message, { status: 400 });
export const noSuchZone = (id: string): AwsError =>
  new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, { status: 404 });
export const noSuchChange = (id: string): AwsError =>
  new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`, { status: 404 });

/** Every problem of the batch at once, in the one message that Route 53 writes them into. */
export const invalidBatch = (problems: readonly string[]): AwsError =>
  new AwsError('InvalidChangeBatch', `[${problems.join(', ')}]`, { status: 400 });

export const constraint = (value: unknown, member: string, rule: string): AwsError =>
  invalidInput(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );
