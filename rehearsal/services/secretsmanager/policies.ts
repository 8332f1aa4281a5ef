// Resource policies and tags of secrets.
import { listOf, statementsOf } from '../../iam/evaluation.ts';
import { parsePolicy } from '../../iam/policy.ts';
import type { PolicyDocument } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import { requestTags } from '../request-tags.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { only } from './failures.ts';
import { askOf, requireTags, secretAsk, secretOf, type Secrets, standingSecret } from './secret.ts';

export const createPolicies = (secrets: Secrets): OperationsOf<Sdks['secretsmanager']> => ({
  GetResourcePolicy: {
    asks: askOf(secrets, 'GetResourcePolicy'),
    run(input, call) {
      const secret = secretOf(secrets, call, input);
      return { ARN: secret.arn, Name: secret.name, ...(secret.policy && { ResourcePolicy: secret.policy.text }) };
    },
  },
  PutResourcePolicy: {
    asks: askOf(secrets, 'PutResourcePolicy'),
    run(input, call) {
      only(input, 'SecretId', 'ResourcePolicy', 'BlockPublicPolicy');
      const secret = standingSecret(secrets, call, input);
      const text = input.ResourcePolicy ?? '';
      const document = parsed(text);
      if (input.BlockPublicPolicy === true && opensToAll(document))
        throw new AwsError('PublicPolicyException', "You can't attach a resource policy that allows broad access to the secret.");
      secret.policy = { text, document };
      return { ARN: secret.arn, Name: secret.name };
    },
  },
  DeleteResourcePolicy: {
    asks: askOf(secrets, 'DeleteResourcePolicy'),
    run(input, call) {
      const secret = standingSecret(secrets, call, input);
      secret.policy = undefined;
      return { ARN: secret.arn, Name: secret.name };
    },
  },
  TagResource: {
    asks: (input, call) => [secretAsk(secrets, 'TagResource', input.SecretId, call, requestTags(input.Tags))],
    run(input, call) {
      const secret = standingSecret(secrets, call, input);
      const tags = input.Tags ?? [];
      const kept = secret.tags.filter(({ Key }) => !tags.some((tag) => tag.Key === Key));
      requireTags([...kept, ...tags]);
      secret.tags = [...kept, ...tags];
      return {};
    },
  },
  UntagResource: {
    asks: (input, call) => [
      secretAsk(secrets, 'UntagResource', input.SecretId, call, { 'aws:TagKeys': [...(input.TagKeys ?? [])] }),
    ],
    run(input, call) {
      const secret = standingSecret(secrets, call, input);
      secret.tags = secret.tags.filter(({ Key = '' }) => !(input.TagKeys ?? []).includes(Key));
      return {};
    },
  },
});

function parsed(text: string): PolicyDocument {
  const malformed = (message: string): AwsError => new AwsError('MalformedPolicyDocumentException', message);
  try {
    return parsePolicy(JSON.parse(text), 'resource');
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed('This resource policy contains invalid Json.');
    throw error instanceof AwsError ? malformed(error.message) : error;
  }
}

const opensToAll = (document: PolicyDocument): boolean =>
  statementsOf(document).some(({ Effect, Principal, Condition }) => {
    const named = typeof Principal === 'object' ? Object.values(Principal).flatMap((who) => listOf(who)) : listOf(Principal);
    return Effect === 'Allow' && named.includes('*') && Condition === undefined;
  });
