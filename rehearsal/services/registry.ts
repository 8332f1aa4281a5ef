// Every service of the embedded cloud, in the order of the alphabet. One line each; a new service is a line here and one in service.ts.
import type { Credentials, Judge } from '../iam/contract.ts';
import type { createPrincipals } from '../iam/principals.ts';
import type { Ground } from './ground.ts';
import type { Service, ServiceId } from './service.ts';
import { createStates } from './states/states.ts';

// A room that is still being built: every operation of it answers NotImplemented.
const empty = <Id extends ServiceId>(id: Id): Service<Id> => ({ id, operations: {}, inventory: () => ({}) }) as Service<Id>;

export function createServices(
  _ground: Ground,
  _principals: ReturnType<typeof createPrincipals>,
  _judge: Judge,
  _credentials: Credentials,
) {
  return {
    cloudformation: empty('cloudformation'),
    events: empty('events'),
    iam: empty('iam'),
    kms: empty('kms'),
    lambda: { ...empty('lambda'), kill: async (_invocation: string): Promise<void> => undefined },
    logs: empty('logs'),
    monitoring: empty('monitoring'),
    s3: empty('s3'),
    secretsmanager: empty('secretsmanager'),
    sns: empty('sns'),
    ssm: empty('ssm'),
    states: createStates(_ground),
    sts: empty('sts'),
  };
}
export type Services = ReturnType<typeof createServices>;
