// The estate's databases. Functions that use this stand in its network and reach PostgreSQL, S3 and Secrets Manager, nothing else.
import type { Databases } from '../ports.ts';
import { findNote, readFacts } from './postgres/facts.ts';
import { fenceDatabase, unfenceDatabase } from './postgres/fence.ts';
import { readLogin } from './postgres/session.ts';
import { awsSecrets } from './secrets.ts';

export function awsDatabases(): Databases {
  const readSecret = awsSecrets();
  return {
    async read(environment, database, since) {
      return readFacts(await readLogin(readSecret, database.secrets.master), environment, database, since);
    },
    async fence(database) {
      const master = await readLogin(readSecret, database.secrets.master);
      return fenceDatabase(master, await readLogin(readSecret, database.secrets.application), database);
    },
    async unfence(database, connect) {
      await unfenceDatabase(await readLogin(readSecret, database.secrets.master), database, connect);
    },
    async findNote(database, note) {
      return findNote(await readLogin(readSecret, database.secrets.master), database, note);
    },
  };
}
