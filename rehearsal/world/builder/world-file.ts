// A world: what is true when the story begins. Whatever a file does not say is as the estate would have it on a good day.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import type { Estate } from '../../../shared/estate.ts';
import { OWN_LOCALES } from './database.ts';

const FOLDER = join(__dirname, '..', '..', 'worlds');

const seconds = z.int().nonnegative();
const port = z.int().min(1).max(65_535);
const hostname = z.string().endsWith('.', 'a DNS name with its final dot');

const CertificateRule = z.strictObject({
  names: z.array(z.string().min(1)).min(1),
  /** By the timeline; negative for one that has expired. */
  expiresInSeconds: z.int().optional(),
});

/** Those that PostgreSQL brings along, the same on every laptop: its own, and ICU's by their language. */
const locale = z.union([
  z.enum(OWN_LOCALES),
  z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'a language, or a language and a country'),
]);

const EnvironmentWorld = z.strictObject({
  /** `down`: PostgreSQL is stopped. `unreachable`: it runs, and no packet gets to it. */
  database: z.enum(['up', 'down', 'unreachable']).default('up'),
  application: z.enum(['up', 'down']).default('up'),
  /** The environment whose database its application uses; its own when not said. */
  appDatabase: z.string().optional(),
  /** The load balancer's; HTTPS on 443 with every public name and HTTP on 80 when not said. */
  listeners: z
    .array(
      z.strictObject({
        port,
        protocol: z.enum(['HTTP', 'HTTPS']),
        certificates: z.array(CertificateRule).default([]),
        /** Somebody's rule stands there already, under this priority. */
        rule: z.int().positive().optional(),
      }),
    )
    .optional(),
  /** `lost`: the load balancer's addresses answer nobody. */
  loadBalancer: z.enum(['up', 'lost']).default('up'),
  /** `unhealthy`: the check asks for a path that the application does not have. */
  targets: z.enum(['healthy', 'unhealthy']).default('healthy'),
  ipv6: z.boolean().default(true),
  frontEnd: z.boolean().default(true),
  /** The distribution's alternate names; every name that goes by it when not said. */
  alternateNames: z.array(z.string()).optional(),
  distributionCertificate: CertificateRule.optional(),
  /** Whether a copy that the estate allows was ever made to it; otherwise it has tables and people of its own. */
  copied: z.boolean().default(true),
  /** A migration was applied here after the last copy. */
  migratedSinceCopy: z.boolean().default(false),
  /** What RDS says its instance has; as small as a small team's when not said. */
  storageGigabytes: z.int().positive().optional(),
  /** Statements that were run in its database since the last copy: the superuser's first, so that the owner may grant to its roles. */
  sql: z.strictObject({ superuser: z.string().min(1).optional(), owner: z.string().min(1).optional() }).prefault({}),
  /** Its database was created with this locale; a copy has that of what it was copied from. */
  locale: locale.optional(),
});

const NamesWorld = z.strictObject({
  /** What a change takes to reach every name server; drawn from latencies.yml when not said. */
  insync: z.union([seconds, z.literal('never')]).optional(),
  /** The environment each name points to; the primary when not said. */
  to: z.record(hostname, z.string()).default({}),
  /** Names whose alias carries a zone id that is not its target's. */
  wrongZone: z.array(hostname).default([]),
  /** Names without AAAA records. */
  withoutIpv6: z.array(hostname).default([]),
  /** Names with nothing but AAAA records. */
  withoutIpv4: z.array(hostname).default([]),
  /** Records beside these, or instead of the one with the same name and type, as Route 53's API writes them. */
  records: z.array(z.looseObject({ Name: hostname, Type: z.string() })).default([]),
});

const LeaseWorld = z.strictObject({
  writer: z.string().optional(),
  epoch: z.int().positive().default(1),
  fencing: z.int().nonnegative().default(0),
  /** A run that holds it: `stopped` ended without letting go. */
  heldBy: z.enum(['nobody', 'attended', 'unattended', 'stopped']).default('nobody'),
});

const CopyWorld = z.strictObject({
  /** How old the standby's data is when the story begins. */
  ageSeconds: seconds.default(10_800),
  /** Whether the ledger has the mark the copy leaves. */
  marked: z.boolean().default(true),
  ratesPerHour: z.record(z.string(), z.number().nonnegative()).default({ customers: 1, orders: 6, order_lines: 6, sessions: 4 }),
  uploadsPerHour: z.number().nonnegative().default(2),
});

/** What somebody did before the story begins, by hand. */
const Deed = z.union([
  z.strictObject({ secondsAgo: z.int().positive(), of: z.string(), snapshot: z.string().min(1) }),
  z.strictObject({ secondsAgo: z.int().positive(), of: z.string(), sql: z.string().min(1) }),
]);
export type Deed = z.infer<typeof Deed>;
const name = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "an identifier of RDS's");
const days = z.number().nonnegative();

/** Somebody took it by hand. */
const SnapshotWorld = z.strictObject({
  name,
  /** The environment whose instance it is of, or an instance that stands aside. */
  of: z.string(),
  /** How old it is when the story begins. */
  days,
  /** Whether it bears our tag. */
  tagged: z.boolean().default(true),
});

/** An instance that a restore of then put aside, or left behind. */
const AsideWorld = z.strictObject({
  name,
  of: z.string(),
  /** Since when nobody uses it. */
  days,
  what: z.enum(['shelf', 'restored']).default('shelf'),
  status: z.enum(['stopped', 'available']).default('stopped'),
  protected: z.boolean().default(true),
});

export type WorldFile = z.infer<typeof WorldFile> & { readonly name: string };
const WorldFile = z.strictObject({
  /** One sentence: what is the matter, if anything. */
  says: z.string().min(1),
  environments: z.record(z.string(), EnvironmentWorld).default({}),
  names: NamesWorld.prefault({}),
  copy: CopyWorld.prefault({}),
  rows: z.strictObject({ customers: z.int().positive().default(40), orders: seconds.default(200) }).prefault({}),
  /** Whether somebody writes through the public name all the while. */
  visitors: z.enum(['writing', 'none']).default('writing'),
  /** How long ago what is down went down. */
  outageSeconds: seconds.default(120),
  /** Snapshots that were taken, and statements that were run as a database's owner, since the last copy. */
  deeds: z.array(Deed).default([]),
  /** `never`: a snapshot that is begun does not come to its end. */
  rds: z.strictObject({ snapshots: z.enum(['done', 'never']).default('done') }).prefault({}),
  /** The writer lease as the ledger has it; none when not said, as before an app's first run. */
  lease: LeaseWorld.optional(),
  /** Entries of the ledger that stand, by key. */
  ledger: z.record(z.string(), z.looseObject({})).default({}),
  snapshots: z.array(SnapshotWorld).default([]),
  aside: z.array(AsideWorld).default([]),
  /** Chat services that refuse connections. */
  silent: z.array(z.enum(['slack', 'discord', 'webhook'])).default([]),
});
export type EnvironmentWorld = z.infer<typeof EnvironmentWorld>;

export const listWorlds = (): string[] =>
  readdirSync(FOLDER)
    .sort()
    .map((file) => file.replace(/\.yml$/, ''));

export function loadWorld(name: string): WorldFile {
  const path = join(FOLDER, `${name}.yml`);
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(path))
    throw new Error(`there is no world "${name}"; there are: ${listWorlds().join(', ')}`);
  return parseWorld(readFileSync(path, 'utf8'), name);
}

export function parseWorld(text: string, name: string): WorldFile {
  const where = `rehearsal/worlds/${name}.yml`;
  const document = parseDocument(text);
  const [mistake] = document.errors;
  if (mistake) throw new Error(`${where}: ${mistake.message.split('\n')[0] ?? ''}`);
  const parsed = WorldFile.safeParse(document.toJS());
  if (!parsed.success) throw new Error(`${where}:\n${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, name };
}

/** What the world says of things that the estate does not have is a mistake, told before anything is founded. */
export function requireEstate(file: WorldFile, estate: Estate): void {
  const { name, environments, names, lease, deeds, copy, snapshots, aside } = file;
  const own = new Set(Object.keys(estate.environments));
  const apart = new Set(aside.map((one) => one.name));
  const said = new Set(estate.names.map((known) => known.name));
  const unknown = [
    ...Object.keys(environments),
    ...Object.values(environments).flatMap(({ appDatabase }) => appDatabase ?? []),
    ...Object.values(names.to),
    ...(lease?.writer === undefined ? [] : [lease.writer]),
    ...deeds.map(({ of }) => of),
    ...aside.map(({ of }) => of),
    ...snapshots.flatMap(({ of }) => (apart.has(of) ? [] : [of])),
  ].filter((environment) => !own.has(environment));
  if (unknown.length > 0)
    throw new Error(`the world ${name} speaks of ${unknown.join(', ')}; the estate has ${[...own].join(', ')}`);
  const strange = [...Object.keys(names.to), ...names.wrongZone, ...names.withoutIpv6, ...names.withoutIpv4].filter(
    (known) => !said.has(known),
  );
  if (strange.length > 0)
    throw new Error(`the world ${name} speaks of ${strange.join(', ')}; the estate has ${[...said].join(', ')}`);
  const early = deeds.filter(({ secondsAgo }) => secondsAgo >= copy.ageSeconds);
  if (early.length > 0)
    throw new Error(
      `the world ${name} tells of a deed ${early[0]?.secondsAgo ?? 0} s ago, from before the last copy ${copy.ageSeconds} s ago`,
    );
  const foreign = Object.entries(environments).filter(
    ([id, { locale }]) => locale !== undefined && isCopied(estate, id, environments),
  );
  if (foreign.length > 0)
    throw new Error(
      `the world ${name} gives ${foreign.map(([id]) => id).join(', ')} a locale, and a copy has that of its original`,
    );
}

/** Whether its data came from the primary: the estate allows a whole copy, and the world says that one was made. */
export function isCopied({ environments, copies }: Estate, id: string, worlds: WorldFile['environments']): boolean {
  const allowed = copies.some(
    ({ from, to, class: kind }) => environments[from]?.role === 'primary' && to === id && kind === 'raw',
  );
  return allowed && worlds[id]?.copied !== false;
}

export const environmentOf = (world: WorldFile, environment: string): EnvironmentWorld =>
  world.environments[environment] ?? EnvironmentWorld.parse({});

/** Timeline that goes by between the world's founding and the beginning of the story. */
export const historySecondsOf = (world: WorldFile): number =>
  WRITING_BEFORE_COPY_SECONDS + Math.max(world.copy.ageSeconds, world.outageSeconds);
/** The client writes for as long before the copy is made: some of what it wrote is in both. */
export const WRITING_BEFORE_COPY_SECONDS = 60;
