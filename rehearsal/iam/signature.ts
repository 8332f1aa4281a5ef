// AWS Signature Version 4, verified from the raw request: in the Authorization header, or in the query of a presigned URL.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SignedRequest } from './contract.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const UNSUPPORTED = `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`;

/** What a request says about its own signature. */
export interface Claim {
  readonly presigned: boolean;
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** As `20260101T000000Z`. */
  readonly signedAt: string;
  readonly expiresSeconds: number | undefined;
  readonly sessionToken: string | undefined;
}

/** What keeps a signature from being read, in AWS's words. */
export interface Unreadable {
  readonly problem: 'incomplete' | 'unsupported' | 'unhashed' | 'presigned';
  readonly message: string;
}

/** Undefined when the request carries no credentials at all. */
export function readClaim(request: SignedRequest): Claim | Unreadable | undefined {
  const query = new Map(queryOf(request.url));
  const authorization = request.headers.authorization;
  if (authorization !== undefined) return claimOfHeader(request, authorization);
  // Version 2, which `aws s3 presign` of the first CLI still writes; S3 takes it for no bucket made since 2020.
  if (query.has('AWSAccessKeyId') && query.has('Signature')) return { problem: 'unsupported', message: UNSUPPORTED };
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return claimOfQuery(query);
  return undefined;
}

function claimOfHeader({ headers }: SignedRequest, authorization: string): Claim | Unreadable {
  if (!authorization.startsWith(`${ALGORITHM} `)) return { problem: 'unsupported', message: UNSUPPORTED };
  const parts = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(',')
      .map((part) => part.trim().split('=', 2) as [string, string]),
  );
  const missing = ['Credential', 'Signature', 'SignedHeaders'].find((name) => !parts.get(name));
  if (missing !== undefined) {
    return { problem: 'incomplete', message: `Authorization header requires '${missing}' parameter. Authorization=${ALGORITHM}` };
  }
  const signedAt = first(headers['x-amz-date']) ?? basicDate(headers.date);
  if (signedAt === undefined) {
    const message = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
    return { problem: 'incomplete', message };
  }
  const claim = claimOf(parts.get('Credential') ?? '', {
    presigned: false,
    signedHeaders: (parts.get('SignedHeaders') ?? '').split(';'),
    signature: parts.get('Signature') ?? '',
    signedAt,
    expiresSeconds: undefined,
    sessionToken: first(headers['x-amz-security-token']),
  });
  // S3 alone asks for it: older curls, which know S3 no better than any other service, leave it out.
  if (!('problem' in claim) && claim.service === 's3' && headers['x-amz-content-sha256'] === undefined)
    return { problem: 'unhashed', message: 'Missing required header for this request: x-amz-content-sha256' };
  return claim;
}

function claimOfQuery(query: ReadonlyMap<string, string>): Claim | Unreadable {
  const needed = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-Date', 'X-Amz-SignedHeaders', 'X-Amz-Expires'];
  // Only S3 insists on an expiry: a presigned call to STS has none.
  const missing = needed.slice(0, 5).find((name) => !query.get(name));
  if (missing !== undefined || query.get('X-Amz-Algorithm') !== ALGORITHM) {
    const message = `Query-string authentication version 4 requires the ${needed.join(', ')} parameters.`;
    return { problem: 'presigned', message };
  }
  const expires = query.get('X-Amz-Expires');
  if (expires !== undefined && !(Number(expires) >= 0 && Number(expires) <= 604_800)) {
    return {
      problem: 'presigned',
      message:
        'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    };
  }
  return claimOf(query.get('X-Amz-Credential') ?? '', {
    presigned: true,
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    signedAt: query.get('X-Amz-Date') ?? '',
    expiresSeconds: expires === undefined ? undefined : Number(expires),
    sessionToken: query.get('X-Amz-Security-Token'),
  });
}

type Rest = Omit<Claim, 'accessKeyId' | 'date' | 'region' | 'service'>;

function claimOf(credential: string, rest: Rest): Claim | Unreadable {
  const [accessKeyId, date, region, service, terminator, ...more] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request' || more.length > 0) {
    const message = `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`;
    return { problem: 'incomplete', message };
  }
  return { accessKeyId, date, region, service, ...rest };
}

/** Whether the holder of this secret signed exactly this request. */
export function signatureMatches(request: SignedRequest, claim: Claim, secret: string): boolean {
  const canonical = canonicalRequest(request, claim);
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const text = [ALGORITHM, claim.signedAt, scope, sha256(canonical)].join('\n');
  const key = ['aws4_request', claim.service, claim.region, claim.date].reduceRight<string | Buffer>(
    (k, part) => hmac(k, part),
    `AWS4${secret}`,
  );
  const expected = hmac(key, text).toString('hex');
  return claim.signature.length === expected.length && timingSafeEqual(Buffer.from(claim.signature), Buffer.from(expected));
}

function canonicalRequest(request: SignedRequest, claim: Claim): string {
  const path = request.url.split('?', 1)[0] ?? '/';
  const headers = claim.signedHeaders.map((name) => `${name}:${headerValue(request, name)}\n`);
  return [
    request.method.toUpperCase(),
    claim.service === 's3' ? s3Path(path) : canonicalPath(path),
    canonicalQuery(request.url),
    headers.join(''),
    claim.signedHeaders.join(';'),
    payloadHash(request, claim),
  ].join('\n');
}

/** S3 signs the path as it travels, encoded once. */
const s3Path = (path: string): string => path.split('/').map(decodeOnce).map(encode).join('/') || '/';

/** Everyone else signs it cleaned of dots and empty segments, and encoded once more. */
function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const trailing = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.map(encode).join('/')}${trailing}`;
}

function canonicalQuery(url: string): string {
  return queryOf(url)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort(([a, x], [b, y]) => (a === b ? order(x, y) : order(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function queryOf(url: string): [string, string][] {
  const at = url.indexOf('?');
  if (at === -1 || at === url.length - 1) return [];
  return url
    .slice(at + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1 ? [decodeOnce(pair), ''] : [decodeOnce(pair.slice(0, equals)), decodeOnce(pair.slice(equals + 1))];
    });
}

/**
 * A presigned S3 URL signs no payload unless it says so; other services hash the body. A hash in the header is what was signed;
 * that it is the body's is checked apart.
 */
function payloadHash(request: SignedRequest, claim: Claim): string {
  const declared = first(request.headers['x-amz-content-sha256']);
  if (declared !== undefined) return declared;
  if (!claim.presigned || claim.service !== 's3') return request.bodyHash;
  return new Map(queryOf(request.url)).get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD';
}

/** Undefined, or the hash the header declared when it is not the body's. */
export function wrongPayloadHash({ headers, bodyHash }: SignedRequest): string | undefined {
  const declared = first(headers['x-amz-content-sha256']);
  return declared !== undefined && /^[0-9a-f]{64}$/.test(declared) && declared !== bodyHash ? declared : undefined;
}

function headerValue({ headers }: SignedRequest, name: string): string {
  const value = headers[name];
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  return text.trim().replace(/\s+/g, ' ');
}

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function basicDate(date: string | undefined): string | undefined {
  const instant = date === undefined ? NaN : Date.parse(date);
  return Number.isNaN(instant) ? undefined : new Date(instant).toISOString().replace(/[:-]|\.\d{3}/g, '');
}

/** The instant of `20260101T000000Z`, in milliseconds; NaN when it is none. */
export const instantOf = (basic: string): number =>
  Date.parse(basic.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z'));

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
