// An ordinary shop, of about as many megabytes as asked for: what is copied, and what stands at the target before.
import type { Client } from 'pg';
import { quoted, type CopyServer } from '../../world/postgres/servers.ts';

const TABLES = (application: string): string => `
  CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL, name text NOT NULL, city text, note text, since timestamptz NOT NULL);
  CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint NOT NULL, state text NOT NULL, total numeric(12,2) NOT NULL,
    placed timestamptz NOT NULL, comment text);
  CREATE TABLE lines (id bigint PRIMARY KEY, "order" bigint NOT NULL, article text NOT NULL, pieces int NOT NULL,
    price numeric(10,2) NOT NULL, text text);
  CREATE TABLE events (id bigint PRIMARY KEY, customer bigint NOT NULL, at timestamptz NOT NULL, kind text NOT NULL, body jsonb NOT NULL);
  CREATE SEQUENCE order_numbers START 1000;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${application};
  GRANT USAGE ON SEQUENCE order_numbers TO ${application};`;

const FIRST = `timestamptz '2024-01-01 00:00Z'`;
const WORDS = `(ARRAY['delivered in the morning','ring twice please','gift for a friend','leave it with the neighbour','second try'])[1 + i % 5]`;

/** So that a unit is about a megabyte with its indexes. */
const ROWS = (megabytes: number): string => `
  INSERT INTO customers SELECT i, 'c' || i || '@' || left(md5(i::text), 8) || '.example', initcap(left(md5('n' || i), 7)) || ' ' ||
      initcap(left(md5('s' || i), 9)), (ARRAY['Wien','Graz','Linz','Salzburg','Bregenz'])[1 + i % 5],
      CASE WHEN i % 3 = 0 THEN ${WORDS} || ' ' || md5('t' || i) END, ${FIRST} + i * interval '37 seconds'
    FROM generate_series(1, ${200 * megabytes}) i;
  INSERT INTO orders SELECT i, 1 + (i * 7919::bigint) % ${200 * megabytes}, (ARRAY['paid','sent','open','returned'])[1 + i % 4],
      (i * 31 % 90000) / 100.0 + 5, ${FIRST} + i * interval '11 seconds', CASE WHEN i % 4 = 0 THEN ${WORDS} END
    FROM generate_series(1, ${850 * megabytes}) i;
  INSERT INTO lines SELECT i, 1 + (i - 1) / 3, 'A-' || left(md5((i % 5000)::text), 10), 1 + i % 4, (i * 17 % 30000) / 100.0 + 1,
      'size ' || i % 50 || ', ' || ${WORDS}
    FROM generate_series(1, ${2550 * megabytes}) i;
  INSERT INTO events SELECT i, 1 + (i * 104729::bigint) % ${200 * megabytes}, ${FIRST} + i * interval '9 seconds',
      (ARRAY['view','search','basket','login','pay'])[1 + i % 5],
      jsonb_build_object('page', '/articles/' || i % 5000, 'session', md5(i::text), 'agent', 'Mozilla/5.0 (X11; Linux x86_64) ' || i % 40,
        'terms', jsonb_build_array(left(md5('q' || i), 6), 'shoes'), 'ms', i % 900)
    FROM generate_series(1, ${1050 * megabytes}) i;`;

const INDEXES = `
  CREATE UNIQUE INDEX customers_by_email ON customers (lower(email));
  CREATE INDEX orders_by_customer ON orders (customer, placed);
  CREATE INDEX orders_open ON orders (placed) WHERE state = 'open';
  CREATE INDEX lines_by_order ON lines ("order");
  CREATE INDEX lines_by_article ON lines (article);
  CREATE INDEX events_by_customer ON events (customer, at);
  CREATE INDEX events_by_kind ON events (kind, at);
  ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers;
  ALTER TABLE lines ADD FOREIGN KEY ("order") REFERENCES orders;
  ALTER TABLE events ADD FOREIGN KEY (customer) REFERENCES customers;`;

export interface Shop {
  readonly bytes: number;
  readonly customers: number;
}

export async function makeShop(server: CopyServer, name: string, megabytes: number): Promise<Shop> {
  const { owner, application } = server;
  await using(server.root('postgres'), (root) =>
    root.query(`CREATE DATABASE ${quoted(name)} OWNER ${quoted(owner)} TEMPLATE template0`),
  );
  await using(server.open(owner, name), async (session) => {
    for (const sql of [TABLES(quoted(application)), ROWS(megabytes), INDEXES]) await session.query(sql);
  });
  // Nobody's time is to have in it what the first reader of new rows writes.
  return using(server.root(name), async (root) => {
    await root.query('VACUUM ANALYZE');
    const { rows } = await root.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
    return { bytes: Number(rows[0]?.bytes), customers: 200 * megabytes };
  });
}

/** Rows by table, to see that both ways brought all. */
export const countShop = (server: CopyServer, name: string): Promise<string> =>
  using(server.root(name), async (root) => {
    const { rows } = await root.query(
      `SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM orders) AS orders,
         (SELECT count(*) FROM lines) AS lines, (SELECT count(*) FROM events) AS events`,
    );
    return JSON.stringify(rows[0]);
  });

export async function using<T>(opening: Promise<Client>, work: (session: Client) => Promise<T>): Promise<T> {
  const session = await opening;
  try {
    return await work(session);
  } finally {
    await session.end();
  }
}
