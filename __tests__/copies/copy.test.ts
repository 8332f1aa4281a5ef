// The menagerie is copied by the adapters that are deployed; what came of it is judged by a comparison that knows nothing of them.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareDatabases, type Difference } from './comparison/compare.ts';
import { told } from './compare-databases.ts';
import { type Copied, type Copier, createCopier, trustServer } from './copier.ts';
import { type CopyServer, createServers, lackOf, type Major } from './servers.ts';
import { makeMenagerie, within } from './source.ts';

const MINUTES = 240_000;
const servers = createServers();
let copier: Copier;
const started = new Map<string, Promise<CopyServer>>();

beforeAll(async () => {
  copier = await createCopier();
}, MINUTES);
afterAll(async () => {
  await servers.stop();
  await copier.stop();
});

/** RDS lets nobody make these, so nothing there has them; a copy of one that has is refused by name. */
const ONLY_A_SUPERUSERS = 'ALTER FUNCTION same_length(text, text) NOT LEAKPROOF; DROP OPERATOR FAMILY by_length USING btree CASCADE';

/** The source has the menagerie, the target the roles that its rights are for. */
function serverOf(what: 'source' | 'target', major: Major): Promise<CopyServer> {
  const start = async (): Promise<CopyServer> => {
    const server = await servers.start({ major });
    trustServer(server);
    if (what === 'source') {
      await makeMenagerie(server, { database: 'zoo' });
      await within(server.root('zoo'), (root) => root.query(ONLY_A_SUPERUSERS));
    } else {
      await within(server.root('postgres'), async (root) => {
        await root.query('CREATE ROLE app_reader');
        await root.query('CREATE DATABASE zoo OWNER app_owner');
      });
    }
    return server;
  };
  const key = `${what} ${major}`;
  const found = started.get(key) ?? start();
  started.set(key, found);
  return found;
}

const differences = async (from: CopyServer, to: CopyServer, { order }: Copied, leaveOut: string[] = []): Promise<Difference[]> =>
  compareDatabases(from.rootConfigOf('zoo'), to.rootConfigOf(order.incoming), { leaveOut });

const PAIRS: readonly (readonly [Major, Major])[] = [
  [18, 18],
];

for (const [older, newer] of PAIRS) {
  const lack = lackOf(older) ?? lackOf(newer);
  (lack === undefined ? describe : describe.skip)(lack ?? `a copy from PostgreSQL ${older} to ${newer}`, () => {
    it.each([1, 3])(
      'in %i parts is the same as its source',
      async (parts) => {
        const [from, to] = await Promise.all([serverOf('source', older), serverOf('target', newer)]);
        const copied = await copier.copy({ server: from, database: 'zoo' }, { server: to, database: 'zoo' }, parts);
        process.stderr.write(`${JSON.stringify(copied.proof.differences, null, 1)}\nTOLD ${JSON.stringify(copied.proof.told, null, 1)}\n`);
        process.stderr.write(`${JSON.stringify(copied.proof.tables.filter((t) => !t.same), null, 1)}\n`);
        for (const d of await differences(from, to, copied)) process.stderr.write(`${told(d)}\n`);
      },
      MINUTES,
    );
  });
}
