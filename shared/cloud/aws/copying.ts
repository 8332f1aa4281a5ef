// Copies between the estate's databases. Functions that use this stand in the network that reaches both.
import type { Copying } from '../ports.ts';
import { copyingGround } from './copying-ground.ts';
import { buildCopy, pourPart, proveCopy } from './postgres/copy/copy.ts';
import { readReferences } from './postgres/copy/references.ts';
import { holdSnapshot } from './postgres/copy/snapshot.ts';
import { surveySide } from './postgres/copy/survey.ts';

export function awsCopying(): Copying {
  const { master, told, copied } = copyingGround();
  return {
    async survey(environment, database, heartbeatOf) {
      return surveySide(await master(database), environment, database, heartbeatOf);
    },
    async hold(source, work) {
      const login = await master(source);
      await told(login, `holding one instant of ${source.name}`, () => holdSnapshot(login, source.name, work));
    },
    pour: (order, part, tables, heed) => copied(order, 'copying rows', (ground) => pourPart(ground, order, part, tables, heed)),
    build: (order, after, heed) => copied(order, 'building upon the rows', (ground) => buildCopy(ground, order, after, heed)),
    prove: (order, made, heed) => copied(order, 'comparing the copy', (ground) => proveCopy(ground, order, made, heed)),
    references: (order, columns) =>
      copied(order, 'reading which files are named', ({ target }) => readReferences(target, order, columns)),
  };
}
