// What keys are for: encrypting, decrypting, data keys.
import type { EncryptionAlgorithmSpec } from '@aws-sdk/client-kms';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { bytesOf, decrypt, encrypt, keyIdOf } from './cipher.ts';
import { only, refusal, requireWet, validation } from './failures.ts';
import { findKey, type Key, keyAsk, type Kms, requireUsable } from './key.ts';

type Context = Record<string, string> | undefined;
const ALGORITHM: EncryptionAlgorithmSpec = 'SYMMETRIC_DEFAULT';
const MAX_PLAINTEXT_BYTES = 4096;
const MAX_CIPHERTEXT_BYTES = 6144;
const COMMON = ['KeyId', 'EncryptionContext', 'GrantTokens', 'DryRun'];

export function createCryptography(kms: Kms): OperationsOf<Sdks['kms']> {
  const { ground } = kms;

  const requireAlgorithm = (algorithm: EncryptionAlgorithmSpec | undefined, key: Key): void => {
    if (algorithm !== undefined && algorithm !== ALGORITHM)
      throw refusal(
        'InvalidKeyUsageException',
        `Algorithm ${algorithm} is incompatible with key spec SYMMETRIC_DEFAULT (${key.arn}).`,
      );
  };

  /** The key a ciphertext was made under; a key named beside it must be the same. */
  const keyOfCiphertext = (call: Call, ciphertext: Uint8Array | undefined, named: string | undefined): Key => {
    const id = keyIdOf(ciphertext ?? new Uint8Array());
    const key = kms.rings(call.region).keys.get(id);
    const wanted = named === undefined ? key : findKey(kms, call.region, named);
    if (wanted !== undefined && wanted.id !== id)
      throw refusal(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    if (!key)
      throw refusal(
        'AccessDeniedException',
        'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
      );
    return key;
  };

  const dataKey = (input: DataKeyRequest, call: Call) => {
    const key = findKey(kms, call.region, input.KeyId);
    requireUsable(key);
    const plaintext = bytesOf(ground, sizeOf(input));
    requireWet(input);
    const CiphertextBlob = encrypt(ground, key, plaintext, input.EncryptionContext ?? {});
    return { key, plaintext, CiphertextBlob };
  };

  return {
    Encrypt: {
      asks: (input, call) => [keyAsk(findKey(kms, call.region, input.KeyId), 'Encrypt', call, input.EncryptionContext)],
      run(input, call) {
        only(input, ...COMMON, 'Plaintext', 'EncryptionAlgorithm');
        const key = findKey(kms, call.region, input.KeyId);
        const plaintext = input.Plaintext ?? new Uint8Array();
        requireLength('plaintext', plaintext, MAX_PLAINTEXT_BYTES);
        requireAlgorithm(input.EncryptionAlgorithm, key);
        requireUsable(key);
        requireWet(input);
        const CiphertextBlob = encrypt(ground, key, plaintext, input.EncryptionContext ?? {});
        return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: ALGORITHM };
      },
    },
    Decrypt: {
      asks: (input, call) => [
        keyAsk(keyOfCiphertext(call, input.CiphertextBlob, input.KeyId), 'Decrypt', call, input.EncryptionContext),
      ],
      run(input, call) {
        only(input, ...COMMON, 'CiphertextBlob', 'EncryptionAlgorithm');
        const ciphertext = input.CiphertextBlob ?? new Uint8Array();
        requireLength('ciphertextBlob', ciphertext, MAX_CIPHERTEXT_BYTES);
        const key = keyOfCiphertext(call, ciphertext, input.KeyId);
        requireAlgorithm(input.EncryptionAlgorithm, key);
        requireUsable(key);
        const Plaintext = decrypt(key, ciphertext, input.EncryptionContext ?? {});
        requireWet(input);
        return { Plaintext, KeyId: key.arn, EncryptionAlgorithm: ALGORITHM };
      },
    },
    ReEncrypt: {
      asks(input, call) {
        const from = keyOfCiphertext(call, input.CiphertextBlob, input.SourceKeyId);
        const to = findKey(kms, call.region, input.DestinationKeyId);
        return [
          keyAsk(from, 'ReEncryptFrom', call, input.SourceEncryptionContext),
          keyAsk(to, 'ReEncryptTo', call, input.DestinationEncryptionContext),
        ];
      },
      run(input, call) {
        only(
          input,
          ...['CiphertextBlob', 'SourceEncryptionContext', 'SourceKeyId', 'DestinationKeyId', 'DestinationEncryptionContext'],
          ...['SourceEncryptionAlgorithm', 'DestinationEncryptionAlgorithm', 'GrantTokens', 'DryRun'],
        );
        const from = keyOfCiphertext(call, input.CiphertextBlob, input.SourceKeyId);
        const to = findKey(kms, call.region, input.DestinationKeyId);
        requireUsable(from);
        requireUsable(to);
        requireAlgorithm(input.SourceEncryptionAlgorithm, from);
        requireAlgorithm(input.DestinationEncryptionAlgorithm, to);
        const plaintext = decrypt(from, input.CiphertextBlob ?? new Uint8Array(), input.SourceEncryptionContext ?? {});
        requireWet(input);
        return {
          CiphertextBlob: encrypt(ground, to, plaintext, input.DestinationEncryptionContext ?? {}),
          SourceKeyId: from.arn,
          KeyId: to.arn,
          SourceEncryptionAlgorithm: ALGORITHM,
          DestinationEncryptionAlgorithm: ALGORITHM,
        };
      },
    },
    GenerateDataKey: {
      asks: (input, call) => [keyAsk(findKey(kms, call.region, input.KeyId), 'GenerateDataKey', call, input.EncryptionContext)],
      run(input, call) {
        only(input, ...COMMON, 'NumberOfBytes', 'KeySpec');
        const { key, plaintext, CiphertextBlob } = dataKey(input, call);
        return { CiphertextBlob, Plaintext: plaintext, KeyId: key.arn };
      },
    },
    GenerateDataKeyWithoutPlaintext: {
      asks: (input, call) => [
        keyAsk(findKey(kms, call.region, input.KeyId), 'GenerateDataKeyWithoutPlaintext', call, input.EncryptionContext),
      ],
      run(input, call) {
        only(input, ...COMMON, 'NumberOfBytes', 'KeySpec');
        const { key, CiphertextBlob } = dataKey(input, call);
        return { CiphertextBlob, KeyId: key.arn };
      },
    },
    GenerateRandom: {
      asks: () => [{ action: 'kms:GenerateRandom', resource: '*' }],
      run(input) {
        only(input, 'NumberOfBytes');
        const { NumberOfBytes: count } = input;
        if (count === undefined) throw validation('NumberOfBytes is required.');
        requireBytes(count);
        return { Plaintext: bytesOf(ground, count) };
      },
    },
  };
}

interface DataKeyRequest {
  KeyId: string | undefined;
  EncryptionContext?: Context;
  NumberOfBytes?: number | undefined;
  KeySpec?: 'AES_128' | 'AES_256' | undefined;
  DryRun?: boolean | undefined;
}

function sizeOf({ NumberOfBytes: count, KeySpec: spec }: DataKeyRequest): number {
  if ((count === undefined) === (spec === undefined)) throw validation('Please specify either number of bytes or key spec.');
  if (count === undefined) return spec === 'AES_128' ? 16 : 32;
  requireBytes(count);
  return count;
}

function requireBytes(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 1024)
    throw validation(
      `1 validation error detected: Value '${count}' at 'numberOfBytes' failed to satisfy constraint: Member must have value ${count < 1 ? 'greater than or equal to 1' : 'less than or equal to 1024'}`,
    );
}

function requireLength(name: string, bytes: Uint8Array, most: number): void {
  if (bytes.length < 1 || bytes.length > most)
    throw validation(
      `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length ${bytes.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${most}`}`,
    );
}
