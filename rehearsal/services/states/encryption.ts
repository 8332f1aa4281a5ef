// A machine's own KMS key: who creates or reads the machine, and the role that runs it, must be allowed to use it.
import type { EncryptionConfiguration } from '@aws-sdk/client-sfn';
import type { Caller } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import { viaService } from '../kms/via.ts';
import type { Call } from '../service.ts';
import type { Execution, Machine, Revision } from './ledger.ts';

const REUSE_SECONDS = { least: 60, usual: 300, most: 900 };

const invalid = (reason: string): AwsError =>
  new AwsError('InvalidEncryptionConfiguration', `Invalid Encryption Configuration: ${reason}`);

const contextOf = (machineArn: string): Record<string, string> => ({ 'aws:states:stateMachineArn': machineArn });

export const isOwnKey = (revision: Revision): boolean => revision.encryption.type === 'CUSTOMER_MANAGED_KMS_KEY';

export interface Settled {
  readonly encryption: EncryptionConfiguration;
  /** Encrypts the definition; who reads it decrypts this. */
  readonly dataKey: Uint8Array | undefined;
}

/** The configuration as kept; the caller must be able to describe the key and to make a data key for this machine. */
export async function checkEncryption(
  ground: Ground,
  call: Call,
  machineArn: string,
  wanted: EncryptionConfiguration | undefined,
): Promise<Settled> {
  if (wanted === undefined) return { encryption: { type: 'AWS_OWNED_KEY' }, dataKey: undefined };
  const { type, kmsKeyId, kmsDataKeyReusePeriodSeconds: reuse } = wanted;
  if (type === 'AWS_OWNED_KEY') {
    if (kmsKeyId !== undefined || reuse !== undefined) throw invalid('kmsKeyId and kmsDataKeyReusePeriodSeconds must be null');
    return { encryption: { type }, dataKey: undefined };
  }
  if (type !== 'CUSTOMER_MANAGED_KMS_KEY') throw invalid(`unknown encryption type '${String(type)}'`);
  if (!kmsKeyId) throw invalid('kmsKeyId must not be null');
  if (reuse !== undefined && (reuse < REUSE_SECONDS.least || reuse > REUSE_SECONDS.most)) {
    throw invalid('kmsDataKeyReusePeriodSeconds must be between 60 and 900');
  }
  const dataKey = await asKms(async () => {
    const caller = viaService(call.caller, 'states', call.region);
    const { KeyMetadata: key } = await ground.call(caller, 'kms', 'DescribeKey', { KeyId: kmsKeyId }, call.region);
    if (key?.KeySpec !== 'SYMMETRIC_DEFAULT') throw invalid('the KMS key must be a symmetric encryption key');
    if (key.KeyState !== 'Enabled') throw invalid('the KMS key is not enabled');
    return makeDataKey(ground, caller, kmsKeyId, machineArn, call.region);
  });
  return { encryption: { type, kmsKeyId, kmsDataKeyReusePeriodSeconds: reuse ?? REUSE_SECONDS.usual }, dataKey };
}

/** The machine's role makes the data key; without it nothing of an execution may be written. */
export async function encryptFor(ground: Ground, { machine, revision }: Pick<Execution, 'machine' | 'revision'>): Promise<void> {
  if (!isOwnKey(revision)) return;
  await useKey(ground, machine, revision, ground.assume(revision.roleArn, 'states.amazonaws.com', 'StepFunctionsEncryption'));
}

/** A data key is good for the reuse period. */
async function useKey(ground: Ground, machine: Machine, revision: Revision, role: Caller): Promise<void> {
  const { kmsKeyId, kmsDataKeyReusePeriodSeconds: reuse } = revision.encryption;
  if (!kmsKeyId || ground.timeline.now() < machine.keyGoodUntil) return;
  await asKms(async () => {
    const caller = viaService(role, 'states', machine.region);
    const blob = await makeDataKey(ground, caller, kmsKeyId, machine.arn, machine.region);
    await decrypt(ground, caller, blob, machine.arn, machine.region);
  });
  machine.keyGoodUntil = ground.timeline.now() + (reuse ?? REUSE_SECONDS.usual) * 1000;
}

/** Whoever reads a definition or an execution's data decrypts it in their own name. */
export async function readWithKey(ground: Ground, call: Call, machine: Machine, revision: Revision): Promise<void> {
  if (!isOwnKey(revision)) return;
  const caller = viaService(call.caller, 'states', machine.region);
  await asKms(() => decrypt(ground, caller, revision.dataKey, machine.arn, machine.region));
}

async function makeDataKey(ground: Ground, caller: Caller, KeyId: string, machineArn: string, region: string) {
  const input = { KeyId, KeySpec: 'AES_256' as const, EncryptionContext: contextOf(machineArn) };
  return (await ground.call(caller, 'kms', 'GenerateDataKey', input, region)).CiphertextBlob;
}

/** The ciphertext names its key; an alias may lead elsewhere by now. */
async function decrypt(
  ground: Ground,
  caller: Caller,
  CiphertextBlob: Uint8Array | undefined,
  machineArn: string,
  region: string,
): Promise<void> {
  await ground.call(caller, 'kms', 'Decrypt', { CiphertextBlob, EncryptionContext: contextOf(machineArn) }, region);
}

/** KMS' refusals as Step Functions passes them on. */
async function asKms<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw translate(error);
  }
}

function translate(error: AwsError): AwsError {
  if (error.code.startsWith('AccessDenied')) return new AwsError('KmsAccessDeniedException', error.message);
  if (error.code.startsWith('Throttling')) return new AwsError('KmsThrottlingException', error.message);
  if (error.code === 'DisabledException') return keyState('DISABLED', error.message);
  if (error.code.startsWith('KMSInvalidState')) return keyState('PENDING_DELETION', error.message);
  if (error.code.startsWith('NotFound')) return invalid(error.message);
  return error;
}

const keyState = (kmsKeyState: string, message: string): AwsError =>
  new AwsError('KmsInvalidStateException', message, { fields: { kmsKeyState } });
