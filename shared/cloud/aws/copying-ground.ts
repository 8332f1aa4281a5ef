// Who logs in where for a copy, and where its files go.
import { S3Client } from '@aws-sdk/client-s3';
import { readConfig } from '../../config.ts';
import type { Database } from '../../estate.ts';
import type { CopyOrder } from '../ports.ts';
import type { Ground } from './postgres/copy/ground.ts';
import { explain, placed, readLogin, type Login } from './postgres/session.ts';
import { awsSecrets } from './secrets.ts';

export function copyingGround() {
  const readSecret = awsSecrets();
  const master = ({ secrets }: Database): Promise<Login> => readLogin(readSecret, secrets.master);
  const { LEDGER_BUCKET: bucket } = readConfig('LEDGER_BUCKET');
  const s3 = new S3Client({});
  const groundOf = async ({ from, to, place }: CopyOrder): Promise<Ground> => ({
    s3,
    bucket,
    source: await master(from.database),
    target: placed(await master(to.database), place),
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
  return { master, told, copied };
}
