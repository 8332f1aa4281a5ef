// Somebody who reads an environment's database all the while, through its public endpoint and as the application does: whether it
// was ever away, and whether it ever answered what nobody committed.
import { Client, type QueryResult } from 'pg';
import { connectionOf, type DatabaseAccess } from './app/database.ts';

/** What one statement said: all of it in one snapshot. */
export interface Answer {
  /** The database itself, whatever it is called. */
  readonly database: string;
  readonly customers: number;
  readonly orders: number;
  /** The newest heartbeat of the primary's environment. */
  readonly heartbeat: number | null;
  /** Whether the table of customers has its primary key. */
  readonly keyed: boolean;
}

/** One look, by the laptop's clock. */
export interface Look {
  readonly begin: number;
  readonly end: number;
  readonly answer: Answer | null;
  /** `asked`: the database let the reader in, and refused the question. */
  readonly trouble: { readonly says: string; readonly code: string; readonly asked: boolean } | null;
}

/** `old` as when the reader came, `new` another database or other heartbeats, `written` the same with other rows. */
export type StateName = 'old' | 'new' | 'written';

export interface Reading {
  readonly of: string;
  readonly probes: number;
  readonly failed: number;
  readonly longestOutageMs: number;
  /** Answers that nobody ever committed, each as it was. */
  readonly halves: readonly string[];
  /** What was read, one after the other. */
  readonly states: readonly (Omit<Answer, 'keyed'> & { readonly name: StateName })[];
}

export interface Reader {
  /** Looks a last time, leaves, and says what was seen; asked again it says the same. */
  rest(): Promise<Reading>;
}

const PERIOD_MILLISECONDS = 20;
const QUESTION = `
  SELECT d.oid::text AS database,
         (SELECT count(*)::integer FROM customers) AS customers,
         (SELECT count(*)::integer FROM orders) AS orders,
         (SELECT max(written_at) FROM changeover_heartbeat WHERE environment = $1) AS heartbeat,
         EXISTS (SELECT FROM pg_index WHERE indrelid = 'customers'::regclass AND indisprimary AND indisvalid) AS keyed
    FROM pg_database d WHERE d.datname = current_database()`;

type Row = Omit<Answer, 'heartbeat'> & { readonly heartbeat: Date | null };

/** Has looked once when it is there. It goes by the wall's clock alone: the timeline neither waits for it nor is waited for. */
export async function startReader(access: DatabaseAccess, of: string, primary: string): Promise<Reader> {
  const looks: Look[] = [];
  let client: Client | undefined;
  let resting: Promise<Reading> | undefined;

  const enter = async (): Promise<Client> => {
    const entering = new Client(connectionOf(access));
    // Whoever's session is cut hears of it at the next question.
    entering.on('error', () => undefined);
    await entering.connect();
    return entering;
  };
  const leave = async (): Promise<void> => {
    const leaving = client;
    client = undefined;
    await leaving?.end().catch(() => undefined);
  };
  async function look(): Promise<void> {
    const begin = Date.now();
    let asked = false;
    try {
      client ??= await enter();
      asked = true;
      const { rows }: QueryResult<Row> = await client.query<Row>(QUESTION, [primary]);
      const answer = rows[0] ? { ...rows[0], heartbeat: rows[0].heartbeat?.getTime() ?? null } : null;
      looks.push({ begin, end: Date.now(), answer, trouble: null });
    } catch (error) {
      const { message: says, code = '' } = error as Error & { code?: string };
      looks.push({ begin, end: Date.now(), answer: null, trouble: { says, code, asked } });
      await leave();
    }
  }
  async function goOn(): Promise<void> {
    while (!resting) {
      await new Promise((resolve) => setTimeout(resolve, PERIOD_MILLISECONDS));
      await look();
    }
  }
  await look();
  const going = goOn();

  async function end(): Promise<Reading> {
    await going;
    // What stands at the end was read as well, however fast everything went.
    await look();
    await leave();
    return readingOf(of, looks);
  }
  return { rest: () => (resting ??= end()) };
}

/** A table, a column or a right that is missing once the database let somebody in: it was shown before it was whole. */
const isUnfinished = ({ trouble }: Look): boolean => trouble?.asked === true && trouble.code.startsWith('42');

function halfOf(look: Look, first: Answer | undefined): string | undefined {
  const { answer, trouble } = look;
  if (isUnfinished(look)) return trouble?.says;
  if (!answer) return undefined;
  if (!answer.keyed) return 'customers had no primary key';
  if (answer.customers === 0) return 'there were no customers';
  if (answer.orders === 0 && first?.orders !== 0) return 'there were no orders';
  return answer.heartbeat === null && first?.heartbeat != null ? 'there was no heartbeat of the primary any more' : undefined;
}

/** An outage lasts from the first look that was not answered to the end of the first one that was. */
export function readingOf(of: string, looks: readonly Look[]): Reading {
  const first = looks.find(({ answer }) => answer !== null)?.answer ?? undefined;
  const halves: string[] = [];
  const states: Reading['states'][number][] = [];
  let longestOutageMs = 0;
  let down: number | undefined;
  for (const look of looks) {
    const half = halfOf(look, first);
    if (half !== undefined) halves.push(half);
    if (look.trouble) down ??= look.begin;
    if (down !== undefined) longestOutageMs = Math.max(longestOutageMs, look.end - down);
    if (!look.trouble) down = undefined;
    if (!look.answer || half !== undefined || !first) continue;
    const { keyed: _keyed, ...state } = look.answer;
    const before = states.at(-1);
    if (before && isSame(before, state)) continue;
    const name = nameOf(state, before, first);
    // Somebody who goes on writing makes one state, as it was in the end.
    if (name === 'written' && before?.name === 'written') states.pop();
    states.push({ ...state, name });
  }
  return {
    of,
    probes: looks.length,
    failed: looks.filter(({ trouble }) => trouble !== null).length,
    longestOutageMs,
    halves,
    states,
  };
}

type State = Omit<Answer, 'keyed'>;

const isSame = (one: State, other: State): boolean =>
  sameCopy(one, other) && one.customers === other.customers && one.orders === other.orders;
const sameCopy = (one: State, other: State): boolean => one.database === other.database && one.heartbeat === other.heartbeat;

function nameOf(state: State, before: State | undefined, first: State): StateName {
  if (before && sameCopy(state, before)) return 'written';
  return sameCopy(state, first) ? 'old' : 'new';
}
