// A plan: the changes in their order with their exact before and after, the facts they rest on, the limits they were held to,
// what would be lost. Every runbook drafts one; a person approves its hash.
import * as z from 'zod';

/** One thing that will be different. The words are what a person reads; `before` and `after` are exact. */
export type Change = z.infer<typeof Change>;
export const Change = z.strictObject({
  /** The state that makes it. */
  act: z.string(),
  /** What is changed: an ARN, a name, a role. */
  target: z.string(),
  says: z.string(),
  before: z.string(),
  after: z.string(),
});

/** Something that was read, where, and when. Shown, never hashed: the identities that matter are in changes and limits. */
export type Fact = z.infer<typeof Fact>;
export const Fact = z.strictObject({ name: z.string(), value: z.string(), source: z.string(), readAt: z.iso.datetime() });

/** A safety limit and how the world stood against it. */
export type Limit = z.infer<typeof Limit>;
export const Limit = z.strictObject({
  name: z.string().regex(/^[a-z][a-z-]*$/),
  verdict: z.enum(['kept', 'exceeded', 'overridden']),
  /** It stops nothing, but nobody could be asked: `observed` says who. */
  unjudged: z.literal(true).optional(),
  observed: z.string(),
  expected: z.string(),
  wayOut: z.string(),
});

/** What would not survive: rows a table, uploads, seconds. `none` where nothing can be lost, `unknown` where nobody can tell. */
export type Loss = z.infer<typeof Loss>;
export const Loss = z.strictObject({
  how: z.enum(['none', 'measured', 'estimated', 'unknown']),
  /** The instant of the newest data that survives. */
  since: z.iso.datetime().nullable(),
  seconds: z.number().nonnegative().nullable(),
  tables: z.array(z.strictObject({ table: z.string(), rows: z.int().nonnegative(), by: z.enum(['key', 'count', 'rate']) })),
  rows: z.int().nonnegative().nullable(),
  uploads: z.int().nonnegative().nullable(),
  /** The loss as the hash knows it: counters move while a person reads, bands seldom do. */
  band: z.string(),
  says: z.string(),
});

export type Plan = z.infer<typeof Plan>;
export const Plan = z.strictObject({
  /** `<run>/<n>-<hash>`: its key in the ledger is `plans/<id>.json`. */
  id: z.string(),
  run: z.string(),
  runbook: z.string(),
  app: z.string(),
  draftedAt: z.iso.datetime(),
  /** The lease's epoch it was drafted under. */
  epoch: z.int().positive(),
  /** The lease's fencing number then: who took the lease since may have changed what this plan leaves out. Checked, never hashed. */
  fencing: z.int().nonnegative(),
  title: z.string(),
  changes: z.array(Change),
  facts: z.array(Fact),
  limits: z.array(Limit),
  loss: Loss,
  predictedSeconds: z.int().nonnegative(),
  costUsd: z.number().nonnegative(),
  /** Steps that are left out, each with its reason. */
  skipped: z.array(z.strictObject({ act: z.string(), why: z.string() })),
  hash: z.string(),
  /** What the runbook's own acts need: `MoveDetail` for a failover. */
  detail: z.unknown(),
});

/** What travels in the state machine's `$plan`. */
export type PlanRef = z.infer<typeof PlanRef>;
export const PlanRef = z.strictObject({ id: z.string(), hash: z.string(), summary: z.string() });
