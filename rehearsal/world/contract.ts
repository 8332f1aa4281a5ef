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

export interface ClusterOptions {
  /** The RDS instance's identifier. */
  readonly name: string;
  /** The public endpoint its certificate names. */
  readonly endpoint: string;
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
}
export interface PostgresHost {
  create(options: ClusterOptions): Promise<Cluster>;
  /** A physical copy, as a restored snapshot is: same contents, same system identifier, its own master password and certificate. */
  copy(from: Cluster, options: ClusterOptions): Promise<Cluster>;
  stop(): Promise<void>;
}

/** An HTTP server that plays a machine behind a load balancer, or an S3 website. */
export interface Origin {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
}
