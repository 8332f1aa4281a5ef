// Each family of services refuses a bad signature in its own words.
import { AwsError } from '../services/error.ts';
import type { SignedRequest } from './contract.ts';
import type { Claim, Unreadable } from './signature.ts';

type Family = 's3' | 'query' | 'json';

const QUERY = ['iam', 'sts', 'sns', 'cloudformation', 'rds', 'route53', 'cloudfront', 'elasticloadbalancing', 'monitoring'];
const familyOf = (service: string): Family => (service === 's3' ? 's3' : QUERY.includes(service) ? 'query' : 'json');

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const S3_MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
const INVALID_TOKEN = 'The security token included in the request is invalid.';
const EXPIRED_TOKEN = 'The security token included in the request is expired';

export interface Refusals {
  unreadable(problem: Unreadable): AwsError;
  unknownKey(accessKeyId: string): AwsError;
  wrongToken(accessKeyId: string): AwsError;
  expiredToken(): AwsError;
  wrongDate(signedAt: string): AwsError;
  wrongScopeDate(claim: Claim): AwsError;
  unsignedHeader(name: string): AwsError;
  wrongSignature(claim: Claim, request: SignedRequest): AwsError;
  wrongPayload(declared: string, computed: string): AwsError;
  expiredUrl(claim: Claim, endsAt: number): AwsError;
}

/** The AWS JSON protocols answer 400 where the others answer 403; Lambda, which is REST, answers 403 too. */
export function refusals(service: string): Refusals {
  const family = familyOf(service);
  const status = family === 'json' && service !== 'lambda' ? 400 : 403;
  const say = (codes: Record<Family, string>, message: string, fields?: Record<string, unknown>): AwsError =>
    new AwsError(codes[family], message, fields ? { status, fields } : { status });
  const mismatch = (message: string): AwsError =>
    say({ s3: 'SignatureDoesNotMatch', query: 'SignatureDoesNotMatch', json: 'InvalidSignatureException' }, message);

  return {
    unreadable: ({ problem, message }) => unreadable(family, problem, message),
    unknownKey: (accessKeyId) =>
      family === 's3'
        ? say(sameCode('InvalidAccessKeyId'), 'The AWS Access Key Id you provided does not exist in our records.', {
            AWSAccessKeyId: accessKeyId,
          })
        : say({ s3: '', query: 'InvalidClientTokenId', json: 'UnrecognizedClientException' }, INVALID_TOKEN),
    wrongToken: () =>
      family === 's3'
        ? new AwsError('InvalidToken', 'The provided token is malformed or otherwise invalid.', { status: 400 })
        : say({ s3: '', query: 'InvalidClientTokenId', json: 'UnrecognizedClientException' }, INVALID_TOKEN),
    expiredToken: () =>
      family === 's3'
        ? new AwsError('ExpiredToken', 'The provided token has expired.', { status: 400 })
        : say({ s3: '', query: 'ExpiredToken', json: 'ExpiredTokenException' }, EXPIRED_TOKEN),
    wrongDate: (signedAt) =>
      family === 's3'
        ? say(sameCode('AccessDenied'), 'AWS authentication requires a valid Date or x-amz-date header')
        : mismatch(`Date must be in ISO-8601 'basic format'. Got '${signedAt}'. See http://en.wikipedia.org/wiki/ISO_8601`),
    wrongScopeDate: ({ date, signedAt }) =>
      mismatch(
        `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${signedAt.slice(0, 8)}', from '${signedAt}'.`,
      ),
    unsignedHeader: (name) =>
      family === 's3'
        ? say(sameCode('AccessDenied'), 'There were headers present in the request which were not signed', {
            HeadersNotSigned: name,
          })
        : mismatch(`'${name === 'host' ? 'Host' : name}' must be a 'SignedHeader' in the AWS Authorization.`),
    wrongSignature: (claim) =>
      family === 's3'
        ? say(sameCode('SignatureDoesNotMatch'), S3_MISMATCH, {
            AWSAccessKeyId: claim.accessKeyId,
            SignatureProvided: claim.signature,
          })
        : mismatch(MISMATCH),
    wrongPayload: (declared, computed) =>
      family === 's3'
        ? new AwsError(
            'XAmzContentSHA256Mismatch',
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            {
              status: 400,
              fields: { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: computed },
            },
          )
        : mismatch(MISMATCH),
    expiredUrl: (claim, endsAt) =>
      family === 's3'
        ? say(sameCode('AccessDenied'), 'Request has expired', {
            'X-Amz-Expires': claim.expiresSeconds,
            Expires: new Date(endsAt).toISOString(),
          })
        : mismatch(`Signature expired: ${claim.signedAt} is now earlier than its expiry`),
  };
}

const sameCode = (code: string): Record<Family, string> => ({ s3: code, query: code, json: code });

function unreadable(family: Family, problem: Unreadable['problem'], message: string): AwsError {
  if (problem === 'presigned') {
    const code = family === 's3' ? 'AuthorizationQueryParametersError' : 'IncompleteSignature';
    return new AwsError(family === 'json' ? 'IncompleteSignatureException' : code, message, { status: 400 });
  }
  if (family === 's3') {
    const code = problem === 'incomplete' ? 'AuthorizationHeaderMalformed' : 'InvalidRequest';
    return new AwsError(code, message, { status: 400 });
  }
  return new AwsError(family === 'json' ? 'IncompleteSignatureException' : 'IncompleteSignature', message, { status: 400 });
}
