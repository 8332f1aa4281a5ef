// Security Token Service: who am I, and wearing a role for a while.
import type { Caller } from '../../iam/ask.ts';
import type { Principals } from '../../iam/contract.ts';
import type { CredentialStore } from '../../iam/credentials.ts';
import { sessionOf } from '../../iam/judge.ts';
import { AwsError, notImitated } from '../error.ts';
import type { Ground } from '../ground.ts';
import { OPERATOR_ID } from '../iam/naming.ts';
import type { InputOf, Sdks, Service } from '../service.ts';

type AssumeRole = InputOf<Sdks['sts'], 'AssumeRole'>;

const DEFAULT_SECONDS = 3600;
const LEAST_SECONDS = 900;
const MOST_SECONDS = 43_200;
/** AWS lets a role that wears a role do so for an hour at most. */
const CHAINED_SECONDS = 3600;
const NOT_IMITATED = [
  'Policy',
  'PolicyArns',
  'Tags',
  'TransitiveTagKeys',
  'SerialNumber',
  'TokenCode',
  'SourceIdentity',
] as const;

export function createSts(ground: Ground, principals: Principals, credentials: CredentialStore): Service<'sts'> {
  return {
    id: 'sts',
    operations: {
      GetCallerIdentity: {
        // AWS asks nothing here: even an explicit deny does not stop it.
        asks: () => [],
        run: (_, { caller }) => {
          if (caller.kind === 'anonymous' || caller.kind === 'service') {
            throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 });
          }
          return { UserId: userIdOf(caller, principals), Account: caller.account, Arn: caller.arn };
        },
      },
      AssumeRole: {
        asks: (input) => {
          // What nobody could be allowed is refused for what it is, whoever asks.
          checkRequest(input);
          const { RoleArn: resource = '', ExternalId: externalId, RoleSessionName: session = '' } = input;
          const context = { 'sts:RoleSessionName': session, ...(externalId !== undefined && { 'sts:ExternalId': externalId }) };
          // A role that is not there trusts nobody: STS answers the same for both.
          const resourcePolicy = principals.role(resource)?.trust ?? { Version: '2012-10-17', Statement: [] };
          return [{ action: 'sts:AssumeRole', resource, context, resourcePolicy }];
        },
        run: (input, { caller, at }) => {
          const { RoleArn: arn = '', RoleSessionName: session = '' } = input;
          const seconds = durationOf(input, caller, principals.role(arn)?.maxSessionSeconds ?? DEFAULT_SECONDS);
          const role = principals.role(arn);
          if (!role) throw new AwsError('AccessDenied', `Not authorized to perform sts:AssumeRole`, { status: 403 });
          const worn = sessionOf(role, ground.account, session, caller.kind === 'role' ? caller.trace : undefined);
          const expiresAt = Math.floor(at / 1000) * 1000 + seconds * 1000;
          const keys = credentials.issueUntil(() => worn, expiresAt);
          return {
            Credentials: {
              AccessKeyId: keys.accessKeyId,
              SecretAccessKey: keys.secretAccessKey,
              SessionToken: keys.sessionToken,
              Expiration: new Date(expiresAt),
            },
            AssumedRoleUser: { AssumedRoleId: userIdOf(worn, principals), Arn: worn.arn },
          };
        },
      },
    },
    inventory: () => ({}),
  };
}

function userIdOf(caller: Extract<Caller, { kind: 'role' | 'operator' }>, principals: Principals): string {
  if (caller.kind === 'operator') return OPERATOR_ID;
  return `${principals.role(caller.role)?.id ?? 'AROAUNKNOWN'}:${caller.session}`;
}

const invalid = (message: string): AwsError => new AwsError('ValidationError', message, { status: 400 });

function checkRequest(input: AssumeRole): void {
  const left = NOT_IMITATED.find((member) => input[member] !== undefined);
  if (left !== undefined) {
    throw notImitated(`sts:AssumeRole with ${left}`);
  }
  const { RoleArn: arn = '', RoleSessionName: session = '' } = input;
  if (!/^arn:aws:iam::\d{12}:role\/.+$/.test(arn)) throw invalid(`${arn} is invalid`);
  if (!/^[\w+=,.@-]{2,64}$/.test(session)) {
    throw invalid(
      `1 validation error detected: Value '${session}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
    );
  }
  const { DurationSeconds: asked = DEFAULT_SECONDS } = input;
  if (asked >= LEAST_SECONDS && asked <= MOST_SECONDS) return;
  const rule = asked < LEAST_SECONDS ? `greater than or equal to ${LEAST_SECONDS}` : `less than or equal to ${MOST_SECONDS}`;
  throw invalid(
    `1 validation error detected: Value '${asked}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${rule}`,
  );
}

function durationOf({ DurationSeconds: asked = DEFAULT_SECONDS }: AssumeRole, caller: Caller, most: number): number {
  if (asked > most) throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  if (caller.kind === 'role' && asked > CHAINED_SECONDS) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining');
  }
  return asked;
}
