// The key that storage is encrypted with: the account's own for RDS, or one that the caller may use.
import { AwsError } from '../error.ts';
import { viaService } from '../kms/via.ts';
import type { Call } from '../service.ts';
import { invalidCombination } from './failures.ts';
import type { Rds } from './instance.ts';

interface Asked {
  readonly StorageEncrypted?: boolean | undefined;
  readonly KmsKeyId?: string | undefined;
}

export async function requireKey(rds: Rds, call: Call, { StorageEncrypted: encrypted = false, KmsKeyId: key }: Asked) {
  if (key === undefined) return { storageEncrypted: encrypted, kmsKeyId: rds.in(call.region).kmsKeyId };
  if (!encrypted) throw invalidCombination('KmsKeyId can be specified only when StorageEncrypted is true.');
  return { storageEncrypted: true, kmsKeyId: await usableKey(rds, call, key) };
}

/** Its ARN, if the caller may use it: RDS asks KMS in his name. */
export async function usableKey({ ground }: Rds, call: Call, key: string): Promise<string> {
  const caller = viaService(call.caller, 'rds', call.region);
  const found = await ground.call(caller, 'kms', 'DescribeKey', { KeyId: key }, call.region).catch((error: unknown) => {
    if (error instanceof AwsError) return undefined;
    throw error;
  });
  const { Arn: arn, Enabled: enabled } = found?.KeyMetadata ?? {};
  if (arn === undefined || enabled !== true)
    throw new AwsError(
      'KMSKeyNotAccessibleFault',
      `The specified KMS key [${key}] does not exist, is not enabled or you do not have permissions to access it.`,
    );
  return arn;
}
