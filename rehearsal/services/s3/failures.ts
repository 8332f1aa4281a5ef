// What S3 says when it refuses, in its own codes, words and statuses.
import { AwsError } from '../error.ts';

type Fields = Record<string, unknown>;
const refusal = (status: number, code: string, message: string, fields: Fields = {}): AwsError =>
  new AwsError(code, message, { status, fields });

export const noSuchBucket = (bucket: string): AwsError =>
  refusal(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
export const noSuchKey = (key: string): AwsError => refusal(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
export const noSuchVersion = (key: string, versionId: string): AwsError =>
  refusal(404, 'NoSuchVersion', 'The specified version does not exist.', { Key: key, VersionId: versionId });
export const noSuchUpload = (uploadId: string): AwsError =>
  refusal(
    404,
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: uploadId },
  );
export const notFound = (): AwsError => refusal(404, 'NotFound', 'Not Found');
export const notModified = (): AwsError => refusal(304, 'NotModified', 'Not Modified');
export const preconditionFailed = (condition: string): AwsError =>
  refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', { Condition: condition });
export const conditionalConflict = (condition: string, key: string): AwsError =>
  refusal(
    409,
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    { Condition: condition, Key: key },
  );
export const invalidArgument = (message: string, name: string, value: string | undefined): AwsError =>
  refusal(400, 'InvalidArgument', message, { ArgumentName: name, ArgumentValue: value });
export const invalidRequest = (message: string): AwsError => refusal(400, 'InvalidRequest', message);
export const malformedXml = (): AwsError =>
  refusal(400, 'MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
export const accessDenied = (message = 'Access Denied'): AwsError => refusal(403, 'AccessDenied', message);
export const missing = (code: string, message: string, bucket: string): AwsError =>
  refusal(404, code, message, { BucketName: bucket });
export const badRequest = (code: string, message: string, fields: Fields = {}): AwsError => refusal(400, code, message, fields);
export const conflict = (code: string, message: string, bucket: string): AwsError =>
  refusal(409, code, message, { BucketName: bucket });

/** A bucket is served by its own Region alone: the global endpoint's signers are corrected, the others are sent away. */
export function elsewhere(bucket: string, region: string, signed: string): AwsError {
  if (signed === 'us-east-1') {
    const message = `The authorization header is malformed; the region '${signed}' is wrong; expecting '${region}'`;
    return refusal(400, 'AuthorizationHeaderMalformed', message, { Region: region, BucketRegion: region });
  }
  return refusal(
    301,
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    { Endpoint: `${bucket}.s3.${region}.amazonaws.com`, Bucket: bucket, BucketRegion: region },
  );
}

/** Refuses what is not imitated by the name of the member that asked for it. */
export function only(input: object, ...supported: string[]): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !supported.includes(name))
      throw refusal(501, 'NotImplemented', `A header you provided implies functionality that is not implemented: ${name}`, {
        Header: name,
      });
}

/** The wire has checked what the schema requires; a caller inside the process may still have forgotten it. */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw badRequest('InvalidRequest', `Missing required parameter: ${name}`);
  return value;
}
