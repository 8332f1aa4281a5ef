// Every service of the embedded cloud, in the order of the alphabet. One line each; a new service is a line here and one in service.ts.
import type { Judge } from '../iam/contract.ts';
import type { createCredentials } from '../iam/credentials.ts';
import type { createPrincipals } from '../iam/principals.ts';
import { createCloudFormation } from './cloudformation/cloudformation.ts';
import { createEvents } from './events/events.ts';
import type { Ground } from './ground.ts';
import { createIam } from './iam/iam.ts';
import { createKms } from './kms/kms.ts';
import { createLambda } from './lambda/lambda.ts';
import { createLogs } from './logs/logs.ts';
import { createS3 } from './s3/s3.ts';
import { createMonitoring } from './monitoring/monitoring.ts';
import { createSecretsManager } from './secretsmanager/secretsmanager.ts';
import { createSns } from './sns/sns.ts';
import { createSsm } from './ssm/ssm.ts';
import { createStates } from './states/states.ts';
import { createSts } from './sts/sts.ts';

export function createServices(
  _ground: Ground,
  _principals: ReturnType<typeof createPrincipals>,
  _judge: Judge,
  _credentials: ReturnType<typeof createCredentials>,
) {
  return {
    cloudformation: createCloudFormation(_ground),
    events: createEvents(_ground),
    iam: createIam(_ground, _principals),
    kms: createKms(_ground),
    lambda: createLambda(_ground),
    logs: createLogs(_ground),
    monitoring: createMonitoring(_ground),
    s3: createS3(_ground),
    secretsmanager: createSecretsManager(_ground),
    sns: createSns(_ground),
    ssm: createSsm(_ground),
    states: createStates(_ground),
    sts: createSts(_ground, _principals, _credentials),
  };
}
export type Services = ReturnType<typeof createServices>;
