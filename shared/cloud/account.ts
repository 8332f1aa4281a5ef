// What `npm run estate:new` reads of an account: what stands there and where names lead, never what is in it.

export type Tags = Readonly<Record<string, string>>;

export interface Thing {
  readonly name: string;
  readonly tags: Tags;
}

export interface Instance extends Thing {
  readonly engine: string;
  readonly status: string;
  /** The cluster that it is a member of. */
  readonly cluster?: string;
  /** The instance that it replicates; one of another Region as an ARN. */
  readonly replicaOf?: string;
  readonly database?: string;
  readonly multiAz: boolean;
  readonly keepsBackups: boolean;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

export interface LoadBalancer extends Thing {
  readonly dnsName: string;
  /** As AWS calls it: `application`, `network`, `gateway`. */
  readonly type: string;
  readonly internal: boolean;
}

/** Its name is its id; people know it by its comment, if at all. */
export interface Distribution extends Thing {
  readonly dnsName: string;
  readonly comment: string;
  readonly enabled: boolean;
  readonly aliases: readonly string[];
  readonly origins: readonly string[];
}

export interface NameRecord {
  readonly name: string;
  readonly type: string;
  /** Hosts that it leads to, by alias or by value; none where it carries addresses. */
  readonly targets: readonly string[];
}
export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  /** Of the types by which a client finds an address; a private zone's are not read. */
  readonly records: readonly NameRecord[];
}

/** Every host and every DNS name is in lower case with its final dot, without `dualstack.`. */
export interface Account {
  /** Twelve digits; undefined where nothing that was read says so. */
  readonly id?: string;
  readonly region: string;
  readonly instances: readonly Instance[];
  readonly loadBalancers: readonly LoadBalancer[];
  readonly distributions: readonly Distribution[];
  readonly zones: readonly Zone[];
  readonly buckets: readonly Thing[];
}

export interface Accounts {
  /** The Region that is asked for, else the one that the SDK finds. Reads only. */
  read(region: string | undefined): Promise<Account>;
}
