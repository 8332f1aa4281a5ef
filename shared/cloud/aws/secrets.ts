// Secrets, by their names in the estate. What is read passes on to whoever needs it and is told nobody else.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RunbookError } from '../../errors.ts';
import { asking } from './errors.ts';

export type ReadSecret = (name: string, signal?: AbortSignal) => Promise<string>;

export function awsSecrets(): ReadSecret {
  const secrets = new SecretsManagerClient({});
  return async (name, signal) => {
    const operation = `reading the secret ${name}`;
    const { SecretString } = await asking(operation, () =>
      secrets.send(new GetSecretValueCommand({ SecretId: name }), signal === undefined ? {} : { abortSignal: signal }),
    );
    const text = SecretString?.trim() ?? '';
    if (text === '')
      throw new RunbookError('CloudRefused', `the secret ${name} holds no text; write its value, then try again`, { operation });
    return text;
  };
}
