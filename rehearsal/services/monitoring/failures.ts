// CloudWatch's refusals, in its words.
import { AwsError } from '../error.ts';

export { notImitated } from '../error.ts';

export const validation = (message: string): AwsError => new AwsError('ValidationError', message, { status: 400 });
export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message, { status: 400 });
export const invalidCombination = (message: string): AwsError =>
  new AwsError('InvalidParameterCombination', message, { status: 400 });
export const missingParameter = (message: string): AwsError => new AwsError('MissingParameter', message, { status: 400 });
export const noSuchAlarm = (message: string): AwsError => new AwsError('ResourceNotFound', message, { status: 404 });
export const invalidToken = (): AwsError =>
  new AwsError('InvalidNextToken', 'Request parameter NextToken is invalid', { status: 400 });
