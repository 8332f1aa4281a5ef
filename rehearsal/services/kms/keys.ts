// Keys themselves: made, described, disabled, scheduled for deletion, rotated, tagged.
import type { KeyMetadata, Tag } from '@aws-sdk/client-kms';
import type { Ask } from '../../iam/ask.ts';
import { requestTagsOf } from '../request-tags.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { invalidState, only, refusal, validation } from './failures.ts';
import { draftKey, findKey, type Key, keyAsk, type Kms } from './key.ts';
import { pageOf } from './page.ts';
import { parsedPolicy, requireNoLockout } from './policies.ts';

const DAY = 86_400_000;
type Named = { KeyId: string | undefined };

export const createKeys = (kms: Kms): OperationsOf<Sdks['kms']> => ({
  ...createLifecycle(kms),
  ...createRotation(kms),
  ...createTags(kms),
});

const askOf =
  (kms: Kms, operation: string) =>
  (input: Named, call: Call): Ask[] => [keyAsk(findKey(kms, call.region, input.KeyId), operation, call)];

const createLifecycle = (kms: Kms): OperationsOf<Sdks['kms']> => ({
  CreateKey: {
    asks: ({ Tags: tags = [] }) => [{ action: 'kms:CreateKey', resource: '*', context: tagContext(tags) }],
    run(input, call) {
      only(
        input,
        ...['Policy', 'Description', 'KeyUsage', 'KeySpec', 'CustomerMasterKeySpec', 'Origin', 'Tags', 'MultiRegion'],
        'BypassPolicyLockoutSafetyCheck',
      );
      requireSymmetric(input);
      requireTags(input.Tags ?? []);
      const ring = kms.rings(call.region);
      const policy = input.Policy === undefined ? undefined : parsedPolicy(input.Policy);
      const description = input.Description ?? '';
      const key = draftKey(kms, ring, { manager: 'CUSTOMER', description, policy, tags: input.Tags });
      if (input.BypassPolicyLockoutSafetyCheck !== true) requireNoLockout(key, call);
      ring.keys.set(key.id, key);
      return { KeyMetadata: metadataOf(kms, key) };
    },
  },
  DescribeKey: {
    asks: askOf(kms, 'DescribeKey'),
    run: (input, call) => ({ KeyMetadata: metadataOf(kms, findKey(kms, call.region, input.KeyId)) }),
  },
  ListKeys: {
    asks: () => [{ action: 'kms:ListKeys', resource: '*' }],
    run(input, call) {
      const { items, more } = pageOf([...kms.rings(call.region).keys.values()], input, 'keys');
      return { Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...more };
    },
  },
  UpdateKeyDescription: {
    asks: askOf(kms, 'UpdateKeyDescription'),
    run(input, call) {
      const key = alterable(kms, call, input);
      key.description = input.Description ?? '';
      return {};
    },
  },
  EnableKey: {
    asks: askOf(kms, 'EnableKey'),
    run(input, call) {
      alterable(kms, call, input).state = 'Enabled';
      return {};
    },
  },
  DisableKey: {
    asks: askOf(kms, 'DisableKey'),
    run(input, call) {
      alterable(kms, call, input).state = 'Disabled';
      return {};
    },
  },
  ScheduleKeyDeletion: {
    asks: askOf(kms, 'ScheduleKeyDeletion'),
    run(input, call) {
      const key = alterable(kms, call, input);
      const days = input.PendingWindowInDays ?? 30;
      if (!Number.isInteger(days) || days < 7 || days > 30)
        throw validation(
          `1 validation error detected: Value '${days}' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value between 7 and 30`,
        );
      const ring = kms.rings(call.region);
      const at = kms.ground.timeline.now() + days * DAY;
      const cancel = kms.ground.timeline.at(at, () => {
        ring.keys.delete(key.id);
        for (const alias of [...ring.aliases.values()]) if (alias.target === key.id) ring.aliases.delete(alias.name);
      });
      key.state = 'PendingDeletion';
      key.deletion = { at, cancel };
      return { KeyId: key.arn, DeletionDate: new Date(at), KeyState: key.state, PendingWindowInDays: days };
    },
  },
  CancelKeyDeletion: {
    asks: askOf(kms, 'CancelKeyDeletion'),
    run(input, call) {
      const key = findKey(kms, call.region, input.KeyId);
      if (key.state !== 'PendingDeletion') throw invalidState(`${key.arn} is not pending deletion.`);
      key.deletion?.cancel();
      key.deletion = undefined;
      // A key that was to be deleted comes back disabled.
      key.state = 'Disabled';
      return { KeyId: key.arn };
    },
  },
});

const createRotation = (kms: Kms): OperationsOf<Sdks['kms']> => ({
  EnableKeyRotation: {
    asks: askOf(kms, 'EnableKeyRotation'),
    run(input, call) {
      only(input, 'KeyId', 'RotationPeriodInDays');
      const key = enabled(kms, call, input);
      const periodDays = input.RotationPeriodInDays ?? 365;
      if (periodDays < 90 || periodDays > 2560)
        throw validation(
          `1 validation error detected: Value '${periodDays}' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value between 90 and 2560`,
        );
      key.rotation = { periodDays, since: kms.ground.timeline.now() };
      return {};
    },
  },
  DisableKeyRotation: {
    asks: askOf(kms, 'DisableKeyRotation'),
    run(input, call) {
      enabled(kms, call, input).rotation = undefined;
      return {};
    },
  },
  GetKeyRotationStatus: {
    asks: askOf(kms, 'GetKeyRotationStatus'),
    run(input, call) {
      const key = findKey(kms, call.region, input.KeyId);
      const { rotation } = key;
      if (!rotation || key.state === 'PendingDeletion') return { KeyId: key.arn, KeyRotationEnabled: false };
      const period = rotation.periodDays * DAY;
      const turns = Math.floor((kms.ground.timeline.now() - rotation.since) / period) + 1;
      return {
        KeyId: key.arn,
        KeyRotationEnabled: true,
        RotationPeriodInDays: rotation.periodDays,
        NextRotationDate: new Date(rotation.since + turns * period),
      };
    },
  },
});

const createTags = (kms: Kms): OperationsOf<Sdks['kms']> => ({
  TagResource: {
    asks: (input, call) => {
      const asked = keyAsk(findKey(kms, call.region, input.KeyId), 'TagResource', call);
      return [{ ...asked, context: { ...asked.context, ...tagContext(input.Tags) } }];
    },
    run(input, call) {
      const key = alterable(kms, call, input);
      const tags = input.Tags ?? [];
      const kept = key.tags.filter(({ TagKey }) => !tags.some((tag) => tag.TagKey === TagKey));
      requireTags([...kept, ...tags]);
      key.tags = [...kept, ...tags];
      return {};
    },
  },
  UntagResource: {
    asks: askOf(kms, 'UntagResource'),
    run(input, call) {
      const key = alterable(kms, call, input);
      key.tags = key.tags.filter(({ TagKey = '' }) => !(input.TagKeys ?? []).includes(TagKey));
      return {};
    },
  },
  ListResourceTags: {
    asks: askOf(kms, 'ListResourceTags'),
    run(input, call) {
      const { items, more } = pageOf(findKey(kms, call.region, input.KeyId).tags, input, 'tags');
      return { Tags: items, ...more };
    },
  },
});

/** Nothing about a key changes while it waits for its deletion. */
function alterable(kms: Kms, call: Call, input: Named): Key {
  const key = findKey(kms, call.region, input.KeyId);
  if (key.state === 'PendingDeletion') throw invalidState(`${key.arn} is pending deletion.`);
  return key;
}

function enabled(kms: Kms, call: Call, input: Named): Key {
  const key = alterable(kms, call, input);
  if (key.state === 'Disabled') throw refusal('DisabledException', `${key.arn} is disabled.`);
  return key;
}

interface KeyRequest {
  KeyUsage?: string | undefined;
  KeySpec?: string | undefined;
  CustomerMasterKeySpec?: string | undefined;
  Origin?: string | undefined;
  MultiRegion?: boolean | undefined;
}

function requireSymmetric(input: KeyRequest): void {
  const imitated =
    (input.KeyUsage ?? 'ENCRYPT_DECRYPT') === 'ENCRYPT_DECRYPT' &&
    (input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT') === 'SYMMETRIC_DEFAULT' &&
    (input.Origin ?? 'AWS_KMS') === 'AWS_KMS' &&
    input.MultiRegion !== true;
  if (!imitated)
    throw refusal(
      'UnsupportedOperationException',
      'the embedded KMS imitates symmetric, single-Region keys for encryption, with material of its own',
    );
}

function requireTags(tags: readonly Tag[]): void {
  if (tags.length > 50) throw refusal('LimitExceededException', 'Too many tags');
  const names = new Set(tags.map(({ TagKey }) => TagKey));
  if (names.size < tags.length) throw refusal('TagException', 'Duplicate tag keys');
  if (tags.some(({ TagKey = '' }) => TagKey.startsWith('aws:') || TagKey === ''))
    throw refusal('TagException', 'Tag keys must not begin with aws:');
}

const tagContext = (tags: readonly Tag[] = []): NonNullable<Ask['context']> =>
  requestTagsOf(tags.map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue]));

const metadataOf = (kms: Kms, key: Key): KeyMetadata => ({
  AWSAccountId: kms.ground.account,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: new Date(key.createdAt),
  Enabled: key.state === 'Enabled',
  Description: key.description,
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeyState: key.state,
  ...(key.deletion && { DeletionDate: new Date(key.deletion.at) }),
  Origin: 'AWS_KMS',
  KeyManager: key.manager,
  KeySpec: 'SYMMETRIC_DEFAULT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  MultiRegion: false,
});
