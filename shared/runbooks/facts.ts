// What a runbook reads of the world before it decides: plain facts, as the ports hand them over and as a state carries them.
import * as z from 'zod';
import { SequenceFact } from './sequences.ts';

export type Certificate = z.infer<typeof Certificate>;
export const Certificate = z
  .strictObject({
    arn: z.string(),
    names: z.array(z.string()).readonly(),
    notAfter: z.string().nullable(),
    status: z.string(),
  })
  .readonly();

export type Listener = z.infer<typeof Listener>;
export const Listener = z
  .strictObject({
    arn: z.string(),
    protocol: z.enum(['HTTP', 'HTTPS']),
    port: z.int(),
    certificates: z.array(Certificate).readonly(),
    /** The priorities in use, so that a fence finds room before all of them. */
    priorities: z.array(z.number()).readonly(),
    /** The run whose fence stands on it. */
    fencedBy: z.string().nullable(),
  })
  .readonly();

/** One door of an environment, as its control plane describes it. */
export type Front = z.infer<typeof Front>;
export const Front = z
  .strictObject({
    kind: z.enum(['loadBalancer', 'distribution']),
    id: z.string(),
    arn: z.string(),
    /** Where an alias record points, with its final dot, and the zone id that goes with it. */
    dnsName: z.string(),
    zoneId: z.string(),
    ipv6: z.boolean(),
    /** Whether it is deployed and takes requests. */
    active: z.boolean(),
    listeners: z.array(Listener).readonly(),
    /** A distribution's alternate names; a load balancer serves any name. */
    alternateNames: z.array(z.string()).readonly().nullable(),
    targets: z
      .array(z.strictObject({ group: z.string(), id: z.string(), health: z.string(), reason: z.string() }).readonly())
      .readonly(),
  })
  .readonly();

/** The marks of the last copy, by which the rows written since are counted. */
export type SinceMark = z.infer<typeof SinceMark>;
export const SinceMark = z
  .strictObject({
    table: z.string(),
    rows: z.int().nonnegative(),
    key: z.strictObject({ column: z.string(), max: z.string() }).readonly().nullable(),
  })
  .readonly();

/** What a database says of itself. */
export type DatabaseFacts = z.infer<typeof DatabaseFacts>;
export const DatabaseFacts = z
  .strictObject({
    environment: z.string(),
    reachable: z.boolean(),
    /** Why not. */
    trouble: z.string().nullable(),
    /** `<cluster's own identity>/<database>`: two environments with one value share a database. */
    identity: z.string().nullable(),
    endpoint: z.string().nullable(),
    /** The newest heartbeat of each environment's application found in this database: instant written by the application. */
    heartbeats: z.record(z.string(), z.string()).readonly(),
    /** The newest migration applied. */
    migration: z.string().nullable(),
    tables: z.array(SinceMark).readonly(),
    /** Rows written since the marks that were given, where a table's key tells. */
    since: z
      .array(z.strictObject({ table: z.string(), rows: z.int().nonnegative(), by: z.enum(['key', 'count']) }).readonly())
      .readonly(),
    /** Who may connect, as granted: `public` is PUBLIC. */
    connect: z.array(z.string()).readonly(),
    /** Nobody may connect but the master, as whom it was read. */
    fenced: z.boolean(),
    sequences: z.array(SequenceFact).readonly(),
  })
  .readonly();

/** What the application says of itself when asked deeply, through one door and with the public name. */
export type Health = z.infer<typeof Health>;
export const Health = z
  .strictObject({
    /** Null when there was no answer. */
    status: z.int().nullable(),
    environment: z.string().nullable(),
    /** `<endpoint host>/<database>` */
    database: z.string().nullable(),
    build: z.string().nullable(),
    migration: z.string().nullable(),
    /** Why there was no answer, or what is wrong with its certificate. */
    trouble: z.string().nullable(),
  })
  .readonly();

/** What was answered from outside, as the port tells it. */
export interface Answered {
  readonly status: number | null;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly trouble: string | null;
}

const Told = z.looseObject({
  environment: z.string().nullable().catch(null),
  database: z.string().nullable().catch(null),
  build: z.string().nullable().catch(null),
  migration: z.string().nullable().catch(null),
});

/** An answer that is no JSON of ours says nothing of who gave it: its status stands alone. */
export function readHealth({ status, body, trouble }: Answered): Health {
  const told = Told.safeParse(parsed(body));
  const { environment, database, build, migration } = told.success ? told.data : NOBODY;
  return { status, environment, database, build, migration, trouble };
}
const NOBODY = { environment: null, database: null, build: null, migration: null };

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
