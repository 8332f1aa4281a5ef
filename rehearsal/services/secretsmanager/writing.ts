// Making, changing and deleting secrets.
import { AwsError } from '../error.ts';
import { requestTags } from '../request-tags.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { exists, invalidParameter, invalidRequest, notFound, only } from './failures.ts';
import {
  askOf,
  CURRENT,
  lookUp,
  requireTags,
  schedule,
  type Secret,
  secretAsk,
  secretOf,
  type Secrets,
  standingSecret,
} from './secret.ts';
import { addVersion, attach, valueOf } from './versions.ts';

const NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
const arnOf = ({ ground }: Secrets, region: string, name: string): string =>
  `arn:aws:secretsmanager:${region}:${ground.account}:secret:${name}`;

export const createWriting = (secrets: Secrets): OperationsOf<Sdks['secretsmanager']> => ({
  CreateSecret: {
    asks({ Name: name = '', Tags: tags = [] }, call) {
      const resource = arnOf(secrets, call.region, name);
      const context = { 'secretsmanager:Name': name, ...requestTags(tags) };
      const create = { action: 'secretsmanager:CreateSecret', resource, context };
      return tags.length === 0 ? [create] : [create, { action: 'secretsmanager:TagResource', resource, context }];
    },
    async run(input, call) {
      only(input, 'Name', 'ClientRequestToken', 'Description', 'KmsKeyId', 'SecretBinary', 'SecretString', 'Tags');
      const name = input.Name ?? '';
      if (!NAME.test(name))
        throw new AwsError(
          'ValidationException',
          'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
          { status: 400 },
        );
      requireTags(input.Tags ?? []);
      const value = valueOf(input);
      const id = input.ClientRequestToken ?? secrets.ground.uuid();
      const standing = secrets.in(call.region).get(name);
      if (standing?.deletion)
        throw invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.");
      if (standing && !(value && standing.versions.has(id)))
        throw exists(`The operation failed because the secret ${name} already exists.`);
      const secret = standing ?? draftSecret(secrets, call.region, name, input);
      const version = value && (await addVersion(secrets, call, secret, { id, value, stages: [CURRENT] }));
      secrets.in(call.region).set(name, secret);
      return { ARN: secret.arn, Name: name, ...(version && { VersionId: version.id }) };
    },
  },
  PutSecretValue: {
    asks: askOf(secrets, 'PutSecretValue'),
    async run(input, call) {
      only(input, 'SecretId', 'ClientRequestToken', 'SecretBinary', 'SecretString', 'VersionStages');
      const secret = standingSecret(secrets, call, input);
      const value = valueOf(input);
      if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
      const id = input.ClientRequestToken ?? secrets.ground.uuid();
      const stages = input.VersionStages ?? [CURRENT];
      // The first value is current whatever it is called.
      const wanted = secret.versions.size === 0 ? [...new Set([CURRENT, ...stages])] : stages;
      const version = await addVersion(secrets, call, secret, { id, value, stages: wanted });
      return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] };
    },
  },
  UpdateSecret: {
    asks: askOf(secrets, 'UpdateSecret'),
    async run(input, call) {
      only(input, 'SecretId', 'ClientRequestToken', 'Description', 'KmsKeyId', 'SecretBinary', 'SecretString');
      const secret = standingSecret(secrets, call, input);
      const value = valueOf(input);
      const before = secret.keyId;
      if (input.KmsKeyId !== undefined) secret.keyId = input.KmsKeyId;
      const id = input.ClientRequestToken ?? secrets.ground.uuid();
      try {
        const version = value && (await addVersion(secrets, call, secret, { id, value, stages: [CURRENT] }));
        if (input.Description !== undefined) secret.description = input.Description;
        secret.changedAt = secrets.ground.timeline.now();
        return { ARN: secret.arn, Name: secret.name, ...(version && { VersionId: version.id }) };
      } catch (error) {
        secret.keyId = before;
        throw error;
      }
    },
  },
  DeleteSecret: {
    asks(input, call) {
      const { ForceDeleteWithoutRecovery: force, RecoveryWindowInDays: days } = input;
      const context = {
        ...(force !== undefined && { 'secretsmanager:ForceDeleteWithoutRecovery': String(force) }),
        ...(days !== undefined && { 'secretsmanager:RecoveryWindowInDays': String(days) }),
      };
      return [secretAsk(secrets, 'DeleteSecret', input.SecretId, call, context)];
    },
    run(input, call) {
      only(input, 'SecretId', 'RecoveryWindowInDays', 'ForceDeleteWithoutRecovery');
      const { ForceDeleteWithoutRecovery: force, RecoveryWindowInDays: days = 30 } = input;
      if (force === true && input.RecoveryWindowInDays !== undefined)
        throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
      if (!Number.isInteger(days) || days < 7 || days > 30)
        throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
      const now = secrets.ground.timeline.now();
      const secret = lookUp(secrets, call.region, input.SecretId);
      // Forced, a deletion succeeds even where there is nothing.
      if (!secret && force === true) return { Name: input.SecretId, DeletionDate: new Date(now) };
      if (!secret) throw notFound();
      if (force === true) {
        secret.deletion?.cancel();
        secrets.in(call.region).delete(secret.name);
        return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(now) };
      }
      standingSecret(secrets, call, input);
      return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(schedule(secrets, call, secret, days)) };
    },
  },
  RestoreSecret: {
    asks: askOf(secrets, 'RestoreSecret'),
    run(input, call) {
      const secret = secretOf(secrets, call, input);
      secret.deletion?.cancel();
      secret.deletion = undefined;
      return { ARN: secret.arn, Name: secret.name };
    },
  },
  UpdateSecretVersionStage: {
    asks: (input, call) => [
      secretAsk(secrets, 'UpdateSecretVersionStage', input.SecretId, call, {
        ...(input.VersionStage !== undefined && { 'secretsmanager:VersionStage': input.VersionStage }),
      }),
    ],
    run(input, call) {
      only(input, 'SecretId', 'VersionStage', 'RemoveFromVersionId', 'MoveToVersionId');
      const secret = standingSecret(secrets, call, input);
      const stage = input.VersionStage ?? '';
      moveStage(secret, stage, input.RemoveFromVersionId, input.MoveToVersionId);
      secret.changedAt = secrets.ground.timeline.now();
      return { ARN: secret.arn, Name: secret.name };
    },
  },
});

function draftSecret(
  secrets: Secrets,
  region: string,
  name: string,
  input: { Description?: string | undefined; KmsKeyId?: string | undefined; Tags?: Secret['tags'] | undefined },
): Secret {
  const now = secrets.ground.timeline.now();
  return {
    name,
    arn: `${arnOf(secrets, region, name)}-${secrets.ground.token(6)}`,
    createdAt: now,
    versions: new Map(),
    description: input.Description,
    keyId: input.KmsKeyId,
    changedAt: now,
    accessedAt: undefined,
    deletion: undefined,
    policy: undefined,
    tags: input.Tags ?? [],
  };
}

function moveStage(secret: Secret, stage: string, from: string | undefined, to: string | undefined): void {
  const holder = [...secret.versions.values()].find(({ stages }) => stages.has(stage));
  const target = to === undefined ? undefined : secret.versions.get(to);
  if (to !== undefined && !target) throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${to}`);
  if (holder && holder !== target && from === undefined)
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  if (from !== undefined && holder?.id !== from)
    throw invalidParameter(`The staging label ${stage} isn't currently attached to version ${from}.`);
  if (target) return attach(secret, stage, target);
  if (stage === CURRENT)
    throw invalidParameter(
      `You can only move staging label ${CURRENT} to a different secret version. It can't be completely removed.`,
    );
  holder?.stages.delete(stage);
}
