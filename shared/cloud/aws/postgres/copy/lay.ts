// How a copy begins: the database aside, empty, with everything that rows go through.
import type { CopyOrder } from '../../../ports.ts';
import { dealTables, type Laid } from '../../../../runbooks/copying.ts';
import { leftoversOf, markText } from '../../../../runbooks/shelf.ts';
import type { Login } from '../session.ts';
import { inTarget, makeDatabase, makeEntry, readLocale, readSearchPath, type Locale } from './build.ts';
import { deferChecks, readChecks } from './checks.ts';
import { joinExclusions, readEntries } from './entries.ts';
import { fileOf, headerOf, type Ground } from './ground.ts';
import { dumpNatively, nativeDump } from './native-dump.ts';
import { dumpSchema } from './schema-dump.ts';
import { onSnapshot, stillAsItWas } from './snapshot.ts';
import { dropDatabase, onServer, readStanding } from './swap.ts';
import { readFilled } from './tables.ts';

function dump(login: Login, database: string, snapshot: string): Promise<string> {
  const native = nativeDump();
  return native === undefined ? dumpSchema(login, database, snapshot) : dumpNatively(native, login, database, snapshot);
}

/** Whatever an earlier try left under this name goes first: it bears our mark. */
const makeAside = ({ target }: Ground, { to, incoming, mark }: CopyOrder, like: Locale): Promise<void> =>
  onServer(target, async (client) => {
    const standing = await readStanding(client);
    for (const { name } of leftoversOf(standing, to.database.name)) await dropDatabase(client, name);
    await makeDatabase(client, incoming, to.database.owner, like, markText(mark));
  });

/** The schema is read while the database is made. */
export async function layCopy(ground: Ground, order: CopyOrder, parts: number): Promise<Omit<Laid, 'attempt'>> {
  const { from, to, incoming, snapshot } = order;
  const [dumped, { tables, checks, path }] = await Promise.all([
    dump(ground.source, from.database.name, snapshot).then(readEntries),
    onSnapshot(ground.source, from.database.name, snapshot, async (client) => {
      await makeAside(ground, order, await readLocale(client, from.database.name));
      return { tables: await readFilled(client), checks: await readChecks(client), path: await readSearchPath(client) };
    }),
  ]);
  await stillAsItWas(ground, from.database.name, snapshot);
  const schema = joinExclusions(deferChecks(dumped, checks));
  const file = await fileOf(ground, order, '00-schema');
  await file.write(headerOf(path));
  const left = await inTarget(ground.target, incoming, to.database.owner, async (client) => {
    const out: string[] = [];
    for (const entry of schema.before) {
      await file.write(`${entry.sql}\n\n`);
      out.push(...(await makeEntry(client, entry, to.database.owner)));
    }
    return out;
  });
  return { parts: dealTables(tables, parts), after: [...schema.after], file: await file.end(), left };
}
