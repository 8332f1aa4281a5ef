// Reading secrets: values, descriptions, lists.
import type {
  APIErrorType,
  Filter,
  SecretListEntry,
  SecretValueEntry,
  SecretVersionsListEntry,
} from '@aws-sdk/client-secrets-manager';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { pageOf } from '../page.ts';
import { invalidParameter, only } from './failures.ts';
import { askOf, type Named, type Secret, secretAsk, secretOf, type Secrets, standingSecret } from './secret.ts';
import { findVersion, open } from './versions.ts';

const FILTERS = ['name', 'description', 'tag-key', 'tag-value', 'all'] as const;
const badToken = (): AwsError => new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');

type Wanted = Named & { VersionId?: string | undefined; VersionStage?: string | undefined };

export function createReading(secrets: Secrets): OperationsOf<Sdks['secretsmanager']> {
  const read = async (input: Wanted, call: Call): Promise<SecretValueEntry> => {
    const secret = standingSecret(secrets, call, input);
    const version = findVersion(secret, input);
    const value = await open(secrets, call, secret, version);
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      ...value,
      VersionStages: [...version.stages],
      CreatedDate: new Date(version.createdAt),
    };
  };

  return {
    GetSecretValue: {
      asks: askOf(secrets, 'GetSecretValue', ({ VersionId, VersionStage }) => ({
        ...(VersionId !== undefined && { 'secretsmanager:VersionId': VersionId }),
        'secretsmanager:VersionStage': VersionStage ?? 'AWSCURRENT',
      })),
      run(input, call) {
        only(input, 'SecretId', 'VersionId', 'VersionStage');
        return read(input, call);
      },
    },
    BatchGetSecretValue: {
      asks: ({ Filters: filters }) => [
        { action: 'secretsmanager:BatchGetSecretValue', resource: '*' },
        ...(filters ? [{ action: 'secretsmanager:ListSecrets', resource: '*' }] : []),
      ],
      async run(input, call) {
        only(input, 'SecretIdList', 'Filters', 'MaxResults', 'NextToken');
        if ((input.SecretIdList === undefined) === (input.Filters === undefined))
          throw invalidParameter('Either SecretIdList or Filters must be provided, but not both.');
        const found = input.Filters ? matching(secrets, call, input.Filters).map(({ arn }) => arn) : (input.SecretIdList ?? []);
        const page = pageOf(
          found,
          { limit: input.MaxResults, token: input.NextToken, most: 20, question: [call.region, input.Filters], refuse: badToken },
          (id) => id,
        );
        const SecretValues: SecretValueEntry[] = [];
        const Errors: APIErrorType[] = [];
        for (const SecretId of page.items) {
          try {
            call.require(secretAsk(secrets, 'GetSecretValue', SecretId, call, { 'secretsmanager:VersionStage': 'AWSCURRENT' }));
            SecretValues.push(await read({ SecretId }, call));
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            Errors.push({ SecretId, ErrorCode: error.code, Message: error.message });
          }
        }
        return { SecretValues, Errors, NextToken: page.next };
      },
    },
    DescribeSecret: {
      asks: askOf(secrets, 'DescribeSecret'),
      run(input, call) {
        only(input, 'SecretId');
        const { SecretVersionsToStages: stages, ...entry } = entryOf(secretOf(secrets, call, input));
        return { ...entry, VersionIdsToStages: stages };
      },
    },
    ListSecrets: {
      asks: () => [{ action: 'secretsmanager:ListSecrets', resource: '*' }],
      run(input, call) {
        only(input, 'MaxResults', 'NextToken', 'Filters', 'SortOrder', 'IncludePlannedDeletion');
        const found = matching(secrets, call, input.Filters ?? []).filter(
          ({ deletion }) => !deletion || input.IncludePlannedDeletion === true,
        );
        const ordered = input.SortOrder === 'asc' ? found : found.reverse();
        const question = [call.region, input.Filters, input.SortOrder, input.IncludePlannedDeletion];
        const page = pageOf(
          ordered,
          { limit: input.MaxResults, token: input.NextToken, most: 100, question, refuse: badToken },
          ({ name }) => name,
        );
        return { SecretList: page.items.map(entryOf), NextToken: page.next };
      },
    },
    ListSecretVersionIds: {
      asks: askOf(secrets, 'ListSecretVersionIds'),
      run(input, call) {
        only(input, 'SecretId', 'MaxResults', 'NextToken', 'IncludeDeprecated');
        const secret = secretOf(secrets, call, input);
        const kept = [...secret.versions.values()].filter(({ stages }) => stages.size > 0 || input.IncludeDeprecated === true);
        const page = pageOf(
          kept,
          { limit: input.MaxResults, token: input.NextToken, most: 100, question: [secret.arn], refuse: badToken },
          ({ id }) => id,
        );
        const Versions: SecretVersionsListEntry[] = page.items.map((version) => ({
          VersionId: version.id,
          ...(version.stages.size > 0 && { VersionStages: [...version.stages] }),
          ...(version.accessedAt !== undefined && { LastAccessedDate: new Date(version.accessedAt) }),
          CreatedDate: new Date(version.createdAt),
          KmsKeyIds: [secret.keyId === undefined ? 'DefaultEncryptionKey' : version.keyArn],
        }));
        return { Versions, ARN: secret.arn, Name: secret.name, NextToken: page.next };
      },
    },
  };
}

/** Oldest first. */
function matching(secrets: Secrets, call: Call, filters: readonly Filter[]): Secret[] {
  for (const { Key: key } of filters)
    if (!FILTERS.includes(key as (typeof FILTERS)[number]))
      throw invalidParameter(`the embedded Secrets Manager does not imitate the filter ${key ?? ''}`);
  return [...secrets.in(call.region).values()].filter((secret) => filters.every((filter) => passes(secret, filter)));
}

/** Any value may match; `!` in front means that it must not. Names and tags are compared with their case, descriptions without. */
function passes(secret: Secret, { Key: key = 'all', Values: values = [] }: Filter): boolean {
  const starts = (texts: readonly string[], value: string): boolean => texts.some((text) => text.startsWith(value));
  const holds = (value: string): boolean => {
    if (key === 'name') return starts([secret.name], value);
    if (key === 'tag-key')
      return starts(
        secret.tags.map(({ Key = '' }) => Key),
        value,
      );
    if (key === 'tag-value')
      return starts(
        secret.tags.map(({ Value = '' }) => Value),
        value,
      );
    const words = (secret.description ?? '').toLowerCase();
    if (key === 'description') return words.includes(value.toLowerCase());
    const everything = [secret.name, words, ...secret.tags.flatMap(({ Key = '', Value = '' }) => [Key, Value])];
    return everything.some((text) => text.toLowerCase().includes(value.toLowerCase()));
  };
  return values.some((value) => (value.startsWith('!') ? !holds(value.slice(1)) : holds(value)));
}

function entryOf(secret: Secret): SecretListEntry {
  const labelled = [...secret.versions.values()].filter(({ stages }) => stages.size > 0);
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description !== undefined && { Description: secret.description }),
    ...(secret.keyId !== undefined && { KmsKeyId: secret.keyId }),
    LastChangedDate: new Date(secret.changedAt),
    ...(secret.accessedAt !== undefined && { LastAccessedDate: new Date(secret.accessedAt) }),
    ...(secret.deletion && { DeletedDate: new Date(secret.deletion.requestedAt) }),
    ...(secret.tags.length > 0 && { Tags: secret.tags }),
    SecretVersionsToStages: Object.fromEntries(labelled.map(({ id, stages }) => [id, [...stages]])),
    CreatedDate: new Date(secret.createdAt),
  };
}
