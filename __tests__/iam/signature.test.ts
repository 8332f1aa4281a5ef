import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Caller } from '../../rehearsal/iam/ask.ts';
import type { SignedRequest } from '../../rehearsal/iam/contract.ts';
import { createCredentials } from '../../rehearsal/iam/credentials.ts';

const account = '123456789012';
const operator: Caller = { kind: 'operator', arn: `arn:aws:iam::${account}:user/operator`, account };
const role: Caller = { kind: 'role', arn: `arn:aws:sts::${account}:assumed-role/r/s`, account, role: 'r', session: 's' };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The hash in the shape the SDK's signer wants it. */
class Sha256 {
  private readonly hash;
  constructor(secret?: unknown) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }
  update(data: string | Uint8Array): void {
    this.hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.hash.digest()));
  }
  reset(): void {
    throw new Error('the signer never resets');
  }
}

function store() {
  const clock = { now: Date.UTC(2026, 0, 1), offset: 0 };
  let issued = 0;
  const credentials = createCredentials({
    account,
    chance: {
      token: (length, alphabet = 'ABCDEFGH') => {
        issued++;
        return Array.from({ length }, (_, i) => alphabet[(i * 7 + issued) % alphabet.length]).join('');
      },
    },
    now: () => clock.now,
    offset: () => clock.offset,
  });
  return { credentials, clock };
}

interface Signing {
  service?: string;
  path?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
  secret?: string;
  expiresIn?: number;
}

async function signedBy(keys: { accessKeyId: string; secretAccessKey: string; sessionToken: string }, signing: Signing = {}) {
  const { service = 'states', path = '/', query = {}, headers = {}, body = '{}' } = signing;
  const signer = new SignatureV4({
    service,
    region: 'eu-west-1',
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: true,
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: signing.secret ?? keys.secretAccessKey,
      ...(keys.sessionToken ? { sessionToken: keys.sessionToken } : {}),
    },
  });
  const unsigned = {
    method: 'POST',
    protocol: 'http:',
    hostname: '127.0.0.1',
    port: 4566,
    path,
    query,
    headers: { host: '127.0.0.1:4566', ...headers },
    body,
  };
  const signingDate = new Date(Date.UTC(2026, 0, 1));
  const signed =
    signing.expiresIn === undefined
      ? await signer.sign(unsigned, { signingDate })
      : await signer.presign(unsigned, { signingDate, expiresIn: signing.expiresIn });
  return asReceived(signed, body);
}

function asReceived(
  signed: { method: string; path: string; query?: Record<string, unknown>; headers: Record<string, string> },
  body: string,
): SignedRequest {
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const pairs = Object.entries(signed.query ?? {}).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  const headers = Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    method: signed.method,
    url: signed.path + (pairs.length ? `?${pairs.join('&')}` : ''),
    headers,
    bodyHash: sha256(body),
  };
}

describe('a request the SDK signed', () => {
  it('is its signer, with the scope and the Region it was signed for', async () => {
    const { credentials } = store();

    const request = await signedBy(credentials.operator);

    expect(credentials.authenticate(request)).toEqual({ caller: operator, scope: 'states', region: 'eu-west-1' });
  });

  it.each(['/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Af/invocations', '/a b/../c//d/', '/tags/%25'])(
    'is verified on the path %s encoded twice, as every service but S3 signs it',
    async (path) => {
      const { credentials } = store();

      const request = await signedBy(credentials.operator, {
        service: 'lambda',
        path,
        query: { Qualifier: '$LATEST', a: "b'(c)*" },
      });

      expect(credentials.authenticate(request).caller).toEqual(operator);
    },
  );

  it.each(['/bucket/a%20key/with%2Bplus/%C3%A9', '/bucket//double//slash/', '/bucket/../up'])(
    'is verified on the path %s encoded once for S3',
    async (path) => {
      const { credentials } = store();

      const request = await signedBy(credentials.operator, { service: 's3', path, query: { 'list-type': '2', prefix: 'a/b c' } });

      expect(credentials.authenticate(request).caller).toEqual(operator);
    },
  );

  it.each(['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'])(
    'may leave its payload to %s',
    async (hash) => {
      const { credentials } = store();

      const request = await signedBy(credentials.operator, {
        service: 's3',
        path: '/b/k',
        headers: { 'x-amz-content-sha256': hash },
      });

      expect(credentials.authenticate({ ...request, bodyHash: hash }).caller).toEqual(operator);
    },
  );

  it('is refused when the body is another than the one that was signed', async () => {
    const { credentials } = store();
    const request = await signedBy(credentials.operator, { service: 's3', path: '/b/k' });

    const altered = { ...request, bodyHash: sha256('other') };

    expect(() => credentials.authenticate(altered)).toThrow(expect.objectContaining({ name: 'XAmzContentSHA256Mismatch' }));
  });

  it('is refused by S3 when it does not say what its payload hashes to', async () => {
    const { credentials } = store();
    const request = await signedBy(credentials.operator, { service: 's3', path: '/b/k' });

    const { 'x-amz-content-sha256': hash, ...headers } = request.headers;

    expect(hash).toBeDefined();
    expect(() => credentials.authenticate({ ...request, headers })).toThrow(
      expect.objectContaining({
        name: 'InvalidRequest',
        message: 'Missing required header for this request: x-amz-content-sha256',
      }),
    );
  });

  it('is refused when a header was added after signing', async () => {
    const { credentials } = store();
    const request = await signedBy(credentials.operator, { service: 's3', path: '/b/k' });

    const altered = { ...request, headers: { ...request.headers, 'x-amz-acl': 'public-read' } };

    expect(() => credentials.authenticate(altered)).toThrow(
      expect.objectContaining({ name: 'AccessDenied', fields: { HeadersNotSigned: 'x-amz-acl' } }),
    );
  });
});

describe('a request the aws command line signed', () => {
  // Recorded from version 1.45 with these keys.
  const recorded = JSON.parse(readFileSync(join(__dirname, 'signed-by-aws-cli.json'), 'utf8')) as SignedRequest[];
  const theirs = createCredentials({
    account,
    chance: { token: (length) => (length === 16 ? 'A' : 's').repeat(length) },
    now: () => Date.UTC(2026, 10, 21),
  });

  it.each(recorded.slice(0, -1))('is its signer: $method $url', (request) => {
    expect(theirs.authenticate(request).caller).toEqual(operator);
  });

  it('is refused by name where it was signed in the way of version 2', () => {
    const presigned = recorded.slice(-1);

    expect(() => presigned.map((request) => theirs.authenticate(request))).toThrow(
      expect.objectContaining({ name: 'InvalidRequest', status: 400 }),
    );
  });
});

describe('a signature made with the wrong secret', () => {
  it.each([
    ['s3', 'SignatureDoesNotMatch', 403],
    ['iam', 'SignatureDoesNotMatch', 403],
    ['states', 'InvalidSignatureException', 400],
    ['lambda', 'InvalidSignatureException', 403],
  ])('is refused by %s as %s', async (service, name, status) => {
    const { credentials } = store();

    const request = await signedBy(credentials.operator, { service, secret: 'wrong' });

    expect(() => credentials.authenticate(request)).toThrow(expect.objectContaining({ name, status }));
  });
});

describe('keys nobody holds', () => {
  it.each([
    ['s3', 'InvalidAccessKeyId'],
    ['iam', 'InvalidClientTokenId'],
    ['states', 'UnrecognizedClientException'],
  ])('are refused by %s as %s', async (service, name) => {
    const { credentials } = store();

    const request = await signedBy({ accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x', sessionToken: '' }, { service });

    expect(() => credentials.authenticate(request)).toThrow(expect.objectContaining({ name }));
  });
});

describe('temporary keys', () => {
  it('are nothing without their session token', async () => {
    const { credentials } = store();
    const keys = credentials.issue(() => role);

    const request = await signedBy({ ...keys, sessionToken: '' });

    expect(() => credentials.authenticate(request)).toThrow(expect.objectContaining({ name: 'UnrecognizedClientException' }));
  });

  it('ask at every call who holds them', async () => {
    const { credentials } = store();
    const sessions = ['one', 'two'];
    const keys = credentials.issue(() => ({ ...role, session: sessions.shift() ?? 'none' }));
    const request = await signedBy(keys);

    const callers = [credentials.authenticate(request).caller, credentials.authenticate(request).caller];

    expect(callers).toMatchObject([{ session: 'one' }, { session: 'two' }]);
  });

  it('expire on the timeline', async () => {
    const { credentials, clock } = store();
    const keys = credentials.issueUntil(() => role, clock.now + 900_000);
    const request = await signedBy(keys, { service: 'sts' });
    expect(credentials.authenticate(request).caller).toEqual(role);

    clock.now += 900_000;

    expect(() => credentials.authenticate(request)).toThrow(expect.objectContaining({ name: 'ExpiredToken' }));
  });

  it('are expired once they are revoked', async () => {
    const { credentials } = store();
    const keys = credentials.issue(() => role);
    credentials.revoke(keys.accessKeyId);

    const request = await signedBy(keys);

    expect(() => credentials.authenticate(request)).toThrow(expect.objectContaining({ name: 'ExpiredTokenException' }));
  });
});

describe('a presigned URL', () => {
  const presigned = (keys: Parameters<typeof signedBy>[0]) =>
    signedBy(keys, {
      service: 's3',
      path: '/bucket/key',
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      expiresIn: 60,
    });

  it('is its signer until it expires on the timeline', async () => {
    const { credentials, clock } = store();
    const request = await presigned(credentials.issue(() => role));
    expect(credentials.authenticate(request).caller).toEqual(role);

    clock.now += 61_000;

    expect(() => credentials.authenticate(request)).toThrow(
      expect.objectContaining({ name: 'AccessDenied', message: 'Request has expired' }),
    );
  });

  it('of the operator stays good while the wall clock says so', async () => {
    const { credentials, clock } = store();
    const request = await presigned(credentials.operator);

    clock.now += 86_400_000;
    clock.offset = 86_400_000;

    expect(credentials.authenticate(request).caller).toEqual(operator);
  });

  it('is refused for another key', async () => {
    const { credentials } = store();
    const request = await presigned(credentials.operator);

    const moved = { ...request, url: request.url.replace('/bucket/key', '/bucket/other') };

    expect(() => credentials.authenticate(moved)).toThrow(expect.objectContaining({ name: 'SignatureDoesNotMatch' }));
  });
});

describe('a request without credentials', () => {
  it('is anonymous', () => {
    const { credentials } = store();

    const { caller } = credentials.authenticate({ method: 'GET', url: '/', headers: {}, bodyHash: sha256('') });

    expect(caller).toEqual({ kind: 'anonymous', account });
  });

  it('is refused when it has only half of a signature', () => {
    const { credentials } = store();
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/sts/aws4_request, SignedHeaders=host' };

    const half = (): unknown => credentials.authenticate({ method: 'POST', url: '/', headers, bodyHash: sha256('') });

    expect(half).toThrow(expect.objectContaining({ name: 'IncompleteSignature' }));
  });
});
