// What KMS says when it refuses.
import { AwsError } from '../error.ts';

export const notFound = (message: string): AwsError => new AwsError('NotFoundException', message);
export const validation = (message: string): AwsError => new AwsError('ValidationException', message, { status: 400 });
export const invalidState = (message: string): AwsError => new AwsError('KMSInvalidStateException', message);
export const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');
export const invalidMarker = (): AwsError => new AwsError('InvalidMarkerException', 'Could not deserialize marker');

/** Refuses what is not imitated by the name of the member that asked for it. */
export function only(input: object, ...supported: string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !supported.includes(name))
      throw new AwsError('UnsupportedOperationException', `the embedded KMS does not imitate the parameter ${name}`, {
        status: 400,
      });
}

/** KMS answers a rehearsal of a call with an error that means "it would have worked". */
export function requireWet(input: { DryRun?: boolean | undefined }): void {
  if (input.DryRun === true)
    throw new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
}
