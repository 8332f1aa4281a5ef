// An instance as RDS keeps it, the Region it stands in, and what both are made of.
import type { Event } from '@aws-sdk/client-rds';
import type { Cluster, PostgresHost } from '../../world/contract.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { noInstance } from './failures.ts';
import type { Vault } from './vault.ts';

export interface Instance {
  /** The name it goes by now; all that is derived from it changes with a rename. */
  identifier: string;
  arn: string;
  address: string;
  readonly resourceId: string;
  readonly region: string;
  createdAt: number;
  engineVersion: string;
  settings: Settings;
  /** What was asked for and is not so yet. */
  pending: Pending;
  readonly tags: Map<string, string>;
  /** What RDS says, which an outage of its PostgreSQL does not change by itself. */
  status: string;
  /** Something is being done to it, whatever its status says. */
  busy: boolean;
  /** It stands, and the API does not know it yet under its new name. */
  hidden: boolean;
  /** When it was stopped, while it is. */
  stoppedAt?: number | undefined;
  /** Undefined until it was made. */
  cluster: Cluster | undefined;
  /** The instance it follows, and those that follow it, by name. */
  replicaOf?: string | undefined;
  readonly replicas: Set<string>;
}

export interface Settings {
  readonly databaseName: string | undefined;
  readonly masterUsername: string;
  readonly instanceClass: string;
  readonly allocatedStorageGigabytes: number;
  readonly maxAllocatedStorageGigabytes: number | undefined;
  readonly storageType: string;
  readonly storageEncrypted: boolean;
  readonly kmsKeyId: string;
  readonly multiAz: boolean;
  readonly publiclyAccessible: boolean;
  readonly deletionProtection: boolean;
  readonly copyTagsToSnapshot: boolean;
  readonly autoMinorVersionUpgrade: boolean;
  readonly backupRetentionDays: number;
  readonly backupWindow: string;
  readonly maintenanceWindow: string;
  readonly availabilityZone: string;
  readonly secondaryZone: string | undefined;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string;
  readonly parameterStatus: 'in-sync' | 'applying' | 'pending-reboot';
  readonly optionGroup: string;
}

export type Pending = Partial<
  Pick<
    Settings,
    'instanceClass' | 'allocatedStorageGigabytes' | 'storageType' | 'multiAz' | 'backupRetentionDays' | 'securityGroups'
  >
> & { readonly identifier?: string; readonly password?: string; readonly engineVersion?: string };

export interface SubnetGroup {
  readonly name: string;
  readonly arn: string;
  description: string;
  subnets: readonly string[];
  readonly tags: Map<string, string>;
}

export interface ParameterGroup {
  readonly name: string;
  readonly arn: string;
  readonly family: string;
  readonly description: string;
  /** What differs from the engine's own defaults, by parameter. */
  readonly parameters: Map<string, string>;
  readonly tags: Map<string, string>;
}

export interface Region {
  readonly name: string;
  /** The part of every endpoint that is this account's in this Region, and the zone those names are in. */
  readonly suffix: string;
  readonly hostedZoneId: string;
  readonly vpc: string;
  /** Every subnet that is known, and the zone it is in. */
  readonly subnets: Map<string, string>;
  /** The account's own key for RDS, which encrypts whatever names no other. */
  readonly kmsKeyId: string;
  /** The VPC's own, which an instance has unless told otherwise. It lets in nobody from outside itself. */
  readonly defaultSecurityGroup: string;
  /** Groups that let the estate's functions in: those the world founded an instance with. */
  readonly admitting: Set<string>;
  readonly instances: Map<string, Instance>;
  /** Names that are neither free nor known: of an instance that is just getting another. */
  readonly reserved: Set<string>;
  readonly subnetGroups: Map<string, SubnetGroup>;
  readonly parameterGroups: Map<string, ParameterGroup>;
  readonly events: Event[];
}

/** What keeps an instance's storage beyond itself. */
export interface Snapshots {
  /** Refuses a name that is taken, or one too many. */
  requireRoom(region: Region, identifier: string): void;
  /** A manual one, of the instance as it is at this instant; the promise settles when its data is safe. */
  take(instance: Instance, identifier: string): Promise<void>;
  /** The one that an instance of before the story has. */
  adopt(instance: Instance): Promise<void>;
  /** The automated one, at the end of a backup. */
  backUp(instance: Instance): Promise<void>;
  /** Automated snapshots and archived logs go, or stay as a retained backup until they expire. */
  forget(instance: Instance, how: { readonly keepBackups: boolean }): Promise<void>;
}

export interface Rds {
  readonly ground: Ground;
  readonly in: (region: string) => Region;
  /** Made at first use, ended with the service. */
  readonly host: () => PostgresHost;
  /** Real work: time holds its breath, and the service does not end before it. */
  readonly labour: (work: () => Promise<void>) => Promise<void>;
  /** What is kept of its instances beyond them. */
  readonly vault: (region: string) => Vault;
  snapshots?: Snapshots;
  /** What is begun from now on and never ends. */
  readonly stalled: { snapshots: boolean };
}

export const PORT = 5432;

export function find(rds: Rds, region: string, identifier: string): Instance {
  const found = rds.in(region).instances.get(identifier);
  if (!found || found.hidden) throw noInstance(identifier);
  return found;
}

export const inOrder = (region: Region): Instance[] =>
  [...region.instances.values()].filter(({ hidden }) => !hidden).sort((a, b) => (a.identifier < b.identifier ? -1 : 1));

/** Whoever is only asked about: policies are judged before it is known whether there is such an instance. */
export const known = (rds: Rds, call: Call, given = ''): Instance | undefined =>
  rds.in(call.region).instances.get(given.toLowerCase().split(':').at(-1) ?? '');

/** What exists of an instance by what it is called in this Region's names. */
export const addressOf = ({ suffix, name }: Region, identifier: string): string =>
  `${identifier}.${suffix}.${name}.rds.amazonaws.com`;

export const majorOf = (engineVersion: string): string => engineVersion.split('.')[0] ?? '';
export const familyOf = (engineVersion: string): string => `postgres${majorOf(engineVersion)}`;
export const tagList = ({ tags }: { readonly tags: ReadonlyMap<string, string> }) =>
  [...tags].map(([Key, Value]) => ({ Key, Value }));
export const zoneLetter = (place: number): string => 'abc'[place % 3] ?? 'a';
