// Every service of the embedded cloud, in the order of the alphabet. One line each; a new service is a line here and one in service.ts.
import type { Authorities } from '../host/trust.ts';
import type { createCredentials } from '../iam/credentials.ts';
import type { createPrincipals } from '../iam/principals.ts';
import { createAcm } from './acm/acm.ts';
import { createCloudFormation } from './cloudformation/cloudformation.ts';
import { createCloudFront } from './cloudfront/cloudfront.ts';
import { createElasticLoadBalancing } from './elasticloadbalancing/elasticloadbalancing.ts';
import { createEvents } from './events/events.ts';
import type { Ground } from './ground.ts';
import { createIam } from './iam/iam.ts';
import { createKms } from './kms/kms.ts';
import { createLambda } from './lambda/lambda.ts';
import { createLogs } from './logs/logs.ts';
import { createRds } from './rds/rds.ts';
import { createRoute53 } from './route53/route53.ts';
import { createS3 } from './s3/s3.ts';
import { createMonitoring } from './monitoring/monitoring.ts';
import { createSecretsManager } from './secretsmanager/secretsmanager.ts';
import { createSns } from './sns/sns.ts';
import { createSsm } from './ssm/ssm.ts';
import { createStates } from './states/states.ts';
import { createSts } from './sts/sts.ts';

export function createServices(
  ground: Ground,
  principals: ReturnType<typeof createPrincipals>,
  credentials: ReturnType<typeof createCredentials>,
  authorities: Authorities,
) {
  const authority = authorities.public;
  const acm = createAcm(ground, authority);
  const route53 = createRoute53(ground);
  return {
    acm,
    cloudformation: createCloudFormation(ground),
    cloudfront: createCloudFront(ground, { acm: acm.own, names: route53.own, authority }),
    elasticloadbalancing: createElasticLoadBalancing(ground, { names: route53.own, keyPairOf: acm.own.keyPairOf }),
    events: createEvents(ground),
    iam: createIam(ground, principals),
    kms: createKms(ground),
    lambda: createLambda(ground, { authorities }),
    logs: createLogs(ground),
    monitoring: createMonitoring(ground),
    rds: createRds(ground, { authority: authorities.rds }),
    route53,
    s3: createS3(ground),
    secretsmanager: createSecretsManager(ground),
    sns: createSns(ground),
    ssm: createSsm(ground),
    states: createStates(ground),
    sts: createSts(ground, principals, credentials),
  };
}
export type Services = ReturnType<typeof createServices>;
