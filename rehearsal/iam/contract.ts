// What the cloud's door asks of IAM: whose keys these are, whether the signature is theirs, and whether they may.
import type { IncomingHttpHeaders } from 'node:http';
import type { Keys } from '../services/ground.ts';
import type { Ask, Caller, PolicyDocument, Trace } from './ask.ts';

/** Where one role's, user's or resource's permission comes from. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}
export interface RoleRecord {
  readonly name: string;
  readonly arn: string;
  readonly trust: PolicyDocument;
  readonly policies: readonly NamedPolicy[];
  /** What aws:PrincipalTag reads. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The role's unique id: the first half of its sessions' user ids. */
  readonly id?: string;
  /** The longest its sessions may last. */
  readonly maxSessionSeconds?: number;
}

/** Read by the judge, written by the IAM service. */
export interface Principals {
  role(nameOrArn: string): RoleRecord | undefined;
  roles(): readonly RoleRecord[];
}

/** The same, as the IAM service writes it. */
export interface PrincipalStore extends Principals {
  put(role: RoleRecord): void;
  remove(name: string): void;
}

export interface Verdict {
  readonly allowed: boolean;
  /** `User: … is not authorized to perform: … on resource: … because …`, exactly as AWS words it; empty when allowed. */
  readonly message: string;
}

/** How often a statement of an identity policy decided anything: a statement at 0 after every rehearsal is one too many. */
export interface StatementUse {
  readonly role: string;
  readonly policy: string;
  readonly statement: number;
  readonly sid: string | undefined;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly decided: number;
  /** The actions of the statement that were asked for and allowed by it. */
  readonly usedActions: readonly string[];
  /** Of these, the ones that nothing else would have allowed at least once. */
  readonly neededActions: readonly string[];
}

export interface Judge {
  /** `at` and `region` feed aws:CurrentTime, aws:RequestedRegion; aws:SecureTransport is declared true. */
  judge(caller: Caller, ask: Ask, scene: { at: number; region: string }): Verdict;
  /** Throws AwsError AccessDenied unless the role's trust policy lets this service wear it. */
  assume(roleArn: string, service: string, session: string, trace?: Trace): Extract<Caller, { kind: 'role' }>;
  usage(): readonly StatementUse[];
}

/** Throws AwsError MalformedPolicyDocument: bad grammar, an unknown condition operator, a condition key it cannot evaluate. */
export type ParsePolicy = (document: unknown, kind: 'identity' | 'trust' | 'resource') => PolicyDocument;

export interface SignedRequest {
  readonly method: string;
  /** As on the request line, percent-encoding and query included. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** SHA-256 of the body in hex, or what `x-amz-content-sha256` said for streamed bodies. */
  readonly bodyHash: string;
}

export interface Credentials {
  issue(who: () => Caller): Keys;
  revoke(accessKeyId: string): void;
  /** The operator's own keys, printed by `npm run cloud`. */
  readonly operator: Keys;
  /**
   * Who signed. Throws AwsError as AWS does: InvalidClientTokenId for unknown keys, SignatureDoesNotMatch, MissingAuthenticationToken,
   * ExpiredToken for revoked ones. A request with no credentials at all is anonymous.
   */
  authenticate(request: SignedRequest): {
    readonly caller: Caller;
    readonly scope: string | undefined;
    readonly region: string | undefined;
  };
}
