// What Certificate Manager says when it refuses.
import { AwsError } from '../error.ts';

const ARN = '[\\w+=/,.@-]*';
export const ARN_PATTERN = `arn:${ARN}:acm:${ARN}:[0-9]+:[\\w+=,.@-]+(/[\\w+=,.@-]+)*`;

export const notFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`, { status: 400 });
export const invalidArn = (arn: string): AwsError =>
  new AwsError('InvalidArnException', `${arn} is not a certificate's ARN.`, { status: 400 });
export const inProgress = (arn: string): AwsError =>
  new AwsError('RequestInProgressException', `The certificate request for ${arn} is in progress.`, { status: 400 });
export const invalidArgs = (message: string): AwsError => new AwsError('InvalidArgsException', message, { status: 400 });
export const invalidTag = (message: string): AwsError => new AwsError('InvalidTagException', message, { status: 400 });
export const tooManyTags = (): AwsError =>
  new AwsError('TooManyTagsException', 'The request contains too many tags. Try the request again with fewer tags.', {
    status: 400,
  });
export const constraint = (value: string, member: string, rule: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy ${rule}`,
    { status: 400 },
  );
