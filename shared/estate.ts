// The estate: what the team owns, as one file says it. What is true today is the world's business, never this file's.
import * as z from 'zod';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'lower case letters, digits and hyphens, beginning with a letter');
const seconds = z.int().positive();
const hostname = z
  .string()
  .regex(/^([a-z0-9_]([a-z0-9-]*[a-z0-9])?\.)+$/, 'a DNS name in lower case with its final dot, as app.example.test.');
const secretName = z.string().regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/, 'the name of a secret in Secrets Manager');

export type Database = z.infer<typeof Database>;
export const Database = z.strictObject({
  /** The RDS instance's identifier. */
  instance: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  /** The database in it. */
  name: z.string().min(1).max(63),
  /** The role that owns the database and its tables. */
  owner: z.string().min(1).max(63),
  /** The role the application connects as. */
  application: z.string().min(1).max(63),
  /** Secrets with `username` and `password`: the instance's master, and the application's role. */
  secrets: z.strictObject({ master: secretName, application: secretName }),
});

export type Web = z.infer<typeof Web>;
export const Web = z.strictObject({
  /** The application load balancer's name. */
  loadBalancer: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/),
  /** The CloudFront distribution's id, where there is one. */
  distribution: z
    .string()
    .regex(/^E[A-Z0-9]{6,20}$/)
    .optional(),
});

export type Environment = z.infer<typeof Environment>;
export const Environment = z.strictObject({
  role: z.enum(['primary', 'standby', 'sandbox']),
  database: Database,
  web: Web,
  /** Where the application keeps what people upload. */
  buckets: z.strictObject({ uploads: z.string().min(3).max(63) }),
  /** The path of its configuration in Parameter Store. */
  parameters: z
    .string()
    .regex(/^\/[A-Za-z0-9/_.-]+$/)
    .optional(),
  /** Where the functions that reach its database stand. */
  network: z.strictObject({
    subnets: z.array(z.string().regex(/^subnet-[0-9a-f]+$/)).min(1),
    securityGroups: z.array(z.string().regex(/^sg-[0-9a-f]+$/)).min(1),
  }),
});

export type PublicName = z.infer<typeof PublicName>;
export const PublicName = z.strictObject({
  name: hostname,
  /** The hosted zone's id. */
  zone: z.string().regex(/^Z[A-Z0-9]{4,31}$/),
  /** The record types that are ours to move. */
  types: z.array(z.enum(['A', 'AAAA', 'CNAME', 'HTTPS'])).min(1),
  /** What whoever asks for this name must get. */
  needs: z.strictObject({ frontEnd: z.boolean().default(false), api: z.boolean().default(true) }).prefault({}),
  /** By which door each environment serves it; the distribution where there is one, else the load balancer. */
  via: z.record(id, z.enum(['distribution', 'loadBalancer'])).default({}),
});

const Copy = z.strictObject({
  from: id,
  to: id,
  class: z.enum(['forbid', 'synthetic', 'masked', 'raw']),
  everySeconds: seconds.optional(),
  engine: z.enum(['dump', 'snapshot']).default('dump'),
});

export type Approver = z.infer<typeof Approver>;
export const Approver = z.strictObject({
  name: id,
  email: z.email(),
  /** The member's id in Slack, for a direct message by the bot. */
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,20}$/)
    .optional(),
});

const Channels = z.strictObject({
  slack: z
    .strictObject({
      /** A secret with the incoming webhook's URL. */
      webhook: secretName.optional(),
      /** A secret with the bot's token (`xoxb-…`); with it approvers get direct messages. */
      bot: secretName.optional(),
      /** The shared channel the bot writes to. */
      channel: z.string().min(1).optional(),
    })
    .optional(),
  /** A secret with Discord's webhook URL. */
  discord: secretName.optional(),
  /** A secret with any URL that takes a POST of JSON. */
  webhook: secretName.optional(),
  /** Addresses that read what every channel reads. */
  email: z.array(z.email()).default([]),
});

export type Estate = z.infer<typeof Estate>;
export const Estate = z.strictObject({
  app: id,
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region, as eu-west-1'),
  strategy: z.enum(['cold', 'warm', 'hot', 'multi-az']),
  objectives: z.strictObject({ rtoSeconds: seconds, rpoSeconds: seconds, retentionDays: z.int().positive().default(30) }),
  environments: z.record(id, Environment),
  names: z.array(PublicName).min(1),
  copies: z.array(Copy).default([]),
  /** The paths by which the application is asked. */
  application: z
    .strictObject({
      health: z.string().startsWith('/').default('/api/health'),
      /** A POST here writes a heartbeat row with the note it is given. */
      heartbeat: z.string().startsWith('/').default('/api/heartbeat'),
    })
    .prefault({}),
  /** Public resolvers that must have heard before a change of names is done. */
  resolvers: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .min(1)
    .default(['1.1.1.1', '8.8.8.8', '9.9.9.9']),
  approvers: z.array(Approver).min(1),
  approval: z
    .strictObject({
      quorum: z.int().positive().default(1),
      fourEyes: z.boolean().default(false),
      soloEmergency: z.boolean().default(true),
      expiresAfterSeconds: z.int().min(60).max(86_400).default(14_400),
      escalateAfterSeconds: z.int().min(30).optional(),
    })
    .prefault({}),
  channels: Channels.prefault({}),
});
