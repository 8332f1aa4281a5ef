// A round of restore or rewind, drawn from its seed: what is brought back, where the run is killed and how, and who goes on with it.
import { createChance, type Chance } from '../../rehearsal/random.ts';
import { parseWorld, type WorldFile } from '../../rehearsal/world/builder/world-file.ts';

export const KINDS = ['named', 'newest', 'now', 'renamed', 'rewound', 'rows'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * `retried`: one Lambda dies, and its state is tried again. `dead`: every try of the state dies. `stopped`: somebody stops the execution
 * while the Lambda works on. `stopped dead`: the Lambda dies and the execution is stopped with it. `undoing`: every try dies, and
 * somebody stops the execution while it undoes.
 */
export const HOW = ['retried', 'dead', 'stopped', 'stopped dead', 'undoing'] as const;

export interface Killing {
  readonly how: (typeof HOW)[number];
  readonly state: string;
  /** The first, the second call of the state's Lambda, and so on. */
  readonly call: number;
  readonly side: 'killed-before' | 'killed-after';
  /** For `undoing`: the state in which it is stopped. */
  readonly undo: string;
}

export interface Round {
  readonly seed: number;
  readonly kind: Kind;
  readonly runbook: 'restore' | 'rewind';
  /** The estate from the repository's root; the ordinary one where undefined. */
  readonly estate: string | undefined;
  readonly world: WorldFile;
  /** What is pasted `now`. */
  readonly request: (now: number) => Record<string, unknown>;
  readonly kill: Killing;
  /** Whether the next run begins while the aftermath of the first is still to come, and whether it is told to go on with it. */
  readonly next: { readonly when: 'at once' | 'cleaned up'; readonly resume: boolean };
}

const WORLD = parseWorld(
  `says: Somebody took a snapshot of the primary twenty minutes ago
copy: { ageSeconds: 1800 }
rows: { orders: 2000 }
deeds:
  - { secondsAgo: 1200, of: main, snapshot: orders-main-before-deploy }`,
  'killed',
);
/** None of the client's own, which nobody but a runbook is to lose. */
const SPOILT_ORDERS = `SELECT id FROM orders WHERE id % 2 = 0 AND number NOT LIKE ''client-%''`;
const SPOILT = parseWorld(
  `says: A deploy deleted half of the orders some minutes ago
copy: { ageSeconds: 1800 }
rows: { orders: 2000 }
deeds:
  - { secondsAgo: 420, of: main, sql: 'DELETE FROM order_lines WHERE order_id IN (${SPOILT_ORDERS}); DELETE FROM orders WHERE id IN (${SPOILT_ORDERS})' }`,
  'spoilt',
);
const WHO = { reason: 'a round of many', by: 'Ada' };
const BEFORE_DEPLOY_SECONDS = 600;
/** The second before the deploy, as whoever pastes it `now` writes it. */
const before = (now: number): string => `${new Date(now - BEFORE_DEPLOY_SECONDS * 1000).toISOString().slice(0, 19)}Z`;

type Kinds = Readonly<Record<Kind, Pick<Round, 'runbook' | 'estate' | 'world' | 'request'>>>;
const SCENES: Kinds = {
  named: restoreOf({ snapshot: 'orders-main-before-deploy' }),
  newest: restoreOf({}),
  now: restoreOf({ snapshot: 'now' }),
  renamed: { ...restoreOf({}), estate: 'rehearsal/estates/renaming.yml' },
  rewound: rewindOf({}),
  rows: rewindOf({ tables: ['orders', 'order_lines'] }),
};
function restoreOf(more: object): Kinds[Kind] {
  return { runbook: 'restore', estate: undefined, world: WORLD, request: () => ({ ...more, ...WHO }) };
}
function rewindOf(more: object): Kinds[Kind] {
  return { runbook: 'rewind', estate: undefined, world: SPOILT, request: (now) => ({ at: before(now), ...more, ...WHO }) };
}

/** Asked again and again while RDS works: they live long, and make many calls. */
const LONG_CALLS = 40;
const CALLS = 8;
const LONG = ['Snapshot', 'Restore', 'Dress', 'TradeNames', 'Shelve'];
const PREPARING = ['Restore', 'Dress', 'Prove', 'CompareRows', 'PlanUse', 'Recheck'];
const ENDING = ['Tell', 'VerifyWrite', 'Shelve', 'Settle', 'Report'];
const ACTING: Readonly<Record<Kind, readonly string[]>> = {
  named: ['Act', 'FenceDatabase', 'Swap', ...ENDING],
  newest: ['Act', 'FenceDatabase', 'Swap', ...ENDING],
  now: ['Act', 'FenceDatabase', 'Swap', ...ENDING],
  renamed: ['Act', 'FenceDatabase', 'TradeNames', ...ENDING],
  rewound: ['Act', 'FenceDatabase', 'Swap', ...ENDING],
  rows: ['Act', 'BringBack', 'Settle', 'Report'],
};
/** A run that dies in one of these undoes what it did. */
const UNDONE = ['FenceDatabase', 'Swap', 'TradeNames', 'Tell', 'VerifyWrite', 'BringBack'];
const PREPARING_SHARE = 0.2;

export function drawRound(seed: number): Round {
  const chance = createChance(seed);
  const kind = KINDS[seed % KINDS.length] ?? 'newest';
  const early = chance.random() < PREPARING_SHARE;
  const how = oneOf(chance, HOW);
  const acting = how === 'undoing' ? ACTING[kind].filter((name) => UNDONE.includes(name)) : ACTING[kind];
  const preparing = kind === 'now' ? ['Snapshot', ...PREPARING] : PREPARING;
  const state = oneOf(chance, early && how !== 'undoing' ? preparing : acting);
  const call = 1 + Math.floor(chance.random() * (LONG.includes(state) ? LONG_CALLS : CALLS));
  const side = oneOf(chance, ['killed-before', 'killed-after'] as const);
  const back = kind === 'renamed' ? 'UndoServers' : kind === 'rows' ? 'UndoData' : 'UndoPointers';
  const undo = oneOf(chance, ['UndoData', back, 'SettleFailure']);
  const next = { when: oneOf(chance, ['at once', 'cleaned up'] as const), resume: chance.random() < 0.6 };
  return { seed, kind, ...SCENES[kind], kill: { how, state, call, side, undo }, next };
}

const oneOf = <T>({ random }: Chance, among: readonly T[]): T => among[Math.floor(random() * among.length)] as T;
