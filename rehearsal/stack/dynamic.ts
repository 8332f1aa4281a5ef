// Dynamic references: values a template names and the deployment reads.
import type { Work } from './work.ts';
import { invalid, notImitated } from './values.ts';

export async function readDynamic(work: Work, service: string, rest: string): Promise<string> {
  if (service === 'ssm') return readParameter(work, rest);
  if (service === 'secretsmanager') return readSecret(work, rest);
  throw notImitated(`the dynamic reference {{resolve:${service}:…}}`);
}

async function readParameter({ ground, caller, stack }: Work, rest: string): Promise<string> {
  const { Parameter } = await ground.call(caller, 'ssm', 'GetParameter', { Name: rest }, stack.region);
  if (Parameter?.Type === 'SecureString') throw invalid(`Non-secure SSM prefix was used for secure parameter: [${rest}]`);
  return Parameter?.Value ?? '';
}

/** `secret-id:SecretString:json-key:version-stage:version-id`, where the id may be an ARN. */
async function readSecret({ ground, caller, stack }: Work, rest: string): Promise<string> {
  const parts = rest.split(':');
  const length = rest.startsWith('arn:') ? 7 : 1;
  const SecretId = parts.slice(0, length).join(':');
  const [what = 'SecretString', key = '', stage = '', version = ''] = parts.slice(length);
  if (what !== 'SecretString') throw invalid(`Secrets Manager dynamic reference must name SecretString, found ${what}`);
  const { SecretString = '' } = await ground.call(
    caller,
    'secretsmanager',
    'GetSecretValue',
    { SecretId, ...(stage !== '' && { VersionStage: stage }), ...(version !== '' && { VersionId: version }) },
    stack.region,
  );
  if (key === '') return SecretString;
  const found = (JSON.parse(SecretString) as Record<string, unknown>)[key];
  if (typeof found !== 'string') throw invalid(`Could not find a value associated with JSONKey in SecretString`);
  return found;
}
