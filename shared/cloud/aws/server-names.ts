// The names of servers on RDS. By itself, because whoever gives a name back has nothing else to do with them.
import { ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import type { ServerNames } from '../ports.ts';
import { asking } from './errors.ts';
import { findInstance } from './instance-facts.ts';

export function awsServerNames(): ServerNames {
  const rds = new RDSClient({});
  return {
    find: (instance) => findInstance(rds, instance),
    rename: (DBInstanceIdentifier, NewDBInstanceIdentifier) =>
      asking(`renaming ${DBInstanceIdentifier}`, async () => {
        await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, NewDBInstanceIdentifier, ApplyImmediately: true }));
      }),
  };
}
