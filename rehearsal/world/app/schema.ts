// The application's database: its migrations in their order, and the people and orders it begins with.
import type { Client } from 'pg';
import { hashPassword } from './password.ts';

export interface Migration {
  readonly version: string;
  readonly sql: string;
}

/** Run as the owner; every table is the application's to read and write. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: '20250114090000_customers_and_orders',
    sql: `
      CREATE TYPE order_state AS ENUM ('placed', 'paid', 'shipped', 'cancelled');
      CREATE TABLE customers (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        email text NOT NULL UNIQUE,
        name text NOT NULL,
        password_hash text,
        created_at timestamptz NOT NULL
      );
      CREATE TABLE orders (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        number text NOT NULL,
        customer_id bigint NOT NULL REFERENCES customers,
        state order_state NOT NULL DEFAULT 'placed',
        placed_at timestamptz NOT NULL
      );
      CREATE INDEX orders_by_number ON orders (number);
      CREATE TABLE order_lines (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
        sku text NOT NULL,
        quantity integer NOT NULL CHECK (quantity > 0)
      );
      CREATE INDEX order_lines_by_order ON order_lines (order_id);`,
  },
  {
    version: '20250602101500_uploads_and_sessions',
    sql: `
      CREATE TABLE uploads (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        object_key text NOT NULL UNIQUE,
        content_type text NOT NULL,
        size_bytes bigint NOT NULL,
        uploaded_at timestamptz NOT NULL
      );
      CREATE TABLE sessions (
        token uuid PRIMARY KEY,
        customer_id bigint NOT NULL REFERENCES customers,
        opened_at timestamptz NOT NULL
      );`,
  },
  {
    version: '20251120083000_heartbeat',
    sql: `CREATE TABLE changeover_heartbeat (environment text NOT NULL, written_at timestamptz NOT NULL, note text);
      CREATE INDEX changeover_heartbeat_by_environment ON changeover_heartbeat (environment, written_at);`,
  },
];

/** One that a world may apply to one side only. */
export const NEXT_MIGRATION: Migration = {
  version: '20260112140000_order_remarks',
  sql: 'ALTER TABLE orders ADD COLUMN remark text;',
};

/** Who can log in: nobody real. */
export const SYNTHETIC_USER = { email: 'ada@people.test', password: 'a synthetic password' } as const;

export interface Seed {
  readonly customers: number;
  readonly orders: number;
}

export async function migrate(client: Client, migrations: readonly Migration[], application: string, at: Date): Promise<void> {
  await client.query('CREATE TABLE IF NOT EXISTS schema_migrations (version text PRIMARY KEY, applied_at timestamptz NOT NULL)');
  for (const { version, sql } of migrations) {
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations VALUES ($1, $2)', [version, at]);
  }
  const role = `"${application.replaceAll('"', '""')}"`;
  await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
  await client.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
}

/** Customers and their orders, spread over the thirty days before `at`. */
export async function seed(client: Client, { customers, orders }: Seed, at: Date): Promise<void> {
  await client.query(
    `INSERT INTO customers (email, name, password_hash, created_at)
     SELECT CASE n WHEN 1 THEN $2 ELSE 'customer-' || n || '@people.test' END, 'Customer ' || n,
            CASE n WHEN 1 THEN $3 END, $4::timestamptz - interval '30 days'
     FROM generate_series(1, $1::integer) n`,
    [Math.max(1, customers), SYNTHETIC_USER.email, hashPassword(SYNTHETIC_USER.password), at],
  );
  await client.query(
    `INSERT INTO orders (number, customer_id, state, placed_at)
     SELECT 'seed-' || n, 1 + n % $2::integer, (enum_range(NULL::order_state))[1 + n % 4],
            $3::timestamptz - interval '30 days' * (1 - n::float / $1::integer)
     FROM generate_series(1, $1::integer) n`,
    [orders, Math.max(1, customers), at],
  );
  await client.query(
    `INSERT INTO order_lines (order_id, sku, quantity)
     SELECT id, 'sku-' || id % 17, 1 + id % 3 FROM orders UNION ALL SELECT id, 'sku-' || id % 11, 1 FROM orders WHERE id % 2 = 0`,
  );
  // What a planner would know of tables that stood for months.
  await client.query('ANALYZE');
}
