// What the Parameter Store says when it refuses.
import { AwsError } from '../error.ts';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message, { status: 400 });
export const refusal = (code: string, message: string): AwsError => new AwsError(code, message, { status: 400 });
export const notFound = (): AwsError => refusal('ParameterNotFound', '');

/** Refuses what is not imitated by the name of the member that asked for it. */
export function only(input: object, ...supported: string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !supported.includes(name))
      throw validation(`the embedded Parameter Store does not imitate the parameter ${name}`);
}
