// Every service of the embedded cloud, in the order of the alphabet. One line each; a new service is a line here and one in service.ts.
import type { Judge } from '../iam/contract.ts';
import type { createCredentials } from '../iam/credentials.ts';
import type { createPrincipals } from '../iam/principals.ts';
import { createEvents } from './events/events.ts';
import type { Ground } from './ground.ts';
import { createIam } from './iam/iam.ts';
import type { Service, ServiceId } from './service.ts';
import { createSns } from './sns/sns.ts';
import { createStates } from './states/states.ts';
import { createSts } from './sts/sts.ts';

// A room that is still being built: every operation of it answers NotImplemented.
const empty = <Id extends ServiceId>(id: Id): Service<Id> => ({ id, operations: {}, inventory: () => ({}) }) as Service<Id>;

export function createServices(
  _ground: Ground,
  _principals: ReturnType<typeof createPrincipals>,
  _judge: Judge,
  _credentials: ReturnType<typeof createCredentials>,
) {
  return {
    cloudformation: empty('cloudformation'),
    events: createEvents(_ground),
    iam: createIam(_ground, _principals),
    kms: empty('kms'),
    lambda: { ...empty('lambda'), kill: async (_invocation: string): Promise<void> => undefined },
    logs: empty('logs'),
    monitoring: empty('monitoring'),
    s3: empty('s3'),
    secretsmanager: empty('secretsmanager'),
    sns: createSns(_ground),
    ssm: empty('ssm'),
    states: createStates(_ground),
    sts: createSts(_ground, _principals, _credentials),
  };
}
export type Services = ReturnType<typeof createServices>;
