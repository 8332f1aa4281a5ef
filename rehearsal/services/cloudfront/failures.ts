// What CloudFront says when it refuses.
import { AwsError } from '../error.ts';

export const noSuchDistribution = (): AwsError =>
  new AwsError('NoSuchDistribution', 'The specified distribution does not exist.', { status: 404 });
export const noSuchResource = (arn: string): AwsError =>
  new AwsError('NoSuchResource', `The specified resource does not exist: ${arn}`, { status: 404 });
export const invalidArgument = (message: string): AwsError => new AwsError('InvalidArgument', message, { status: 400 });
export const invalidTagging = (message: string): AwsError => new AwsError('InvalidTagging', message, { status: 400 });
