// Restored databases. Functions that use this stand in the estate's network, as those that reach the databases people read.
import type { Database } from '../../estate.ts';
import type { Place } from '../../runbooks/instances.ts';
import type { Restored } from '../ports.ts';
import { admitRoles, examine, liftFence } from './postgres/restored.ts';
import { explain, readLogin, type Login } from './postgres/session.ts';
import { awsSecrets } from './secrets.ts';

export function awsRestored(): Restored {
  const readSecret = awsSecrets();
  const logins = async ({ secrets }: Database, { host, port }: Place): Promise<{ master: Login; application: Login }> => {
    const [master, application] = await Promise.all([
      readLogin(readSecret, secrets.master),
      readLogin(readSecret, secrets.application),
    ]);
    return { master: { ...master, host, port }, application: { ...application, host, port } };
  };
  return {
    async admit(database, place, connect, origin) {
      const { master, application } = await logins(database, place);
      const before = origin ? (await logins(origin, place)).application : null;
      try {
        await admitRoles(master, application, before);
        await liftFence(master, database, connect);
      } catch (error) {
        throw explain(error, `letting ${application.username} in`, master);
      }
    },
    async examine(environment, database, place) {
      const { master, application } = await logins(database, place);
      try {
        return await examine(master, application, environment, database);
      } catch (error) {
        throw explain(error, `reading ${database.name}`, master);
      }
    },
  };
}
