// The menagerie is copied by the adapters that are deployed; what came of it is judged by a comparison that knows nothing of them.
import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareDatabases, type Difference } from './comparison/compare.ts';
import { told } from './compare-databases.ts';
import { BUCKET, type Copied, type Copier, createCopier, markOf, noHeed, type Side, trustServer } from './copier.ts';
import { type CopyServer, createServers, lackOf, type Major } from '../../rehearsal/world/postgres/servers.ts';
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
const ONLY_A_SUPERUSERS =
  'ALTER FUNCTION same_length(text, text) NOT LEAKPROOF; DROP OPERATOR FAMILY by_length USING btree CASCADE';

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

/** What no copy can have: told where it was left out, and what follows from it. */
const WITHOUT: readonly (readonly [kind: string, item: RegExp])[] = [
  ['publications', /^(all_tables|of_a_schema)$/],
  ['event triggers', /./],
  ['settings', /^(app\.tenant|default_transaction_read_only)$/],
  ['default grants', /^r in shop$/],
  ['comments', /^(database|event trigger keeps_the_ledger)$/],
  // Filled anew: it holds what its query says now.
  ['rows of materialized views', /^public\.stale$/],
  // The application's and the reader's own, whom the master may not act as; who handed a right on is the owner.
  ['owners', /belongs_to_the_application|of_the_reader|^publication (all_tables|of_a_schema)|^event trigger /],
  ['grants', /belongs_to_the_application|of_the_reader|secret_of/],
];
const isSuperusers = ({ kind, left }: Difference): boolean =>
  ['owners', 'grants'].includes(kind) && left.length > 0 && left.every((one) => one.includes('rdsadmin'));
/** pg_dump makes the keys of partitions one by one, as those of a table that has no parent yet. */
const isOnlyInherited = ({ kind, left, right }: Difference): boolean =>
  kind === 'constraints' && JSON.stringify(right).replaceAll(' | not inherited', '') === JSON.stringify(left);

async function unexpected(from: CopyServer, to: CopyServer, { order }: Copied): Promise<string[]> {
  const leaveOut = from.major === to.major ? [] : ['extensions'];
  const found = await compareDatabases(from.rootConfigOf('zoo'), to.rootConfigOf(order.incoming), { leaveOut });
  return found
    .filter((one) => !isSuperusers(one) && !isOnlyInherited(one))
    .filter(({ kind, item }) => !WITHOUT.some(([what, which]) => what === kind && which.test(item)))
    .map(told);
}

const SOAKED: readonly (readonly [Major, Major])[] =
  process.env.CHANGEOVER_SOAK === undefined
    ? []
    : [
        [15, 15],
        [16, 16],
        [17, 17],
        [15, 16],
        [16, 17],
        [17, 18],
      ];
const PAIRS: readonly (readonly [Major, Major])[] = [[18, 18], [15, 18], ...SOAKED];
const zoo = (server: CopyServer): Side => ({ server, database: 'zoo' });
const twoOf = (older: Major, newer: Major) => Promise.all([serverOf('source', older), serverOf('target', newer)]);

for (const [older, newer] of PAIRS) {
  const lack = lackOf(older) ?? lackOf(newer);
  (lack === undefined ? describe : describe.skip)(lack ?? `a copy from PostgreSQL ${older} to ${newer}`, () => {
    it.each([
      ['in one part', 1, { files: true }],
      ['in three parts, its rows kept in no file', 3, { files: false }],
    ])(
      '%s is the same as its source, and its proof finds nothing else',
      async (_what, parts, how) => {
        const [from, to] = await twoOf(older, newer);
        const copied = await copier.copy(zoo(from), zoo(to), parts, how);
        expect(await unexpected(from, to, copied)).toEqual([]);
        expect(copied.proof.differences).toEqual([]);
        expect(copied.proof.tables.filter(({ same }) => !same)).toEqual([]);
      },
      MINUTES,
    );
  });
}

describe('a proof', () => {
  it(
    'finds a changed row, a missing index, a sequence that is behind, a lost right and one too many',
    async () => {
      const [from, to] = await twoOf(18, 18);
      const { proof } = await copier.copy(zoo(from), zoo(to), 2, {
        built: async ({ incoming }) =>
          within(to.root(incoming), async (root) => {
            await root.query(`UPDATE rates SET rate = rate + 1 WHERE currency = (SELECT min(currency) FROM rates)`);
            await root.query(`DROP INDEX events_by_kind; SELECT setval('descending', 400); GRANT SELECT ON staff TO app_reader`);
            await root.query('REVOKE SELECT ON authors FROM app_user');
          }),
      });
      const wrong = proof.tables.filter(({ same }) => !same);
      expect(wrong.map(({ table, rows }) => [table, rows.source === rows.copy])).toEqual([['rates', true]]);
      expect(proof.differences.sort()).toEqual([
        'SELECT on table public.authors to app_user is not in the copy',
        'SELECT on table public.staff to app_reader is only in the copy',
        'index public.events_by_kind is not in the copy',
        'sequence public.descending was set to -40 and stands at 400 in the copy',
      ]);
    },
    MINUTES,
  );
});

describe('a survey', () => {
  it(
    'names the tables whose rows are hidden from their own owner',
    async () => {
      const server = await serverOf('source', 18);
      await makeMenagerie(server, { database: 'hiding', pieces: ['forced'] });
      const survey = await copier.copying.survey('main', await copier.databaseOf({ server, database: 'hiding' }), 'main');
      expect(survey).toMatchObject({ reachable: true, trouble: null, forced: ['public.forced'] });
    },
    MINUTES,
  );
});

const PSQL = spawnSync('psql', ['--version']).status === 0;
(PSQL ? describe : describe.skip)(PSQL ? 'the files of a copy' : 'psql is not installed here: the files of a copy', () => {
  it(
    'give psql the same database, rights and owners left out',
    async () => {
      const [from, to] = await twoOf(18, 18);
      const { order } = await copier.copy(zoo(from), zoo(to), 2);
      await within(to.root('postgres'), (root) => root.query('CREATE DATABASE restored TEMPLATE template0'));
      const { host = '', port = 0, user = '' } = to.rootConfigOf('restored');
      const where = ['-h', host, '-p', String(port), '-U', user, '-d', 'restored'];
      for (const part of ['00-schema', '10-rows-00', '10-rows-01', '90-indexes']) {
        const { Body } = await copier.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: `${order.dump}/${part}.sql.gz` }));
        const input = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array());
        const { status, stderr } = spawnSync('psql', ['-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', ...where], {
          input,
          env: { ...process.env, PGOPTIONS: '-c client_min_messages=error' },
        });
        expect([part, status, String(stderr)]).toEqual([part, 0, '']);
      }
      const leaveOut = ['owners', 'grants', 'default grants', 'settings', 'database'];
      const found = await compareDatabases(from.rootConfigOf('zoo'), to.rootConfigOf('restored'), { leaveOut });
      const other = found.filter((one) => !isOnlyInherited(one) && one.item !== 'database' && one.item !== 'public.stale');
      expect(other.map(told)).toEqual([]);
    },
    MINUTES,
  );
});

describe('a second try', () => {
  it(
    'of laying and of pouring carries no row twice',
    async () => {
      const [from, to] = await twoOf(18, 18);
      const { copying, laying } = copier;
      await copying.hold(await copier.databaseOf(zoo(from)), async ({ snapshot }) => {
        const order = await copier.orderOf(zoo(from), zoo(to), snapshot);
        await laying.lay(order, 1);
        const { parts, after } = await laying.lay(order, 1);
        let heeded = 0;
        const die = (): Promise<void> => (++heeded > 20 ? Promise.reject(new Error('killed')) : Promise.resolve());
        await expect(copying.pour(order, 0, parts[0] ?? [], die)).rejects.toThrow('killed');
        await copying.pour(order, 0, parts[0] ?? [], noHeed);
        await copying.pour(order, 0, parts[0] ?? [], noHeed);
        const made = await copying.build(order, after, noHeed);
        const proof = await copying.prove(order, made, noHeed);
        expect(proof.tables.filter(({ same }) => !same)).toEqual([]);
      });
    },
    MINUTES,
  );
});

describe('the name that people read', () => {
  const rename = async (to: CopyServer, live: string, aside: string, coming: string) =>
    copier.shelves.rename(await copier.databaseOf({ server: to, database: live }), {
      ...{ live, aside, coming },
      asideMark: markOf('own'),
      comingMark: markOf('copy'),
    });
  /** Two databases, each with a table that says which it is. */
  async function twoNamed(live: string): Promise<CopyServer> {
    const to = await serverOf('target', 18);
    for (const [name, which] of [
      [live, 'old'],
      [`${live}__incoming_1`, 'new'],
    ] as const) {
      await within(to.root('postgres'), (root) => root.query(`CREATE DATABASE ${name} OWNER app_owner`));
      await within(to.root(name), async (root) => {
        await root.query(`CREATE TABLE which AS SELECT '${which}' AS which; GRANT SELECT ON which TO PUBLIC`);
      });
    }
    return to;
  }
  const asked = (to: CopyServer, live: string): Promise<string> =>
    within(
      to.open('app_user', live),
      async (session) => (await session.query<{ which: string }>('TABLE which')).rows[0]?.which ?? '',
    );

  it(
    'goes from one to the other under a reader, an idle transaction notwithstanding, and back',
    async () => {
      const to = await twoNamed('shop');
      const idle = await to.open('app_user', 'shop');
      await idle.query('BEGIN; TABLE which');
      const seen: string[] = [];
      let reading = true;
      const reader = (async () => {
        while (reading) seen.push(await asked(to, 'shop').catch(() => 'nothing'));
      })();
      const { ended } = await rename(to, 'shop', 'shop__shelf_1', 'shop__incoming_1');
      expect(ended).toBeGreaterThan(0);
      expect(await asked(to, 'shop')).toBe('new');
      await rename(to, 'shop', 'shop__incoming_1', 'shop__shelf_1');
      expect(await asked(to, 'shop')).toBe('old');
      reading = false;
      await reader;
      const order = seen.filter(
        (one, at) => one !== 'nothing' && one !== seen.slice(0, at).findLast((past) => past !== 'nothing'),
      );
      expect(['old', 'old new', 'old new old']).toContain(order.join(' '));
      await idle.end().catch(() => undefined);
    },
    MINUTES,
  );

  it(
    'stays where it is when whoever changes it is killed in between',
    async () => {
      const to = await twoNamed('mart');
      const stop = new AbortController();
      const killer = within(to.root('postgres'), async (root) => {
        while (!stop.signal.aborted)
          await root.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COMMENT ON DATABASE "mart__shelf_1"%'
               OR query LIKE 'ALTER DATABASE "mart__incoming_1"%'`,
          );
      });
      // Each is a killing or, where nobody was quick enough, a change that is whole.
      const changed = await rename(to, 'mart', 'mart__shelf_1', 'mart__incoming_1').catch(() => undefined);
      stop.abort();
      await killer;
      expect(await asked(to, 'mart')).toBe(changed === undefined ? 'old' : 'new');
    },
    MINUTES,
  );
});

// Waits as long as a change of names does: three quarters of a minute.
const soaked = process.env.CHANGEOVER_SOAK === undefined ? describe.skip : describe;
soaked('the name that people read, for long', () => {
  it(
    'stays where it is, told by name, while a superuser is in it',
    async () => {
      const to = await serverOf('target', 18);
      await within(to.root('postgres'), (root) => root.query('CREATE DATABASE hall OWNER app_owner'));
      await within(to.root('postgres'), (root) => root.query('CREATE DATABASE hall__incoming_1 OWNER app_owner'));
      const database = await copier.databaseOf({ server: to, database: 'hall' });
      const names = { live: 'hall', aside: 'hall__shelf_1', coming: 'hall__incoming_1' };
      await within(to.root('hall'), async (root) => {
        const renaming = copier.shelves.rename(database, { ...names, asideMark: markOf('own'), comingMark: markOf('copy') });
        await expect(renaming).rejects.toMatchObject({ name: 'CloudRefused', message: expect.stringContaining('rdsadmin') });
        expect((await root.query('SELECT current_database() AS name')).rows).toEqual([{ name: 'hall' }]);
      });
      await within(to.open('app_user', 'hall'), (session) => session.query('SELECT 1'));
    },
    MINUTES,
  );
});
