// AWS::ElasticLoadBalancingV2::TargetGroup, with its targets.
import type { ProtocolEnum, TargetGroupIpAddressTypeEnum, TargetTypeEnum } from '@aws-sdk/client-elastic-load-balancing-v2';
import { flag, integer, list, structure, tag, text, word } from '../shape.ts';
import type { Read } from '../shape.ts';
import { droppedTags, needed, resource, tagsOf } from './resource.ts';
import type { Site } from './resource.ts';

const target = structure({ Id: text }, { AvailabilityZone: text, Port: integer }, ['QuicServerId']);
type Target = Read<typeof target>;

const targetGroup = structure(
  {},
  {
    HealthCheckEnabled: flag,
    HealthCheckIntervalSeconds: integer,
    HealthCheckPath: text,
    HealthCheckPort: text,
    HealthCheckProtocol: word<ProtocolEnum>(),
    HealthCheckTimeoutSeconds: integer,
    HealthyThresholdCount: integer,
    IpAddressType: word<TargetGroupIpAddressTypeEnum>(),
    Matcher: structure({}, { GrpcCode: text, HttpCode: text }),
    Name: text,
    Port: integer,
    Protocol: word<ProtocolEnum>(),
    ProtocolVersion: text,
    Tags: list(tag),
    TargetGroupAttributes: list(structure({}, { Key: text, Value: text })),
    TargetType: word<TargetTypeEnum>(),
    Targets: list(target),
    UnhealthyThresholdCount: integer,
    VpcId: text,
  },
  ['TargetControlPort'],
);
type TargetGroup = Read<typeof targetGroup>;

/** What ModifyTargetGroup can set. */
const checkOf = (p: TargetGroup) => ({
  ...(p.HealthCheckEnabled !== undefined && { HealthCheckEnabled: p.HealthCheckEnabled }),
  ...(p.HealthCheckIntervalSeconds !== undefined && { HealthCheckIntervalSeconds: p.HealthCheckIntervalSeconds }),
  ...(p.HealthCheckPath !== undefined && { HealthCheckPath: p.HealthCheckPath }),
  ...(p.HealthCheckPort !== undefined && { HealthCheckPort: p.HealthCheckPort }),
  ...(p.HealthCheckProtocol !== undefined && { HealthCheckProtocol: p.HealthCheckProtocol }),
  ...(p.HealthCheckTimeoutSeconds !== undefined && { HealthCheckTimeoutSeconds: p.HealthCheckTimeoutSeconds }),
  ...(p.HealthyThresholdCount !== undefined && { HealthyThresholdCount: p.HealthyThresholdCount }),
  ...(p.UnhealthyThresholdCount !== undefined && { UnhealthyThresholdCount: p.UnhealthyThresholdCount }),
  ...(p.Matcher !== undefined && { Matcher: p.Matcher }),
});

async function populate(TargetGroupArn: string, p: TargetGroup, before: TargetGroup | undefined, site: Site): Promise<void> {
  const Attributes = p.TargetGroupAttributes ?? [];
  if (Attributes.length > 0)
    await site.call('elasticloadbalancing', 'ModifyTargetGroupAttributes', { TargetGroupArn, Attributes });
  const left = without(before?.Targets, p.Targets);
  if (left.length > 0) await site.call('elasticloadbalancing', 'DeregisterTargets', { TargetGroupArn, Targets: left });
  const fresh = without(p.Targets, before?.Targets);
  if (fresh.length > 0) await site.call('elasticloadbalancing', 'RegisterTargets', { TargetGroupArn, Targets: fresh });
}

function without(targets: readonly Target[] | undefined, others: readonly Target[] | undefined): Target[] {
  const known = new Set((others ?? []).map((one) => JSON.stringify(one)));
  return (targets ?? []).filter((one) => !known.has(JSON.stringify(one)));
}

const targetGroupResource = resource<TargetGroup>({
  type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  shape: targetGroup,
  attributes: ['TargetGroupArn', 'TargetGroupFullName', 'TargetGroupName'],
  replacedBy: ['IpAddressType', 'Name', 'Port', 'Protocol', 'ProtocolVersion', 'TargetType', 'VpcId'],
  nameProperty: 'Name',
  async create(p, site) {
    const { TargetGroupAttributes: _attributes, Targets: _targets, Tags, ...given } = p;
    const Name = p.Name ?? site.name(32);
    const tags = tagsOf(Tags, site);
    const made = await site.call('elasticloadbalancing', 'CreateTargetGroup', {
      ...given,
      Name,
      ...(tags.length > 0 && { Tags: tags }),
    });
    const TargetGroupArn = needed(made.TargetGroups?.[0]?.TargetGroupArn, 'TargetGroupArn');
    try {
      await populate(TargetGroupArn, p, undefined, site);
    } catch (error) {
      await site.call('elasticloadbalancing', 'DeleteTargetGroup', { TargetGroupArn }).catch(() => undefined);
      throw error;
    }
    const TargetGroupFullName = TargetGroupArn.slice(TargetGroupArn.indexOf('targetgroup/'));
    return { physicalId: TargetGroupArn, attributes: { TargetGroupArn, TargetGroupFullName, TargetGroupName: Name } };
  },
  async update(p, before, standing, site) {
    const TargetGroupArn = standing.physicalId;
    const check = checkOf(p);
    if (Object.keys(check).length > 0) await site.call('elasticloadbalancing', 'ModifyTargetGroup', { TargetGroupArn, ...check });
    await populate(TargetGroupArn, p, before, site);
    const TagKeys = droppedTags(before.Tags, p.Tags);
    if (TagKeys.length > 0) await site.call('elasticloadbalancing', 'RemoveTags', { ResourceArns: [TargetGroupArn], TagKeys });
    const Tags = tagsOf(p.Tags, site);
    if (Tags.length > 0) await site.call('elasticloadbalancing', 'AddTags', { ResourceArns: [TargetGroupArn], Tags });
    return standing;
  },
  async remove({ physicalId: TargetGroupArn }, _p, site) {
    // What is gone already is no mistake to Elastic Load Balancing.
    await site.call('elasticloadbalancing', 'DeleteTargetGroup', { TargetGroupArn });
  },
});

export const elasticLoadBalancingResources = [targetGroupResource];
