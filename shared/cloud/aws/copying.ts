// Copies between the estate's databases, and their files on the way into the ledger. Functions that use this stand in the network that
// reaches both.
import { S3Client } from '@aws-sdk/client-s3';
import { readConfig } from '../../config.ts';
import type { CopyOrder, Copying } from '../ports.ts';
import { buildCopy, layCopy, pourPart, proveCopy, type Ground } from './postgres/copy/copy.ts';
import { readReferences } from './postgres/copy/references.ts';
import { holdSnapshot } from './postgres/copy/snapshot.ts';
import { surveySide } from './postgres/copy/survey.ts';
import { explain, readLogin, type Login } from './postgres/session.ts';
import { awsSecrets } from './secrets.ts';

export function awsCopying(): Copying {
  const readSecret = awsSecrets();
  const master = ({ secrets }: CopyOrder['from']['database']): Promise<Login> => readLogin(readSecret, secrets.master);
  const { LEDGER_BUCKET: bucket } = readConfig('LEDGER_BUCKET');
  const s3 = new S3Client({});
  const groundOf = async ({ from, to }: CopyOrder): Promise<Ground> => ({
    s3,
    bucket,
    source: await master(from.database),
    target: await master(to.database),
  });
  const told = async <T>(login: Login, doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explain(error, doing, login);
    }
  };
  const copied = async <T>(order: CopyOrder, doing: string, work: (ground: Ground) => Promise<T>): Promise<T> => {
    const ground = await groundOf(order);
    return told(ground.source, `${doing} from ${order.from.environment} to ${order.to.environment}`, () => work(ground));
  };
  return {
    async survey(environment, database, heartbeatOf) {
      return surveySide(await master(database), environment, database, heartbeatOf);
    },
    async hold(source, work) {
      const login = await master(source);
      await told(login, `holding one instant of ${source.name}`, () => holdSnapshot(login, source.name, work));
    },
    lay: (order, parts) => copied(order, 'making the copy', (ground) => layCopy(ground, order, parts)),
    pour: (order, part, tables, heed) => copied(order, 'copying rows', (ground) => pourPart(ground, order, part, tables, heed)),
    build: (order, heed) => copied(order, 'building upon the rows', (ground) => buildCopy(ground, order, heed)),
    prove: (order, left, heed) => copied(order, 'comparing the copy', (ground) => proveCopy(ground, order, left, heed)),
    references: (order, columns) =>
      copied(order, 'reading which files are named', ({ target }) => readReferences(target, order, columns)),
  };
}
