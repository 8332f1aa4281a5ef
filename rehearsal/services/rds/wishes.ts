// What may be asked for when an instance is made or changed: each wish checked as RDS checks it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../world/postgres/installation.ts';
import { notImitated } from '../error.ts';
import type { Call } from '../service.ts';
import { invalidCombination, invalidValue, missing, noParameterGroup, noSubnetGroup } from './failures.ts';
import { defaultOptionGroup } from './description.ts';
import { familyOf, majorOf, type ParameterGroup, type Region, type SubnetGroup } from './instance.ts';
import { parameterGroupOf } from './regions.ts';

/** What every instance here has, so that asking for it changes nothing. */
export const HARMLESS = {
  BackupTarget: 'region',
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  DatabaseInsightsMode: 'standard',
  DedicatedLogVolume: false,
  EnableCustomerOwnedIp: false,
  EnableIAMDatabaseAuthentication: false,
  EnablePerformanceInsights: false,
  EngineLifecycleSupport: 'open-source-rds-extended-support',
  LicenseModel: 'postgresql-license',
  ManageMasterUserPassword: false,
  MonitoringInterval: 0,
  NetworkType: 'IPV4',
  Port: 5432,
  DBPortNumber: 5432,
};

const ENGINES = ['postgres', 'mysql', 'mariadb', 'aurora-mysql', 'aurora-postgresql'];
const OTHER_ENGINES = /^(custom-|db2-|oracle-|sqlserver-)/;
export function requireEngine(engine = ''): void {
  if (engine === '') throw missing('Engine');
  if (engine === 'postgres') return;
  if (ENGINES.includes(engine) || OTHER_ENGINES.test(engine)) throw notImitated(`the engine ${engine}`);
  throw invalidValue(`Invalid DB engine: ${engine}`);
}

let version: string | undefined;
/** Major and minor of the PostgreSQL that comes with the laptop. */
export function engineVersion(): string {
  if (version !== undefined) return version;
  const { version: said } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string };
  version = said.split('.').slice(0, 2).join('.');
  return version;
}

/** The oldest and the newest major that RDS has. */
const MAJORS = [11, 18] as const;
export function requireVersion(given: string | undefined): string {
  const own = engineVersion();
  if (given === undefined || given === own || given === majorOf(own)) return own;
  const major = Number(majorOf(given));
  if (/^\d+(\.\d+)?$/.test(given) && major >= MAJORS[0] && major <= MAJORS[1])
    throw notImitated(`PostgreSQL ${given} (the embedded one is ${own})`);
  throw invalidCombination(`Cannot find version ${given} for postgres`);
}

/** Families of which PostgreSQL's present majors run on some size. */
const FAMILIES =
  /^db\.(t3|t4g|m5d?|m6gd?|m6idn?|m6in|m6i|m7g|m7i|m8g|m8gd|r5b?|r5d|r6gd?|r6idn?|r6in|r6i|r7g|r7i|r8g|r8gd|x2g|x2idn|x2iedn)$/;
const SIZES = /^(micro|small|medium|large|\d{0,2}xlarge)$/;
export function requireClass(given: string | undefined, asked = 'DBInstanceClass'): string {
  if (given === undefined || given === '') throw missing(asked);
  const [, family = '', size = ''] = /^(db\.[^.]+)\.(.+)$/.exec(given) ?? [];
  if (!SIZES.test(size)) throw invalidValue(`Invalid DB Instance class: ${given}`);
  if (!FAMILIES.test(family))
    throw invalidCombination(
      `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${given}, Engine=postgres, EngineVersion=${engineVersion()}, LicenseModel=postgresql-license. For supported combinations of instance class and database engine version, see the documentation.`,
    );
  return given;
}

const LEAST_STORAGE: Readonly<Record<string, number>> = { gp2: 20, gp3: 20, io1: 100, io2: 100 };
const MOST_STORAGE = 65_536;
export function requireStorage(gigabytes: number | undefined, type: string): number {
  const least = LEAST_STORAGE[type];
  if (least === undefined) throw invalidValue(`Invalid storage type: ${type}`);
  if (type.startsWith('io')) throw notImitated(`the storage type ${type}`);
  if (gigabytes === undefined) throw missing('AllocatedStorage');
  if (gigabytes < least || gigabytes > MOST_STORAGE) throw wrongStorage(gigabytes, type);
  return gigabytes;
}
export const wrongStorage = (gigabytes: number, type: string): Error =>
  invalidCombination(`Invalid storage size for engine name postgres and storage type ${type}: ${gigabytes}`);

/** Names that PostgreSQL or RDS keeps for itself. */
const RESERVED = ['admin', 'all', 'any', 'current_user', 'public', 'rdsadmin', 'root', 'session_user', 'table', 'user'];
export function requireMaster(given = ''): string {
  if (given === '') throw missing('MasterUsername');
  const reserved = RESERVED.includes(given.toLowerCase()) || /^(pg_|rds)/i.test(given);
  if (reserved) throw invalidValue(`MasterUsername ${given} cannot be used as it is a reserved word used by the engine`);
  if (!/^[a-z][a-z0-9_]{0,62}$/i.test(given)) throw invalidValue('Invalid master user name');
  return given;
}

export function requirePassword(given = ''): string {
  const wrong = (why: string): Error => invalidValue(`The parameter MasterUserPassword is not a valid password${why}`);
  if (given === '') throw missing('MasterUserPassword');
  if (given.length < 8) throw wrong(' because it is shorter than 8 characters.');
  if (given.length > 128) throw wrong(' because it is longer than 128 characters.');
  if (!/^[!#-.0-?A-~]*$/.test(given)) throw wrong(`. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`);
  return given;
}

export function requireDatabase(given: string | undefined): string | undefined {
  if (given === undefined || given === '') return undefined;
  if (!/^[a-z_][a-z0-9_]{0,62}$/i.test(given))
    throw invalidValue('DBName must begin with a letter and contain only alphanumeric characters.');
  if (RESERVED.includes(given.toLowerCase()) || /^(template[01]|postgres)$/i.test(given))
    throw invalidValue(`DBName ${given} cannot be used. It is a reserved word for this engine`);
  return given;
}

const LONGEST_RETENTION_DAYS = 35;
export function requireRetention(days: number): number {
  if (!Number.isInteger(days) || days < 0 || days > LONGEST_RETENTION_DAYS)
    throw invalidValue(
      `Invalid backup retention period: ${days}. Retention period must be between 0 and ${LONGEST_RETENTION_DAYS}.`,
    );
  return days;
}

/** Whose group it is does not matter: there is one VPC. That there is such a group does. */
export function requireSecurityGroups(region: Region, given: readonly string[]): readonly string[] {
  const wrong = given.find((id) => id !== region.defaultSecurityGroup && !region.admitting.has(id));
  if (wrong !== undefined) throw invalidValue(`Invalid security group , groupId= ${wrong}, groupName=.`);
  return [...new Set(given)];
}
export const securityGroupsOr = (region: Region, given: readonly string[] | undefined): readonly string[] =>
  given === undefined || given.length === 0 ? [region.defaultSecurityGroup] : requireSecurityGroups(region, given);

export function requireSubnetGroup(region: Region, given = 'default'): SubnetGroup {
  const found = region.subnetGroups.get(given.toLowerCase());
  if (!found) throw noSubnetGroup(given);
  return found;
}

/** It has to be there, and of the engine's own family. */
export function requireParameterGroup(
  region: Region,
  call: Pick<Call, 'account'>,
  given: string | undefined,
  engine: string,
): ParameterGroup {
  const family = familyOf(engine);
  const name = (given ?? `default.${family}`).toLowerCase();
  const group = parameterGroupOf(region, call.account, name);
  if (!group) throw noParameterGroup(name);
  if (group.family !== family)
    throw invalidCombination(
      `The Parameter Group ${name} with DBParameterGroupFamily ${group.family} cannot be used for this instance. Please use a Parameter Group with DBParameterGroupFamily ${family}`,
    );
  return group;
}

export function requireOptionGroup(given: string | undefined, engine: string): string {
  const standard = defaultOptionGroup(engine);
  if (given !== undefined && given.toLowerCase() !== standard) throw notImitated('option groups beside the default one');
  return standard;
}

export function requireZone(region: Region, group: SubnetGroup, given: string | undefined, multiAz: boolean) {
  const zones = [...new Set(group.subnets.map((subnet) => region.subnets.get(subnet) ?? ''))];
  if (given !== undefined && multiAz)
    throw invalidCombination('Requesting a specific availability zone is not valid for Multi-AZ instances.');
  if (given !== undefined && !zones.includes(given))
    throw invalidValue(`Invalid Availability Zone: ${given}. Valid Availability Zones are: ${zones.join(', ')}`);
  const availabilityZone = given ?? zones[0] ?? '';
  return { availabilityZone, secondaryZone: multiAz ? zones.find((zone) => zone !== availabilityZone) : undefined };
}

const DAY_WINDOW = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;
const DAY = '(mon|tue|wed|thu|fri|sat|sun)';
const WEEK_WINDOW = new RegExp(`^${DAY}:([01]\\d|2[0-3]):[0-5]\\d-${DAY}:([01]\\d|2[0-3]):[0-5]\\d$`);
export const BACKUP_WINDOW = '03:00-03:30';
export const MAINTENANCE_WINDOW = 'sun:04:00-sun:04:30';

export function requireBackupWindow(given: string): string {
  if (!DAY_WINDOW.test(given))
    throw invalidValue(`Invalid backup window format: ${given}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC).`);
  return given;
}
export function requireMaintenanceWindow(given: string): string {
  const window = given.toLowerCase();
  if (!WEEK_WINDOW.test(window))
    throw invalidValue(
      `Invalid maintenance window format: ${given}. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC).`,
    );
  return window;
}
