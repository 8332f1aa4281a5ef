// The estate's databases. Functions that use this stand in its network and reach PostgreSQL, S3 and Secrets Manager, nothing else.
import type { ComparedDatabase, Databases } from '../ports.ts';
import { compareDatabases, type Compared } from './postgres/compare.ts';
import { findNote, readFacts } from './postgres/facts.ts';
import { fenceDatabase, unfenceDatabase } from './postgres/fence.ts';
import { mergeRows, revertRows } from './postgres/merge.ts';
import { moveSequences, readInstant } from './postgres/sequences.ts';
import { explain, placed, readLogin, type Login } from './postgres/session.ts';
import { awsSecrets } from './secrets.ts';

export function awsDatabases(): Databases {
  const readSecret = awsSecrets();
  const master = ({ secrets }: ComparedDatabase['database']): Promise<Login> => readLogin(readSecret, secrets.master);
  const told = async <T>(login: Login, doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explain(error, doing, login);
    }
  };
  return {
    async read(environment, database, since) {
      return readFacts(await master(database), environment, database, since);
    },
    async fence(database, place) {
      const application = await readLogin(readSecret, database.secrets.application);
      return fenceDatabase(placed(await master(database), place), placed(application, place), database);
    },
    async unfence(database, connect) {
      await unfenceDatabase(await master(database), database, connect);
    },
    async findNote(database, note) {
      return findNote(await master(database), database, note);
    },
    async compare(here, there, seconds, only) {
      const enter = async (compared: ComparedDatabase): Promise<Compared> => ({
        environment: compared.environment,
        database: compared.database.name,
        login: placed(await master(compared.database), compared.place),
        since: compared.since,
      });
      const [ours, theirs] = [await enter(here), await enter(there)];
      const doing = `comparing ${here.environment} with ${there.environment}`;
      return told(theirs.login, doing, () => compareDatabases(ours, theirs, seconds, only));
    },
    async merge(database, rows) {
      const login = await master(database);
      await told(login, `merging into ${database.name}`, () => mergeRows(login, database.name, rows));
    },
    async revert(database, rows) {
      const login = await master(database);
      await told(login, `taking back what was brought to ${database.name}`, () => revertRows(login, database.name, rows));
    },
    async instant(database) {
      const login = await master(database);
      return told(login, `asking ${database.name} how far it is`, () => readInstant(login, database));
    },
    async leap(database, targets) {
      const login = await master(database);
      await told(login, `moving the sequences of ${database.name}`, () => moveSequences(login, database, targets));
    },
  };
}
