import { afterAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createServers, lackOf, MAJORS, quoted } from '../../rehearsal/world/postgres/servers.ts';
import { within } from './source.ts';

const MINUTE = 60_000;
const servers = createServers();
afterAll(() => servers.stop());

for (const major of MAJORS) {
  const lack = lackOf(major);
  const where = lack === undefined ? describe : describe.skip;
  where(lack ?? `PostgreSQL ${major}`, () => {
    it(
      'has a master as RDS has, who acts as the owner, and answers over TLS alone',
      async () => {
        const server = await servers.start({ major, owner: 'the owner' });
        const { master, owner, application } = server;
        await within(server.open(master, 'postgres'), async (session) => {
          const { rows } = await session.query(
            `SELECT current_setting('server_version_num')::int / 10000 AS major, ssl, rolsuper, rolcreatedb, rolcreaterole, rolreplication,
                  rolbypassrls, pg_has_role($1, ${major < 16 ? "'MEMBER'" : "'SET'"}) AS may_set, pg_has_role($1, 'USAGE') AS inherits,
                  pg_has_role('rds_superuser', 'USAGE') AS rds, pg_has_role('pg_read_all_data', 'USAGE') AS reads
             FROM pg_stat_ssl, pg_roles WHERE pid = pg_backend_pid() AND rolname = current_user`,
            [owner],
          );
          const rights = { rolsuper: false, rolcreatedb: true, rolcreaterole: true, rolreplication: false, rolbypassrls: false };
          expect(rows).toEqual([{ major, ssl: true, ...rights, may_set: true, inherits: true, rds: true, reads: true }]);
          await session.query(`CREATE DATABASE theirs OWNER ${quoted(owner)}`);
        });
        await within(server.open(owner, 'theirs'), (session) => session.query('CREATE TABLE things (id int)'));
        await within(server.open(application, 'theirs'), (session) =>
          expect(session.query('TABLE things')).rejects.toThrow('denied'),
        );
        const bare = { ...server.configOf(master, 'postgres'), ssl: false };
        await expect(new Client(bare).connect()).rejects.toThrow('no encryption');
        await server.stop();
        await server.start();
        await within(server.root('theirs'), (root) => expect(root.query('TABLE things')).resolves.toMatchObject({ rowCount: 0 }));
      },
      MINUTE,
    );
  });
}
