// SecureString: encrypted and decrypted by KMS in the caller's name, bound to the parameter's ARN.
import { AwsError } from '../error.ts';
import { viaService } from '../kms/via.ts';
import type { Call } from '../service.ts';
import { refusal } from './failures.ts';
import type { Parameter, ParameterVersion, Store } from './parameter.ts';

export const MANAGED_KEY = 'alias/aws/ssm';

export async function encrypt(store: Store, call: Call, arn: string, keyId: string, value: string): Promise<string> {
  const output = await translated(() =>
    store.ground.call(
      viaService(call.caller, 'ssm', call.region),
      'kms',
      'Encrypt',
      { KeyId: keyId, Plaintext: Buffer.from(value), EncryptionContext: { PARAMETER_ARN: arn } },
      call.region,
    ),
  );
  return Buffer.from(output.CiphertextBlob ?? []).toString('base64');
}

/** A SecureString read without decryption answers its ciphertext. */
export async function valueOf(
  store: Store,
  call: Call,
  { arn }: Parameter,
  version: ParameterVersion,
  withDecryption: boolean | undefined,
): Promise<string> {
  if (version.type !== 'SecureString' || withDecryption !== true) return version.value;
  const output = await translated(() =>
    store.ground.call(
      viaService(call.caller, 'ssm', call.region),
      'kms',
      'Decrypt',
      { CiphertextBlob: Buffer.from(version.value, 'base64'), EncryptionContext: { PARAMETER_ARN: arn } },
      call.region,
    ),
  );
  return Buffer.from(output.Plaintext ?? []).toString();
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const reason = `${error.message} (Service: AWSKMS; Status Code: 400; Error Code: ${error.code})`;
    if (error.code.startsWith('AccessDenied')) throw refusal('AccessDeniedException', reason);
    if (/^(NotFound|Disabled|KMSInvalidState|InvalidCiphertext)Exception$/.test(error.code))
      throw refusal('InvalidKeyId', reason);
    throw error;
  }
}
