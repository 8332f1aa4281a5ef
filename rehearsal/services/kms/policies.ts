// Key policies: the root of every permission on a key, and hard to lock oneself out with.
import { parsePolicy } from '../../iam/policy.ts';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { notFound, only, refusal } from './failures.ts';
import { findKey, type Key, keyAsk, type Kms } from './key.ts';

const NAME = 'default';
const malformed = (message: string): AwsError => refusal('MalformedPolicyDocumentException', message);

export function parsedPolicy(text: string): Key['policy'] {
  try {
    return { text, document: parsePolicy(JSON.parse(text), 'resource') };
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed('Policy contains invalid JSON');
    throw error instanceof AwsError ? malformed(error.message) : error;
  }
}

/** Whoever writes a policy must still be able to write the next one. */
export function requireNoLockout(key: Key, call: Call): void {
  if (!call.allows(keyAsk(key, 'PutKeyPolicy', call)))
    throw malformed('The new key policy will not allow you to update the key policy in the future.');
}

export const createPolicies = (kms: Kms): OperationsOf<Sdks['kms']> => ({
  GetKeyPolicy: {
    asks: (input, call) => [keyAsk(findKey(kms, call.region, input.KeyId), 'GetKeyPolicy', call)],
    run(input, call) {
      requireDefault(input.PolicyName);
      return { Policy: findKey(kms, call.region, input.KeyId).policy.text, PolicyName: NAME };
    },
  },
  PutKeyPolicy: {
    asks: (input, call) => [keyAsk(findKey(kms, call.region, input.KeyId), 'PutKeyPolicy', call)],
    run(input, call) {
      only(input, 'KeyId', 'PolicyName', 'Policy', 'BypassPolicyLockoutSafetyCheck');
      requireDefault(input.PolicyName);
      const key = findKey(kms, call.region, input.KeyId);
      const policy = parsedPolicy(input.Policy ?? '');
      if (input.BypassPolicyLockoutSafetyCheck !== true) requireNoLockout({ ...key, policy }, call);
      key.policy = policy;
      return {};
    },
  },
  ListKeyPolicies: {
    asks: (input, call) => [keyAsk(findKey(kms, call.region, input.KeyId), 'ListKeyPolicies', call)],
    run: () => ({ PolicyNames: [NAME], Truncated: false }),
  },
});

function requireDefault(name: string | undefined): void {
  if (name !== undefined && name !== NAME) throw notFound('No such policy exists');
}
