// What the world under the services is made of, and how its builder founds things as they stood before the story begins. Services
// answer AWS's questions about these; what they stand on is real.
import type { Client } from 'pg';

/** The local certificate authority: everybody in the rehearsal trusts it, nobody outside does. */
export interface Authority {
  /** A file with the authority's own certificate (PEM), readable by everybody. */
  readonly file: string;
  readonly pem: string;
  issue(names: readonly string[], validity?: { notBefore?: number; notAfter?: number }): Promise<KeyPair>;
}
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface ClusterOptions extends Place {
  readonly master: { readonly username: string; readonly password: string };
}
/** A PostgreSQL cluster as RDS would run it: TLS, SCRAM, a master that is no superuser, `rdsadmin` with a session in every database. */
export interface Cluster {
  readonly name: string;
  readonly port: number;
  readonly running: boolean;
  /** As `rdsadmin`, over the socket: the world's own hand. The caller ends it. */
  open(database?: string): Promise<Client>;
  start(): Promise<void>;
  /** `immediate` is a crash: no goodbye, sessions cut. */
  stop(how?: 'fast' | 'immediate'): Promise<void>;
  readonly archive: Archive;
  /** What it was made as, where its archive begins: of one that was created or copied. It costs nothing until it is restored. */
  readonly origin: Image | undefined;
  /** Its server ends and its files go; what it archived stays. */
  remove(): Promise<void>;
}
/** A cluster's files at one instant, and no server on them: what storage keeps of it. */
export interface Image {
  readonly bytes: number;
  remove(): Promise<void>;
}
/** The write-ahead log that a cluster hands on while it runs; it outlives the cluster. */
export interface Archive {
  remove(): Promise<void>;
}
/** A copy that follows its source, and only reads until it is promoted. */
export interface Replica extends Cluster {
  streams(): Promise<boolean>;
  /** From then on it goes its own way. */
  promote(): Promise<void>;
}
export interface Place {
  /** The RDS instance's identifier. */
  readonly name: string;
  /** The public endpoint its certificate names. */
  readonly endpoint: string;
}
export interface RestoreOptions extends Place {
  /** What was archived since the image, as far as was committed at or before an instant of the timeline. */
  readonly replay?: { readonly archive: Archive; readonly to: number };
}
export interface PostgresHost {
  create(options: ClusterOptions): Promise<Cluster>;
  /** A physical copy, as a restored snapshot is: same contents, same system identifier, its own master password and certificate. */
  copy(from: Cluster, options: ClusterOptions): Promise<Cluster>;
  /** A certificate for another public name, which it shows from its next start on. */
  certify(cluster: Cluster, endpoint: string): Promise<void>;
  /** Of one that runs or rests: everything committed until this resolves, and nothing later. */
  image(from: Cluster): Promise<Image>;
  /** Contents, roles and passwords as they were; a certificate and an archive of its own. */
  restore(from: Image, options: RestoreOptions): Promise<Cluster>;
  /** Resolves when it streams. */
  replicate(from: Cluster, options: Place): Promise<Replica>;
  stop(): Promise<void>;
}

/** An HTTP server that plays a machine behind a load balancer, or an S3 website. */
export interface Origin {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
}
