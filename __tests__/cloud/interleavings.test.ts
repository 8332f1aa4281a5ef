// Again and again in one story: both sides are written to in an order that chance chose, the names go over and come back, and what
// the client was promised is looked for in the database that serves then.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createChance } from '../../rehearsal/random.ts';
import { mergeRows } from '../../shared/cloud/aws/postgres/merge.ts';
import { moveSequences, readInstant, readSequences } from '../../shared/cloud/aws/postgres/sequences.ts';
import { inSession } from '../../shared/cloud/aws/postgres/session.ts';
import { patchOf, type Winner } from '../../shared/runbooks/divergence.ts';
import { judgeMerged, judgePatch } from '../../shared/runbooks/merging.ts';
import { draftGaps } from '../../shared/runbooks/sequences.ts';
import { compareTwins, ORDERS, useTwins, type Twin, type Twins } from './twins.ts';

/** A hundred with `npm run soak`. */
const ROUNDS = process.env['CHANGEOVER_SOAK'] === undefined ? 25 : 100;
const MOST_WRITES = 12;
const SCHEMA = `
  CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
  CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, number text NOT NULL, note text);
  CREATE TABLE order_lines (order_id bigint NOT NULL REFERENCES orders, line int NOT NULL, sku text, PRIMARY KEY (order_id, line));
  CREATE TABLE told (id serial PRIMARY KEY, number text);
  CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO told (number) VALUES (NEW.number); RETURN NEW; END $$;
  CREATE TRIGGER tells AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION tell();
  INSERT INTO customers (name) SELECT 'customer ' || n FROM generate_series(1, 5) n;`;

/** What somebody was told, by the order's number: the last note that was acknowledged, on each side. */
type Promised = Map<string, Partial<Record<Twin['environment'], string>>>;

const chance = createChance(20_260_115);
const pick = <T>(all: readonly T[]): T => all[Math.floor(chance.random() * all.length)] as T;

const makeTwins = useTwins(SCHEMA);
let twins: Twins;
beforeAll(async () => {
  twins = await makeTwins();
}, 60_000);
afterAll(() => twins.stop());

let written = 0;

/** A new order with its lines and sometimes its customer, or another note on one that stood when the sides parted. */
async function writeOn(side: Twin, promised: Promised, standing: readonly string[]): Promise<void> {
  const number = chance.random() < 0.35 && standing.length > 0 ? pick(standing) : undefined;
  const note = `${side.environment} ${++written}`;
  if (number !== undefined) {
    await side.on(`UPDATE orders SET note = '${note}' WHERE number = '${number}'`);
    promised.set(number, { ...promised.get(number), [side.environment]: note });
    return;
  }
  const made = `order-${written}`;
  const customer =
    chance.random() < 0.3
      ? `(INSERT INTO customers (name) VALUES ('of ${made}') RETURNING id)`
      : '(SELECT min(id) AS id FROM customers)';
  await side.on(`WITH buyer AS ${customer},
    placed AS (INSERT INTO orders (customer_id, number, note) SELECT id, '${made}', '${note}' FROM buyer RETURNING id)
    INSERT INTO order_lines SELECT id, line, 'sku' FROM placed, generate_series(1, 2) line`);
  promised.set(made, { [side.environment]: note });
}

const sequencesOf = ({ login }: Twin) => inSession(login, ORDERS.name, { readOnly: true }, readSequences);
/** As GapSequences does before the names move. */
async function gap(serving: Twin, left: Twin): Promise<void> {
  await moveSequences(serving.login, ORDERS, draftGaps(await sequencesOf(serving), await sequencesOf(left)).targets);
}
/** As MergeData does behind the fence. */
async function bring(here: Twin, there: Twin, winner: Winner): Promise<string> {
  const rows = judgePatch(await compareTwins(here, there), { divergence: 'merge', winner, overridden: [] });
  await mergeRows(here.login, ORDERS.name, rows);
  return judgeMerged(await compareTwins(here, there), winner, rows.length);
}

async function round(): Promise<{ promised: Promised; winner: Winner }> {
  const { main, spare } = twins;
  const standing = (await main.on('SELECT number FROM orders')).map(({ number }) => String(number));
  const promised: Promised = new Map();
  // People write to main until the names have moved everywhere, some of them after the first have met spare.
  await gap(spare, main);
  const writes = Array.from({ length: 1 + Math.floor(chance.random() * MOST_WRITES) }, () => pick([main, spare]));
  for (const side of writes) await writeOn(side, promised, standing);
  const winner = pick(['here', 'there'] as const);
  await bring(main, spare, winner);
  await gap(main, spare);
  return { promised, winner };
}

describe('random interleavings of writes on both sides', () => {
  it('lose no acknowledged row and double none, whichever side wins', async () => {
    const { main, spare } = twins;
    const all = new Map<string, string>();
    const wrong: string[] = [];
    let merged = 0;
    for (let count = 1; count <= ROUNDS; count++) {
      const { promised, winner } = await round();
      for (const [number, { main: here, spare: there }] of promised)
        all.set(number, (winner === 'here' ? (here ?? there) : (there ?? here)) ?? '');
      const rows = await main.on(
        `SELECT o.number, max(o.note) AS note, count(DISTINCT o.id)::int AS times, count(l.line)::int AS lines
             FROM orders o JOIN customers c ON c.id = o.customer_id LEFT JOIN order_lines l ON l.order_id = o.id GROUP BY o.number`,
      );
      const byNumber = new Map(rows.map((row) => [String(row['number']), row]));
      for (const [number, note] of all) {
        const row = byNumber.get(number);
        if (row?.['times'] !== 1 || row['lines'] !== 2 || row['note'] !== note)
          wrong.push(`round ${count}: ${number} is ${JSON.stringify(row)}, promised ${note}`);
      }
      merged += promised.size;
      // The standby is made from main again, and both are parted anew.
      await bring(spare, main, 'there');
      const left = await compareTwins(spare, main);
      if (left.rows.length > 0) wrong.push(`round ${count}: the sides differ after both were brought together`);
      main.since = await readInstant(main.login, ORDERS);
      spare.since = await readInstant(spare.login, ORDERS);
    }

    expect(wrong).toEqual([]);
    expect(merged).toBeGreaterThan(ROUNDS);
    // No trigger told of a row twice, though every row was on both sides in the end.
    expect(await main.on('SELECT number FROM told GROUP BY number HAVING count(*) > 1')).toEqual([]);
    expect(patchOf(await compareTwins(main, spare), 'nobody')).toEqual([]);
  }, 300_000);
});
