// The values of a secret: sealed by KMS in the caller's name, and found by id or staging label.
import { AwsError } from '../error.ts';
import { viaService } from '../kms/via.ts';
import type { Call } from '../service.ts';
import { exists, invalidParameter, invalidRequest, notFound } from './failures.ts';
import { CURRENT, PREVIOUS, type Secret, type Secrets, type SecretVersion, type Value } from './secret.ts';

const MAX_VALUE_BYTES = 65_536;
const MANAGED_KEY = 'alias/aws/secretsmanager';
const MAX_STAGES = 20;

interface Brought {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}

export function valueOf({ SecretString: text, SecretBinary: binary }: Brought): Value | undefined {
  if (text !== undefined && binary !== undefined)
    throw invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.");
  const size = text === undefined ? (binary?.length ?? 1) : Buffer.byteLength(text);
  if (size < 1 || size > MAX_VALUE_BYTES)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at '${text === undefined ? 'secretBinary' : 'secretString'}' failed to satisfy constraint: Member must have length between 1 and ${MAX_VALUE_BYTES}`,
      { status: 400 },
    );
  if (text !== undefined) return { SecretString: text };
  return binary === undefined ? undefined : { SecretBinary: binary };
}

function requireToken(token: string): void {
  if (token.length < 32 || token.length > 64) throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
}

const same = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Adds a value under a request's token; the same request again finds its own work, another one with its token is refused. */
export async function addVersion(
  secrets: Secrets,
  call: Call,
  secret: Secret,
  draft: { id: string; value: Value; stages: readonly string[] },
): Promise<SecretVersion> {
  requireToken(draft.id);
  if (draft.stages.length > MAX_STAGES) throw invalidParameter('A version may carry 20 staging labels.');
  const known = secret.versions.get(draft.id);
  if (known) return repeated(secret, known, draft.value);
  const sealed = await seal(secrets, call, secret, draft.id);
  const raced = secret.versions.get(draft.id);
  if (raced) return repeated(secret, raced, draft.value);
  const now = secrets.ground.timeline.now();
  const version: SecretVersion = {
    id: draft.id,
    createdAt: now,
    value: draft.value,
    ...sealed,
    stages: new Set(),
    accessedAt: undefined,
  };
  secret.versions.set(version.id, version);
  secret.changedAt = now;
  for (const stage of draft.stages) attach(secret, stage, version);
  return version;
}

function repeated(secret: Secret, known: SecretVersion, value: Value): SecretVersion {
  if (!same(known.value, value))
    throw exists(
      `You can't use ClientRequestToken ${known.id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  return known;
}

/** A label is on one version at a time; what loses AWSCURRENT becomes AWSPREVIOUS. */
export function attach(secret: Secret, stage: string, version: SecretVersion): void {
  const holder = [...secret.versions.values()].find(({ stages }) => stages.has(stage));
  if (holder === version) return;
  holder?.stages.delete(stage);
  version.stages.add(stage);
  if (stage === CURRENT && holder) {
    version.stages.delete(PREVIOUS);
    attach(secret, PREVIOUS, holder);
  }
}

export function findVersion(
  secret: Secret,
  { VersionId: id, VersionStage: stage }: { VersionId?: string | undefined; VersionStage?: string | undefined },
): SecretVersion {
  const versions = [...secret.versions.values()];
  if (id === undefined) {
    const label = stage ?? CURRENT;
    const labelled = versions.find(({ stages }) => stages.has(label));
    if (!labelled) throw notFound(`Secrets Manager can't find the specified secret value for staging label: ${label}`);
    return labelled;
  }
  const version = secret.versions.get(id);
  if (!version) throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${id}`);
  if (stage !== undefined && !version.stages.has(stage))
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  return version;
}

const contextOf = (secret: Secret, versionId: string): Record<string, string> => ({
  SecretARN: secret.arn,
  SecretVersionId: versionId,
});

async function seal(
  secrets: Secrets,
  call: Call,
  secret: Secret,
  versionId: string,
): Promise<{ sealed: Uint8Array; keyArn: string }> {
  const caller = viaService(call.caller, 'secretsmanager', call.region);
  const EncryptionContext = contextOf(secret, versionId);
  const refused = 'EncryptionFailure';
  const dataKey = await translated(refused, () =>
    secrets.ground.call(
      caller,
      'kms',
      'GenerateDataKey',
      { KeyId: secret.keyId ?? MANAGED_KEY, KeySpec: 'AES_256', EncryptionContext },
      call.region,
    ),
  );
  const sealed = dataKey.CiphertextBlob ?? new Uint8Array();
  // AWS wants both permissions of whoever writes a value.
  await translated(refused, () =>
    secrets.ground.call(caller, 'kms', 'Decrypt', { CiphertextBlob: sealed, EncryptionContext }, call.region),
  );
  return { sealed, keyArn: dataKey.KeyId ?? '' };
}

/** The value, if KMS opens it for this caller. */
export async function open(secrets: Secrets, call: Call, secret: Secret, version: SecretVersion): Promise<Value> {
  const input = { CiphertextBlob: version.sealed, EncryptionContext: contextOf(secret, version.id) };
  const caller = viaService(call.caller, 'secretsmanager', call.region);
  await translated('DecryptionFailure', () => secrets.ground.call(caller, 'kms', 'Decrypt', input, call.region));
  // Secrets Manager remembers the day of the last reading, not the hour.
  const day = 86_400_000;
  secret.accessedAt = version.accessedAt = Math.floor(secrets.ground.timeline.now() / day) * day;
  return version.value;
}

async function translated<T>(code: 'EncryptionFailure' | 'DecryptionFailure', work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code.startsWith('AccessDenied'))
      throw new AwsError('AccessDeniedException', 'Access to KMS is not allowed', { status: 400 });
    if (!/^(NotFound|Disabled|KMSInvalidState|InvalidCiphertext)Exception$/.test(error.code)) throw error;
    const what = code === 'EncryptionFailure' ? 'encrypt' : 'decrypt';
    throw new AwsError(
      code,
      `Secrets Manager can't ${what} the protected secret text using the provided KMS key: ${error.message}`,
    );
  }
}
