// A topic with its own key: whoever publishes must be allowed to use it, AWS's services included.
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import { viaService } from '../kms/via.ts';
import type { Call } from '../service.ts';
import type { Topic } from './board.ts';

/** The account's people may use this key through SNS; no other service may. */
const AWS_MANAGED = /(^|\/)?alias\/aws\/sns$/;

export async function encryptFor(ground: Ground, call: Call, topic: Topic): Promise<void> {
  const KeyId = topic.attributes.get('KmsMasterKeyId');
  if (KeyId === undefined) return;
  if (AWS_MANAGED.test(KeyId)) refuseServices(call, KeyId);
  const caller = viaService(call.caller, 'sns', topic.region);
  const EncryptionContext = { 'aws:sns:topicArn': topic.arn };
  try {
    const input = { KeyId, KeySpec: 'AES_256' as const, EncryptionContext };
    const { CiphertextBlob } = await ground.call(caller, 'kms', 'GenerateDataKey', input, topic.region);
    await ground.call(caller, 'kms', 'Decrypt', { CiphertextBlob, EncryptionContext }, topic.region);
  } catch (error) {
    throw error instanceof AwsError ? translate(error) : error;
  }
}

function refuseServices({ caller }: Call, keyId: string): void {
  if (caller.kind === 'service')
    throw new AwsError(
      'KMSAccessDenied',
      `${caller.service} is not authorized to use ${keyId}: the policy of an AWS managed key names no service`,
    );
}

/** KMS' refusal under SNS' name for it, in the words of KMS' client. */
function translate(error: AwsError): AwsError {
  const code = NAMES.find(([pattern]) => pattern.test(error.code))?.[1];
  if (code === undefined) return error;
  return new AwsError(code, `${error.message} (Service: AWSKMS; Status Code: 400; Error Code: ${error.code})`);
}

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^AccessDenied/, 'KMSAccessDenied'],
  [/^Disabled/, 'KMSDisabled'],
  [/^KMSInvalidState/, 'KMSInvalidState'],
  [/^NotFound/, 'KMSNotFound'],
  [/^Throttling/, 'KMSThrottling'],
];
