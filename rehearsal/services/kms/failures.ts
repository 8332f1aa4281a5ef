// What KMS says when it refuses.
import { AwsError } from '../error.ts';

/** KMS answers every refusal with 400, whatever its model says. */
export const refusal = (code: string, message: string): AwsError => new AwsError(code, message, { status: 400 });
export const notFound = (message: string): AwsError => refusal('NotFoundException', message);
export const validation = (message: string): AwsError => refusal('ValidationException', message);
export const invalidState = (message: string): AwsError => refusal('KMSInvalidStateException', message);
export const invalidCiphertext = (): AwsError => refusal('InvalidCiphertextException', '');
export const invalidMarker = (): AwsError => refusal('InvalidMarkerException', 'Could not deserialize marker');

/** Refuses what is not imitated by the name of the member that asked for it. */
export function only(input: object, ...supported: string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !supported.includes(name))
      throw refusal('UnsupportedOperationException', `the embedded KMS does not imitate the parameter ${name}`);
}

/** KMS answers a rehearsal of a call with an error that means "it would have worked". */
export function requireWet(input: { DryRun?: boolean | undefined }): void {
  if (input.DryRun === true)
    throw refusal('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
}
