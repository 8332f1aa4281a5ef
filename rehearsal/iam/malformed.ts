// How IAM refuses a document it cannot read.
import { AwsError } from '../services/error.ts';

export const malformed = (message: string): AwsError => new AwsError('MalformedPolicyDocument', message, { status: 400 });
