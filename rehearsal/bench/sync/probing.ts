// A process of its own that reads all the while as the application does: what else is measured must not hold up its clock.
import { setTimeout as wait } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import type { Probes } from './reader.ts';

const EVERY_MILLISECONDS = 10;

/** So little that it takes nothing from what is timed, whether it finds them or is refused. */
const LOOKED_FOR = 3;
const LOOK = 'SELECT count(*) FROM customers WHERE id = ANY ($1)';
const someOf = (customers: number): number[] => [1, Math.ceil(customers / 2), customers];

interface Task {
  readonly config: ClientConfig;
  readonly customers: number;
}

let over = false;
process.once('message', () => (over = true));
process.once('disconnect', () => process.exit());

async function main({ config, customers }: Task): Promise<void> {
  let session: Client | undefined;
  let [asked, failed, short, longestMilliseconds] = [0, 0, 0, 0];
  let answeredAt = performance.now();
  while (!over) {
    const next = performance.now() + EVERY_MILLISECONDS;
    asked++;
    try {
      session ??= await open(config);
      const { rows } = await session.query<{ count: string }>(LOOK, [someOf(customers)]);
      if (Number(rows[0]?.count) < LOOKED_FOR) short++;
      else {
        const now = performance.now();
        if (asked === 1) process.send?.('reads');
        else longestMilliseconds = Math.max(longestMilliseconds, now - answeredAt);
        answeredAt = now;
      }
    } catch (error) {
      failed++;
      // Only a session that was cut has to be opened anew: a missing table is told by one that stands.
      if (/^42/.test((error as { code?: string }).code ?? '')) continue;
      session?.end().catch(() => undefined);
      session = undefined;
    } finally {
      await wait(Math.max(0, next - performance.now()));
    }
  }
  longestMilliseconds = Math.max(longestMilliseconds, performance.now() - answeredAt);
  await session?.end();
  const probes: Probes = { asked, failed, short, longestMilliseconds };
  process.send?.(probes, () => process.disconnect());
}

async function open(config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  // Whoever's session is cut hears of it at the next query.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

void main(JSON.parse(process.argv[2] ?? '') as Task);
