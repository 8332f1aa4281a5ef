// What a runbook needs from a cloud, and nothing more. Steps see only this.
import type { Database, Estate, PublicName } from '../estate.ts';
import type { Posted } from '../runbooks/approval.ts';
import type { DatabaseFacts, Front, SinceMark } from '../runbooks/facts.ts';
import type { Divergence, RowDifference } from '../runbooks/divergence.ts';
import type { RecordChange, RecordSet } from '../runbooks/journal.ts';
import type { InstanceFacts, InstanceSettings, Place, SnapshotFacts } from '../runbooks/instances.ts';
import type { Examined } from '../runbooks/restored.ts';
import type { SequenceTarget } from '../runbooks/sequences.ts';
import type { UploadDivergence } from '../runbooks/uploads.ts';
import type { BucketPair } from '../runbooks/upload-pair.ts';
import type { Copying, Dumps, Laying, Shelves } from './copying-ports.ts';

export type { Copying, CopyOrder, Dumps, Laying, Renaming, Shelves } from './copying-ports.ts';
export type { Certificate, DatabaseFacts, Front, Health, Listener, SinceMark } from '../runbooks/facts.ts';

export interface Cloud {
  readonly estate: Estate;
  readonly ledger: Ledger;
  readonly tasks: Tasks;
  readonly post: Post;
  readonly channels: Channels;
  readonly slack: Slack;
  readonly names: Names;
  readonly web: Web;
  readonly uploads: Uploads;
  readonly databases: Databases;
  readonly laying: Laying;
  readonly copying: Copying;
  readonly shelves: Shelves;
  readonly dumps: Dumps;
  readonly instances: Instances;
  readonly servers: Servers;
  readonly serverNames: ServerNames;
  readonly connections: Connections;
  readonly restored: Restored;
  readonly metrics: Metrics;
  readonly outside: Outside;
  readonly executions: Executions;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** An entry and the mark of the version that was read. */
export interface Entry {
  readonly body: unknown;
  readonly version: string;
}

export interface Listed {
  readonly key: string;
  readonly writtenAt: string;
  readonly bytes: number;
}

/** All durable state: objects changed only by conditional writes. A write whose answer was lost recognises itself. */
export interface Ledger {
  read(key: string): Promise<Entry | undefined>;
  /** False when the key exists already and is not this very write. */
  create(key: string, body: object): Promise<boolean>;
  /** False when the entry is no longer the version that was read. */
  replace(key: string, body: object, version: string): Promise<boolean>;
  /** What lies under a prefix, in the order of the alphabet, each with the instant of its last writing. */
  list(prefix: string): Promise<readonly Listed[]>;
  /** A page for people, or the same facts for programs, told apart by the key's ending. Overwrites its own earlier writing. */
  publish(key: string, text: string): Promise<void>;
}

/** The state machine's waiting tasks. `gone` when nothing waits under the token any more. */
export interface Tasks {
  succeed(token: string, output: object): Promise<'delivered' | 'gone'>;
  fail(token: string, error: string, cause: string): Promise<'delivered' | 'gone'>;
}

/** A message to one approver alone; what is in it may be secret. Every way that approver can be reached is tried. */
export interface Post {
  /** The ways it went (`e-mail`, `Slack`) and those that failed, with what was said. Throws only if every way failed. */
  deliver(message: { readonly approver: string; readonly subject: string; readonly text: string }): Promise<Delivery>;
}
export interface Delivery {
  readonly sent: readonly string[];
  readonly silent: readonly { readonly way: string; readonly why: string }[];
}

/** The team's shared channels. Nothing said here is secret, and a silent channel is told, never thrown. */
export interface Channels {
  /** `posted` are the messages that can be changed in place. */
  announce(message: Announcement): Promise<Delivery & { readonly posted: readonly Posted[] }>;
  /** Says something else in the place of what was posted. */
  replace(posted: Posted, message: Announcement): Promise<Delivery>;
}
export interface Announcement {
  readonly kind: 'asking' | 'succeeded' | 'failed' | 'note';
  readonly title: string;
  /** Plain words, a line each. */
  readonly lines: readonly string[];
  /** Run, runbook and what a program may want to know. */
  readonly facts: Readonly<Record<string, string>>;
  /** What may be pressed where a channel has buttons. */
  readonly asks?: {
    readonly approval: string;
    readonly buttons: readonly Button[];
    /** What is told once more before a yes counts, where a channel can. */
    readonly before?: string;
  };
  /** By channel: an address that no person sees, to learn whether programs open links there. */
  readonly decoys?: Readonly<Record<string, string>>;
}
export type Button = 'approve' | 'refuse' | 'stop';

/** Slack's side of its own buttons. */
export interface Slack {
  /** Whether Slack sent this, by its signature over the raw bytes. */
  sent(signed: Signed): Promise<boolean>;
  /** A word in a channel that only this member sees. Silence is told, never thrown. */
  whisper(channel: string, member: string, text: string): Promise<Delivery>;
}
export interface Signed {
  readonly timestamp: string;
  readonly signature: string;
  readonly body: Buffer;
}

/** The zones' records. */
export interface Names {
  /** Every record set of the name, of every type, as the API carries it. */
  read(name: PublicName): Promise<RecordSet[]>;
  /** All changes in one batch, or none; answers the change's id. A batch already made is the caller's to recognise. */
  change(zone: string, changes: readonly RecordChange[], comment: string): Promise<string>;
  /** Whether every authoritative server has heard of the change. */
  inSync(change: string): Promise<boolean>;
  /** The zone's own name servers. */
  serversOf(zone: string): Promise<string[]>;
}

/** Load balancers, distributions and their certificates. */
export interface Web {
  /** Undefined when it does not exist. */
  read(environment: string, kind: Front['kind']): Promise<Front | undefined>;
  /** Puts a rule before all others that answers 503 with Retry-After; finds its own rule when it is there already. */
  fence(environment: string, listener: string, run: string): Promise<void>;
  /** Takes away the rule that this run's fence put there, and no other. */
  unfence(listener: string, run: string): Promise<void>;
}

/** What people uploaded. */
export interface Uploads {
  /** Objects written since; `more` when there are so many that counting stopped. */
  countSince(bucket: string, since: Date): Promise<{ count: number; more: boolean }>;
  /** What was written there since, and what stands here under the same keys: by the buckets' listings, no object is read. */
  compare(here: string, there: string, since: Date): Promise<UploadDivergence>;
  /** Copies these objects with their metadata and tags. Safe to repeat. Answers those that were gone by then. `heed` is asked before each. */
  copy(from: string, to: string, keys: readonly string[], heed?: () => Promise<void>): Promise<readonly string[]>;
  /** Two buckets by their listings, whole. */
  pair(from: string, to: string): Promise<BucketPair>;
  /** Takes these away; whoever keeps versions has them still. */
  remove(bucket: string, keys: readonly string[]): Promise<void>;
}

/** PostgreSQL, reached from inside the network with passwords that pass from Secrets Manager to the connection only. */
export interface Databases {
  /**
   * Never throws for a database that is not there: that is a fact, and so is one that is fenced already. One that is full or slow has
   * answered: it throws, or tells in `trouble` what it left out.
   */
  read(environment: string, database: Database, since: readonly SinceMark[]): Promise<DatabaseFacts>;
  /** Takes CONNECT from everybody but the master, ends every session but superusers' one by one, and proves it: see `FenceProof`. */
  fence(database: Database, place?: Place): Promise<FenceProof>;
  /** Gives CONNECT back to exactly these. */
  unfence(database: Database, connect: readonly string[]): Promise<void>;
  /** The heartbeat that carries this note, if this database has it. Throws where it cannot be asked. */
  findNote(database: Database, note: string): Promise<{ readonly environment: string; readonly writtenAt: string } | undefined>;
  /** What each has that the other has not. Reads only, both as they stand at one instant each; what is not compared in time is told. */
  compare(here: ComparedDatabase, there: ComparedDatabase, seconds: number, only?: readonly string[]): Promise<Divergence>;
  /** Writes these rows as they are, all in one transaction or none: no trigger fires, foreign keys are judged at its end. */
  merge(database: Database, rows: readonly RowDifference[]): Promise<void>;
  /** What a merge of these rows wrote, taken back in one transaction: where somebody has changed a row since, none of it. */
  revert(database: Database, rows: readonly RowDifference[]): Promise<void>;
  /** The transaction before which everything in this database was written. */
  instant(database: Database): Promise<string>;
  /** Moves sequences ahead, never back; one that is farther stays. */
  leap(database: Database, targets: readonly SequenceTarget[]): Promise<void>;
}
export interface ComparedDatabase {
  readonly environment: string;
  readonly database: Database;
  /** Another server than the one that the environment's secret leads to. */
  readonly place?: Place;
  /** An `instant`: rows written from then on are the ones written since the two parted. Null where nobody noted one. */
  readonly since: string | null;
}
/** Writes tried with the application's own role after the fence: both must have failed. */
export interface FenceProof {
  /** From a session opened before the fence: what PostgreSQL said. Null when the write went through. */
  readonly openSession: string | null;
  readonly newSession: string | null;
  readonly ended: number;
  /** Superusers' sessions, which refuse to be ended and write nothing of ours. */
  readonly spared: number;
}

/** The servers that databases run on, and what storage keeps of them, as RDS tells of them. */
export interface Instances {
  /** Null where there is no such instance. */
  storageBytes(instance: string): Promise<number | null>;
  /** By its name, or by the name it answers under. */
  find(instance: string): Promise<InstanceFacts | null>;
  /** Those that bear our tag. */
  ours(app: string): Promise<InstanceFacts[]>;
  snapshot(snapshot: string): Promise<SnapshotFacts | null>;
  /** By the instance's own identity, or by a name that it had; the newest first. */
  snapshots(of: { readonly resourceId: string } | { readonly instance: string }): Promise<SnapshotFacts[]>;
  /** Every manual one of the account and Region, whosever it is; the newest first. */
  manualSnapshots(): Promise<SnapshotFacts[]>;
  /** Those of them that bear our tag. */
  ourSnapshots(app: string): Promise<SnapshotFacts[]>;
  /** From when to when it can be restored to a second; null without backups. */
  window(resourceId: string): Promise<{ readonly earliest: string; readonly latest: string } | null>;
}

/** Making, dressing, putting aside and removing servers. Each answers at once: how far it is, `Instances` tells. */
export interface Servers {
  /** One that is there already is left as it is: whose it is and of when, the caller looks. */
  takeSnapshot(instance: string, snapshot: string, tags: Tags): Promise<void>;
  restore(from: RestoreFrom, as: NewServer): Promise<void>;
  /** At once, not in the next maintenance. With a secret's name its password becomes the master's. */
  adjust(instance: string, settings: Partial<InstanceSettings>, secret: string | null): Promise<void>;
  /** A snapshot of its last state is taken before it stands still. */
  stop(instance: string, lastSnapshot: string | null): Promise<void>;
  start(instance: string): Promise<void>;
  /** Without another snapshot: whoever asks has verified one. */
  remove(instance: string): Promise<void>;
  removeSnapshot(snapshot: string): Promise<void>;
  tag(arn: string, tags: Tags): Promise<void>;
}
/** What they are called. The old name is free at once, the new one answers after its time. */
export interface ServerNames {
  /** Null where there is none of that name. */
  find(instance: string): Promise<InstanceFacts | null>;
  rename(instance: string, to: string): Promise<void>;
}
export type Tags = Readonly<Record<string, string>>;
export type RestoreFrom =
  | { readonly kind: 'snapshot'; readonly snapshot: string }
  | { readonly kind: 'point'; readonly resourceId: string; readonly at: string };
export interface NewServer {
  readonly instance: string;
  readonly settings: InstanceSettings;
  readonly tags: Tags;
}

/** Where an environment's application, and we, find its database. */
export interface Connections {
  /** Every pointer that the estate names, each with the host that it leads to; null for one that is not there. */
  read(environment: string): Promise<readonly Pointer[]>;
  /** All of them, one after the other. Those that lead there already stay. */
  point(environment: string, to: Place): Promise<void>;
}
export interface Pointer {
  readonly kind: 'secret' | 'parameter' | 'name';
  readonly name: string;
  readonly host: string | null;
}

/** A database that came from a snapshot, before anybody reads it. */
export interface Restored {
  /**
   * The application's role gets the password that its secret has, and these may connect where a fence was restored along. `origin` is
   * whose passwords came with it, where it is another's database.
   */
  admit(database: Database, place: Place, connect: readonly string[], origin: Database | null): Promise<void>;
  /** Every row is read once, so that nobody waits for storage afterwards; the application's role reads and writes. */
  examine(environment: string, database: Database, place: Place): Promise<Examined>;
}

/** Numbers that alarms watch. */
export interface Metrics {
  put(metric: {
    readonly name: string;
    readonly value: number;
    readonly unit: 'Seconds' | 'Count';
    /** What it is a number of. */
    readonly of: Readonly<Record<string, string>>;
  }): void;
}

/** Asked as a server: whichever one leads our own requests. */
export const OWN_RESOLVER = 'our own resolver';

/** The world as anybody outside sees it. */
export interface Outside {
  /** What one server answers for a name and type, sorted; none where it says so. A server that says nothing is CloudTransient. */
  lookUp(server: string, name: string, type: 'A' | 'AAAA'): Promise<readonly Given[]>;
  /**
   * A request for `path` with that name as Host and SNI. `at` sends it to another host than the name says (a shadow request).
   * The certificate is checked against the name; what is wrong with it is told in `trouble`.
   */
  ask(request: OutsideRequest): Promise<OutsideAnswer>;
}
/** An address, and for how many seconds at most a resolver goes on giving it: told by the same answer, or it may be another's. */
export interface Given {
  readonly address: string;
  readonly keepsSeconds: number;
}
export interface OutsideRequest {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  readonly at?: string;
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  /** Whoever answers is believed to be the one that was asked. */
  readonly anyCertificate?: boolean;
}
export interface OutsideAnswer {
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly trouble: string | null;
}

/** Executions of our own machines. */
export interface Executions {
  /** Undefined when Step Functions knows no such execution. */
  read(
    execution: string,
  ): Promise<{ readonly running: boolean; readonly status: string; readonly stoppedAt: string | null } | undefined>;
  stop(execution: string, error: string, cause: string): Promise<void>;
}

export interface Clock {
  now(): Date;
  /** For less than what a wait of the machine can tell. */
  pause(seconds: number): Promise<void>;
}

export interface Chance {
  /** At least 256 bits, URL-safe. */
  secret(): string;
}
