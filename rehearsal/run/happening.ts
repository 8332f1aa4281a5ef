// What a situation may say of the time during a run and after it, as closed schemas.
import * as z from 'zod';

const hostname = z.string().endsWith('.', 'a DNS name with its final dot');

const Happenings = [
  /** Somebody points a name to a door of an environment by hand; to the one the estate has for it when not said. */
  z.strictObject({
    at: z.string(),
    do: z.literal('point'),
    name: hostname,
    to: z.string(),
    via: z.enum(['loadBalancer', 'distribution']).optional(),
  }),
  /** Somebody stops the execution. */
  z.strictObject({ at: z.string(), do: z.literal('stop') }),
  /** From now on a change of records takes so long. */
  z.strictObject({ at: z.string(), do: z.literal('insync'), seconds: z.union([z.int().nonnegative(), z.literal('never')]) }),
  /** Another run takes the writer lease. */
  z.strictObject({ at: z.string(), do: z.literal('lease'), by: z.enum(['attended', 'unattended', 'stopped']) }),
  /** Something of an environment goes away. */
  z.strictObject({
    at: z.string(),
    do: z.literal('lose'),
    environment: z.string(),
    database: z.enum(['up', 'down', 'unreachable']).default('up'),
    application: z.enum(['up', 'down']).default('up'),
    loadBalancer: z.enum(['up', 'lost']).default('up'),
  }),
  /** What went away of an environment is there again. */
  z.strictObject({ at: z.string(), do: z.literal('mend'), environment: z.string() }),
  /** Somebody writes into the database of an environment, past its application. */
  z.strictObject({
    at: z.string(),
    do: z.literal('write'),
    environment: z.string(),
    /** `beside`: not into what people use, but into what a run has restored beside it. */
    on: z.literal('beside').optional(),
    sql: z.string().min(1),
  }),
  /** Somebody uploads files to an environment's application. */
  z.strictObject({ at: z.string(), do: z.literal('upload'), environment: z.string(), count: z.int().positive() }),
  /** Files of an environment vanish from its bucket: so many, or all. */
  z.strictObject({
    at: z.string(),
    do: z.literal('remove'),
    environment: z.string(),
    keys: z.union([z.int().positive(), z.literal('all')]),
  }),
  /** Somebody's session stands open in an environment's database from then on, with or without a transaction that has read. */
  z.strictObject({
    at: z.string(),
    do: z.literal('session'),
    environment: z.string(),
    as: z.enum(['application', 'superuser']),
    idle: z.enum(['transaction', 'connection']),
  }),
  /** Somebody migrates an environment's database, as its owner: the transaction is open for so many seconds of timeline. */
  z.strictObject({
    at: z.string(),
    do: z.literal('migrate'),
    environment: z.string(),
    sql: z.string().min(1),
    seconds: z.int().nonnegative(),
  }),
  /** An entry of the ledger is lost: every one whose key begins so. */
  z.strictObject({ at: z.string(), do: z.literal('forget'), entries: z.string().min(1) }),
  /** A chat service refuses connections. */
  z.strictObject({ at: z.string(), do: z.literal('silence'), channel: z.enum(['slack', 'discord', 'webhook']) }),
] as const;

/** Happens when the state is entered for the first time. */
export type Happening = z.infer<typeof Happening>;
export const Happening = z.discriminatedUnion('do', Happenings);

/** What the world must answer afterwards; what is not said is not asked. */
export type Afterwards = z.infer<typeof Afterwards>;
export const Afterwards = z.strictObject({
  /** By the ledger's lease, and by who answers a write through the public name when the run succeeded. */
  writer: z.string().optional(),
  /** The environment that the authoritative servers point each name to. */
  dns: z.record(hostname, z.string()).optional(),
  /** Exactly these take no write any more: their load balancers answer 503, their databases admit no application. */
  fenced: z.array(z.string()).optional(),
  lease: z.strictObject({ holder: z.null(), epoch: z.int().positive() }).optional(),
  /** Every acknowledged write is in the writer's database, or was acknowledged before it became the writer; none is there twice. */
  acknowledged: z.literal('accounted').optional(),
  /** Every uploaded file that the writer's database has a row of lies in its bucket. */
  files: z.literal('present').optional(),
  /** Somebody reads that environment's database all the while: never half of anything, and never away for long. */
  reader: z.strictObject({ of: z.string(), sees: z.array(z.enum(['old', 'new', 'written'])).min(1) }).optional(),
  /** Whether the environment's database is a copy that was made since the situation's first run began. */
  copy: z.strictObject({ to: z.string(), is: z.enum(['new', 'old']) }).optional(),
  /** Exactly these stand on each environment's server, beside those that every server has; a final `*` stands for digits. */
  databases: z.record(z.string(), z.array(z.string().min(1))).optional(),
  /** By environment: whether it is on the instance that it was on, what is on its shelf, how many stand beside that nobody is led to. */
  instances: z
    .record(
      z.string(),
      z.strictObject({
        is: z.enum(['old', 'new']),
        shelf: z.enum(['none', 'stopped', 'available']).default('none'),
        beside: z.int().nonnegative().default(0),
        /** Every one of them is protected against deletion, or none. */
        protected: z.boolean().optional(),
      }),
    )
    .optional(),
  /** Every acknowledged write is in the writer's database or on its shelf, and whoever approved was told of those that are not with it. */
  kept: z.literal(true).optional(),
  /** Exactly these manual snapshots stand, whosever they are; a final `*` stands for what a run puts behind a name. */
  snapshots: z.array(z.string().min(1)).optional(),
  /** What RDS says of instances beside those of the estate. */
  aside: z.record(z.string(), z.enum(['stopped', 'available', 'gone'])).optional(),
});
