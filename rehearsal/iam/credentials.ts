// The keys of this cloud: who holds them, until when, and whether a request was signed with them.
import type { Keys } from '../services/ground.ts';
import type { Caller } from './ask.ts';
import type { Credentials, SignedRequest } from './contract.ts';
import { operatorOf } from './operator.ts';
import type { Claim } from './signature.ts';
import { instantOf, readClaim, signatureMatches, wrongPayloadHash } from './signature.ts';
import { refusals } from './signature-errors.ts';

export interface CredentialsOptions {
  readonly account: string;
  /** Letters and digits from the cloud's seed. */
  readonly chance: { token(length: number, alphabet?: string): string };
  /** The timeline's now: temporary keys and presigned URLs expire. */
  readonly now: () => number;
  /** How far the timeline is ahead of the wall clock. */
  readonly offset?: () => number;
}

/** The contract, and keys that end by themselves. */
export interface CredentialStore extends Credentials {
  /** Temporary keys as STS gives them: they are refused as expired from that instant on. */
  issueUntil(who: () => Caller, expiresAt: number): Keys;
}

interface Holder {
  readonly keys: Keys;
  readonly who: () => Caller;
  readonly expiresAt: number;
  revoked: boolean;
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function createCredentials(options: CredentialsOptions): CredentialStore {
  const { account, chance, now, offset = () => 0 } = options;
  const person = operatorOf(account);
  const holders = new Map<string, Holder>();

  const hold = (keys: Keys, who: () => Caller, expiresAt: number): Keys => {
    holders.set(keys.accessKeyId, { keys, who, expiresAt, revoked: false });
    return keys;
  };
  const makeKeys = (prefix: string, sessionToken: string): Keys => ({
    accessKeyId: prefix + chance.token(16, UPPER),
    secretAccessKey: chance.token(40, BASE64),
    sessionToken,
  });
  const issueUntil = (who: () => Caller, expiresAt: number): Keys =>
    hold(makeKeys('ASIA', `IQoJb3JpZ2luX2Vj${chance.token(240, BASE64)}`), who, expiresAt);
  // A user's keys are long-term: they have no session token.
  const operator = hold(makeKeys('AKIA', ''), () => person, Infinity);

  const authenticate = (request: SignedRequest): ReturnType<Credentials['authenticate']> => {
    const claim = readClaim(request);
    if (claim === undefined) {
      return { caller: { kind: 'anonymous', account }, scope: undefined, region: undefined };
    }
    if ('problem' in claim) throw refusals(serviceNamed(request)).unreadable(claim);
    const holder = holderOf(holders.get(claim.accessKeyId), claim, now());
    verify(request, claim, holder, { now, offset });
    return { caller: holder.who(), scope: claim.service, region: claim.region };
  };

  return {
    operator,
    issueUntil,
    issue: (who) => issueUntil(who, Infinity),
    revoke(accessKeyId) {
      const holder = holders.get(accessKeyId);
      if (holder) holder.revoked = true;
    },
    authenticate,
  };
}

function holderOf(holder: Holder | undefined, claim: Claim, now: number): Holder {
  const refuse = refusals(claim.service);
  if (!holder) throw refuse.unknownKey(claim.accessKeyId);
  // A long-term key takes no token, and a temporary one is nothing without its own.
  if ((claim.sessionToken ?? '') !== holder.keys.sessionToken) throw refuse.wrongToken(claim.accessKeyId);
  if (holder.revoked || holder.expiresAt <= now) throw refuse.expiredToken();
  return holder;
}

function verify(request: SignedRequest, claim: Claim, holder: Holder, clock: { now(): number; offset(): number }): void {
  const refuse = refusals(claim.service);
  const signedAt = instantOf(claim.signedAt);
  if (Number.isNaN(signedAt)) throw refuse.wrongDate(claim.signedAt);
  if (!claim.signedAt.startsWith(claim.date)) throw refuse.wrongScopeDate(claim);
  const unsigned = unsignedHeader(request, claim);
  if (unsigned !== undefined) throw refuse.unsignedHeader(unsigned);
  if (!signatureMatches(request, claim, holder.keys.secretAccessKey)) throw refuse.wrongSignature(claim, request);
  const wrongHash = wrongPayloadHash(request);
  if (wrongHash !== undefined) throw refuse.wrongPayload(wrongHash, request.bodyHash);
  if (claim.expiresSeconds === undefined) return;
  // A person presigns by the wall clock, a function by the timeline's: the operator's URL is good by either.
  const clocks = holder.keys.sessionToken === '' ? [clock.now(), clock.now() - clock.offset()] : [clock.now()];
  const endsAt = signedAt + claim.expiresSeconds * 1000;
  if (clocks.every((now) => endsAt < now)) throw refuse.expiredUrl(claim, endsAt);
}

/** The host, and every `x-amz-` header but the tracing one, must be under the signature. */
function unsignedHeader({ headers }: SignedRequest, claim: Claim): string | undefined {
  const required = Object.keys(headers).filter(
    (name) => name.startsWith('x-amz-') && !(claim.presigned && name === 'x-amz-content-sha256'),
  );
  return ['host', ...required].find((name) => !claim.signedHeaders.includes(name));
}

/** Where a signature cannot be read, the path and target still tell which family's words to use. */
function serviceNamed({ headers, url }: SignedRequest): string {
  const scope = /Credential=[^/]+\/[^/]*\/[^/]*\/([^/]+)\//.exec(headers.authorization ?? url)?.[1];
  if (scope !== undefined) return scope;
  return headers['x-amz-target'] === undefined ? 's3' : 'states';
}
