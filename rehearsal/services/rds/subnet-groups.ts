// DB subnet groups: where in the VPC instances may be.
import type { DBSubnetGroup } from '@aws-sdk/client-rds';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { invalidValue, noSubnetGroup, refuseOthers } from './failures.ts';
import type { Rds, Region, SubnetGroup } from './instance.ts';
import { arnOf, askAbout, asksForTags, requestContext } from './naming.ts';
import { pageOf } from './page.ts';
import { tagsFrom } from './tags.ts';

const LEAST_ZONES = 2;

export function createSubnetGroups(rds: Rds): OperationsOf<Sdks['rds']> {
  const tagsOf = (call: Call, name = '') => rds.in(call.region).subnetGroups.get(name.toLowerCase())?.tags;
  const standing = (region: Region, given = ''): SubnetGroup => {
    const found = region.subnetGroups.get(given.toLowerCase());
    if (!found) throw noSubnetGroup(given);
    return found;
  };
  return {
    CreateDBSubnetGroup: {
      asks: (input, call) => [
        askAbout('CreateDBSubnetGroup', 'subgrp', input.DBSubnetGroupName, call, new Map(), requestContext(input.Tags)),
        ...asksForTags('subgrp', input.DBSubnetGroupName, input.Tags, call),
      ],
      run(input, call) {
        refuseOthers('CreateDBSubnetGroup', input, ['DBSubnetGroupName', 'DBSubnetGroupDescription', 'SubnetIds', 'Tags']);
        const region = rds.in(call.region);
        const name = requireName(input.DBSubnetGroupName ?? '');
        if (region.subnetGroups.has(name))
          throw new AwsError('DBSubnetGroupAlreadyExists', `The DB subnet group '${name}' already exists.`);
        const group: SubnetGroup = {
          name,
          arn: arnOf(call.region, call.account, 'subgrp', name),
          description: input.DBSubnetGroupDescription ?? '',
          subnets: requireSubnets(region, input.SubnetIds ?? []),
          tags: tagsFrom(input.Tags),
        };
        region.subnetGroups.set(name, group);
        return { DBSubnetGroup: describeSubnetGroup(group, region) };
      },
    },
    DescribeDBSubnetGroups: {
      asks: ({ DBSubnetGroupName: name }, call) => [askAbout('DescribeDBSubnetGroups', 'subgrp', name, call, tagsOf(call, name))],
      run(input, call) {
        refuseOthers('DescribeDBSubnetGroups', input, ['DBSubnetGroupName', 'MaxRecords', 'Marker']);
        const region = rds.in(call.region);
        const { DBSubnetGroupName: given } = input;
        const found = given === undefined ? [...region.subnetGroups.values()] : [standing(region, given)];
        const sorted = found.sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, next } = pageOf(sorted, input, [call.region, 'subnet groups', given], ({ name }) => name);
        return {
          DBSubnetGroups: items.map((group) => describeSubnetGroup(group, region)),
          ...(next !== undefined && { Marker: next }),
        };
      },
    },
    ModifyDBSubnetGroup: {
      asks: ({ DBSubnetGroupName: name }, call) => [askAbout('ModifyDBSubnetGroup', 'subgrp', name, call, tagsOf(call, name))],
      run(input, call) {
        refuseOthers('ModifyDBSubnetGroup', input, ['DBSubnetGroupName', 'DBSubnetGroupDescription', 'SubnetIds']);
        const region = rds.in(call.region);
        const group = standing(region, input.DBSubnetGroupName);
        group.subnets = requireSubnets(region, input.SubnetIds ?? []);
        group.description = input.DBSubnetGroupDescription ?? group.description;
        return { DBSubnetGroup: describeSubnetGroup(group, region) };
      },
    },
    DeleteDBSubnetGroup: {
      asks: ({ DBSubnetGroupName: name }, call) => [askAbout('DeleteDBSubnetGroup', 'subgrp', name, call, tagsOf(call, name))],
      run(input, call) {
        const region = rds.in(call.region);
        const { name } = standing(region, input.DBSubnetGroupName);
        const user = [...region.instances.values()].find(({ settings }) => settings.subnetGroup === name);
        if (user || name === 'default')
          throw new AwsError(
            'InvalidDBSubnetGroupStateFault',
            user
              ? `Cannot delete the subnet group '${name}' because at least one database instance: ${user.identifier} is still using it.`
              : 'The default DB subnet group cannot be deleted.',
          );
        region.subnetGroups.delete(name);
        return {};
      },
    },
  };
}

export const describeSubnetGroup = ({ name, arn, description, subnets }: SubnetGroup, region: Region): DBSubnetGroup => ({
  DBSubnetGroupName: name,
  DBSubnetGroupDescription: description,
  VpcId: region.vpc,
  SubnetGroupStatus: 'Complete',
  Subnets: subnets.map((SubnetIdentifier) => ({
    SubnetIdentifier,
    SubnetAvailabilityZone: { Name: region.subnets.get(SubnetIdentifier) ?? '' },
    SubnetOutpost: {},
    SubnetStatus: 'Active',
  })),
  DBSubnetGroupArn: arn,
  SupportedNetworkTypes: ['IPV4'],
});

function requireName(given: string): string {
  const name = given.toLowerCase();
  if (!/^[a-z0-9 ._-]{1,255}$/.test(name) || name === 'default')
    throw invalidValue(
      'The parameter DBSubnetGroupName is not a valid identifier: at most 255 letters, digits, periods, underscores, spaces and hyphens, and not "default".',
    );
  return name;
}

function requireSubnets(region: Region, given: readonly string[]): readonly string[] {
  const unknown = given.filter((subnet) => !region.subnets.has(subnet));
  if (given.length === 0 || unknown.length > 0)
    throw new AwsError('InvalidSubnet', `Some input subnets in :[${unknown.join(', ')}] are invalid.`);
  const zones = new Set(given.map((subnet) => region.subnets.get(subnet)));
  if (zones.size < LEAST_ZONES)
    throw new AwsError(
      'DBSubnetGroupDoesNotCoverEnoughAZs',
      `The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: ${[...zones].join(', ')}. Add subnets to cover at least ${LEAST_ZONES} AZs.`,
    );
  return [...given];
}
