// Every resource type this cloud can make.
import { cloudwatchResources } from './cloudwatch.ts';
import { elasticLoadBalancingResources } from './elasticloadbalancing.ts';
import { eventsResources } from './events.ts';
import { iamResources } from './iam.ts';
import { kmsResources } from './kms.ts';
import { functionResource } from './lambda-function.ts';
import { lambdaResources } from './lambda.ts';
import { logsResources } from './logs.ts';
import type { AnyResource } from './resource.ts';
import { s3Resources } from './s3.ts';
import { secretsResources } from './secretsmanager.ts';
import { snsResources } from './sns.ts';
import { ssmResources } from './ssm.ts';
import { statesResources } from './states.ts';

export type Catalogue = ReadonlyMap<string, AnyResource>;

export const CATALOGUE: Catalogue = new Map(
  [
    ...cloudwatchResources,
    ...elasticLoadBalancingResources,
    ...eventsResources,
    ...iamResources,
    ...kmsResources,
    functionResource,
    ...lambdaResources,
    ...logsResources,
    ...s3Resources,
    ...secretsResources,
    ...snsResources,
    ...ssmResources,
    ...statesResources,
  ].map((one) => [one.type, one]),
);
