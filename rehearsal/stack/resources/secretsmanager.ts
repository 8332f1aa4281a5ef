// AWS::SecretsManager::Secret.
import { flag, integer, list, structure, tag, text } from '../shape.ts';
import type { Read } from '../shape.ts';
import { droppedTags, isMissing, needed, resource, tagsOf } from './resource.ts';
import type { Site } from './resource.ts';
import { isUnknown } from '../values.ts';

const generate = structure(
  {},
  {
    ExcludeCharacters: text,
    ExcludeLowercase: flag,
    ExcludeNumbers: flag,
    ExcludePunctuation: flag,
    ExcludeUppercase: flag,
    GenerateStringKey: text,
    IncludeSpace: flag,
    PasswordLength: integer,
    RequireEachIncludedType: flag,
    SecretStringTemplate: text,
  },
);
const secret = structure(
  {},
  { Description: text, GenerateSecretString: generate, KmsKeyId: text, Name: text, SecretString: text, Tags: list(tag) },
  ['ReplicaRegions', 'Type'],
);
type Secret = Read<typeof secret>;

async function valueOf(p: Secret, site: Site): Promise<string | undefined> {
  if (p.GenerateSecretString === undefined) return p.SecretString;
  const { SecretStringTemplate, GenerateStringKey, ...asked } = p.GenerateSecretString;
  const { RandomPassword } = await site.call('secretsmanager', 'GetRandomPassword', asked);
  const password = needed(RandomPassword, 'RandomPassword');
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...(JSON.parse(SecretStringTemplate) as object), [GenerateStringKey]: password });
}

function check({ SecretString, GenerateSecretString: generated }: Secret): string | undefined {
  if (SecretString !== undefined && generated !== undefined)
    return 'You can only specify one of SecretString and GenerateSecretString.';
  const template = generated?.SecretStringTemplate;
  if ((template === undefined) !== (generated?.GenerateStringKey === undefined)) {
    return 'SecretStringTemplate and GenerateStringKey must be given together.';
  }
  if (template === undefined || isUnknown(template)) return undefined;
  try {
    const read: unknown = JSON.parse(template);
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? undefined
      : 'SecretStringTemplate must be a JSON object.';
  } catch {
    return 'Could not parse SecretStringTemplate JSON.';
  }
}

const secretResource = resource<Secret>({
  type: 'AWS::SecretsManager::Secret',
  shape: secret,
  attributes: ['Id'],
  replacedBy: ['Name'],
  nameProperty: 'Name',
  check,
  async create(p, site) {
    const { GenerateSecretString: _generated, SecretString: _given, Name = site.name(512, 'logical'), Tags, ...rest } = p;
    const SecretString = await valueOf(p, site);
    const { ARN } = await site.call('secretsmanager', 'CreateSecret', {
      ...rest,
      Name,
      ...(SecretString !== undefined && { SecretString }),
      Tags: tagsOf(Tags, site),
    });
    const arn = needed(ARN, 'ARN');
    return { physicalId: arn, attributes: { Id: arn } };
  },
  async update(p, before, standing, site) {
    const SecretId = standing.physicalId;
    // A generated value stays until what it is generated from changes.
    const generatedAnew = JSON.stringify(p.GenerateSecretString) !== JSON.stringify(before.GenerateSecretString);
    const SecretString = generatedAnew
      ? await valueOf(p, site)
      : p.SecretString === before.SecretString
        ? undefined
        : p.SecretString;
    const described = p.Description !== before.Description || p.KmsKeyId !== before.KmsKeyId;
    if (SecretString !== undefined || described) {
      await site.call('secretsmanager', 'UpdateSecret', {
        SecretId,
        ...(described && { Description: p.Description ?? '' }),
        ...(p.KmsKeyId !== before.KmsKeyId && { KmsKeyId: p.KmsKeyId ?? '' }),
        ...(SecretString !== undefined && { SecretString }),
      });
    }
    const dropped = droppedTags(before.Tags, p.Tags);
    if (dropped.length > 0) await site.call('secretsmanager', 'UntagResource', { SecretId, TagKeys: dropped });
    const tags = tagsOf(p.Tags, site);
    if (tags.length > 0) await site.call('secretsmanager', 'TagResource', { SecretId, Tags: tags });
    return standing;
  },
  async remove({ physicalId: SecretId }, _p, site) {
    await site.call('secretsmanager', 'DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  },
});

export const secretsResources = [secretResource];
