// Which database of a server bears the name that people read, and what stands beside it.
import type { Database } from '../../estate.ts';
import type { Shelves } from '../ports.ts';
import { newestHeartbeat } from './postgres/copy/heartbeat.ts';
import { dropDatabase, onServer, readOwnMark, readStanding, renameBoth } from './postgres/copy/swap.ts';
import { explain, inClient, readLogin, type Login } from './postgres/session.ts';
import { awsSecrets } from './secrets.ts';

export function awsShelves(): Shelves {
  const readSecret = awsSecrets();
  const asMaster = async <T>({ secrets }: Database, doing: string, work: (login: Login) => Promise<T>): Promise<T> => {
    const login = await readLogin(readSecret, secrets.master);
    try {
      return await work(login);
    } catch (error) {
      throw explain(error, doing, login);
    }
  };
  return {
    standing: (database) => asMaster(database, 'asking which databases stand', (login) => onServer(login, readStanding)),
    rename: (database, renaming) =>
      asMaster(database, `giving the name ${renaming.live}`, (login) => renameBoth(login, renaming)),
    drop: (database, name) =>
      asMaster(database, `dropping ${name}`, (login) => onServer(login, (client) => dropDatabase(client, name))),
    async look(database, heartbeatOf) {
      const login = await readLogin(readSecret, database.secrets.application);
      try {
        return await inClient(login, database.name, { readOnly: true }, async (client) => ({
          heartbeat: await newestHeartbeat(client, heartbeatOf),
          mark: await readOwnMark(client),
        }));
      } catch (error) {
        throw explain(error, `reading ${database.name} as ${login.username}`, login);
      }
    },
  };
}
