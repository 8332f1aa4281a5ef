// A Region before anybody made anything in it: a VPC with a security group and subnets of its own, as a fresh account has.
import type { Ground } from '../ground.ts';
import { zoneLetter, type ParameterGroup, type Region, type SubnetGroup } from './instance.ts';
import { arnOf } from './naming.ts';

/** The zones of RDS's own names, where they are known; Regions beyond have one of the cloud's making. */
const HOSTED_ZONES: Readonly<Record<string, string>> = {
  'eu-central-1': 'Z1RLNUO7B9Q6NB',
  'eu-west-1': 'Z29XKXDKYMONMX',
  'us-east-1': 'Z2R2ITUGPM61AM',
  'us-west-2': 'Z1PVIF0B656C1W',
};
const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
export const HEX = '0123456789abcdef';
const ZONES = 3;

export function newRegion(ground: Ground, name: string): Region {
  const { account, token, uuid } = ground;
  const zones = Array.from({ length: ZONES }, (_, place) => `${name}${zoneLetter(place)}`);
  const subnets = new Map(zones.map((zone) => [`subnet-${token(17, HEX)}`, zone]));
  const standard: SubnetGroup = {
    name: 'default',
    arn: arnOf(name, account, 'subgrp', 'default'),
    description: 'default',
    subnets: [...subnets.keys()],
    tags: new Map(),
  };
  return {
    name,
    suffix: token(12, LOWER),
    hostedZoneId: HOSTED_ZONES[name] ?? `Z${token(13, UPPER)}`,
    vpc: `vpc-${token(17, HEX)}`,
    subnets,
    kmsKeyId: `arn:aws:kms:${name}:${account}:key/${uuid()}`,
    defaultSecurityGroup: `sg-${token(17, HEX)}`,
    admitting: new Set(),
    instances: new Map(),
    reserved: new Set(),
    subnetGroups: new Map([[standard.name, standard]]),
    parameterGroups: new Map(),
    events: [],
  };
}

/** Every family has a group of its own from the first look on. */
export function parameterGroupOf(region: Region, account: string, name: string): ParameterGroup | undefined {
  const [, family] = /^default\.(postgres\d+)$/.exec(name) ?? [];
  if (family === undefined) return region.parameterGroups.get(name);
  return {
    name,
    arn: arnOf(region.name, account, 'pg', name),
    family,
    description: `Default parameter group for ${family}`,
    parameters: new Map(),
    tags: new Map(),
  };
}
