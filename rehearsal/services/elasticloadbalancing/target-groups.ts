// Target groups: where a rule may forward to, and how its targets are checked.
import type { TargetGroup as Described } from '@aws-sdk/client-elastic-load-balancing-v2';
import { notImitated } from '../error.ts';
import { initialAttributes, listed, ofGroups, setAttributes } from './attributes.ts';
import { type ElbOperations, type HealthCheck, type Room, type TargetGroup, usersOf } from './catalog.ts';
import { loadBalancerAt, targetGroupAt } from './find.ts';
import { isMatcher } from './health.ts';
import { askAbout, askToCreate, askToRead, hexId, targetGroupArn } from './naming.ts';
import { paged } from './paging.ts';
import { between, noTargetGroup, oneOf, refusal, validation } from './refusals.ts';
import { tagsOf } from './tagging.ts';

const MOST_GROUPS = 3_000;
const TYPES = ['instance', 'ip', 'lambda', 'alb'];

/** What a group has unless it is told otherwise; functions are checked less often, and only when that is asked for. */
export const initialCheck = (type: TargetGroup['type'], port?: string): HealthCheck => ({
  enabled: type !== 'lambda',
  port: port ?? 'traffic-port',
  path: '/',
  intervalSeconds: type === 'lambda' ? 35 : 30,
  timeoutSeconds: type === 'lambda' ? 30 : 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: { HttpCode: '200' },
});

export const newGroup = (
  room: Room,
  region: string,
  given: Pick<TargetGroup, 'name' | 'type' | 'port' | 'vpcId' | 'check'>,
): TargetGroup => ({
  ...given,
  arn: targetGroupArn(room, region, given.name, hexId(room)),
  region,
  attributes: initialAttributes(ofGroups(given.type)),
  tags: new Map(),
  targets: new Map(),
  inUse: false,
  turn: 0,
});

function describe(room: Room, { arn, name, region, type, port, vpcId, check }: TargetGroup): Described {
  const server = type !== 'lambda';
  return {
    TargetGroupArn: arn,
    TargetGroupName: name,
    ...(server && { Protocol: 'HTTP', Port: port, VpcId: vpcId, ProtocolVersion: 'HTTP1', HealthCheckProtocol: 'HTTP' }),
    ...(server && { HealthCheckPort: check.port }),
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: check.path,
    Matcher: check.matcher,
    LoadBalancerArns: usersOf(room.of(region), arn).map((user) => user.arn),
    TargetType: type,
    IpAddressType: 'ipv4',
  };
}

interface GivenCheck {
  readonly HealthCheckProtocol?: string | undefined;
  readonly HealthCheckPort?: string | undefined;
  readonly HealthCheckEnabled?: boolean | undefined;
  readonly HealthCheckPath?: string | undefined;
  readonly HealthCheckIntervalSeconds?: number | undefined;
  readonly HealthCheckTimeoutSeconds?: number | undefined;
  readonly HealthyThresholdCount?: number | undefined;
  readonly UnhealthyThresholdCount?: number | undefined;
  readonly Matcher?: { readonly HttpCode?: string | undefined; readonly GrpcCode?: string | undefined } | undefined;
}

function readCheck(type: TargetGroup['type'], before: HealthCheck, given: GivenCheck): HealthCheck {
  if (given.HealthCheckProtocol !== undefined && given.HealthCheckProtocol !== 'HTTP')
    throw notImitated(`health checks over ${given.HealthCheckProtocol}`);
  if (given.HealthCheckPort !== undefined && given.HealthCheckPort !== 'traffic-port')
    throw notImitated('health checks at another port than the traffic’s');
  if (given.HealthCheckEnabled === false && type !== 'lambda')
    throw validation('Health check enabled must be true for target groups with target type other than lambda');
  if (given.HealthCheckEnabled === true && type === 'lambda') throw notImitated('health checks of functions');
  const check: HealthCheck = {
    enabled: given.HealthCheckEnabled ?? before.enabled,
    port: before.port,
    path: given.HealthCheckPath ?? before.path,
    intervalSeconds: given.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: given.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThreshold: given.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: given.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    matcher: given.Matcher?.HttpCode === undefined ? before.matcher : { HttpCode: given.Matcher.HttpCode },
  };
  if (given.Matcher?.GrpcCode !== undefined) throw validation('You cannot specify a gRPC code for an HTTP1 target group');
  requireGood(check);
  return check;
}

function requireGood({
  path,
  intervalSeconds,
  timeoutSeconds,
  healthyThreshold,
  unhealthyThreshold,
  matcher,
}: HealthCheck): void {
  if (!/^\/[!-~]{0,1023}$/.test(path)) throw validation(`Health check path '${path}' must begin with a '/' and have no spaces`);
  between(intervalSeconds, 'Health check interval', 5, 300);
  between(timeoutSeconds, 'Health check timeout', 2, 120);
  between(healthyThreshold, 'Healthy threshold count', 2, 10);
  between(unhealthyThreshold, 'Unhealthy threshold count', 2, 10);
  if (timeoutSeconds >= intervalSeconds) throw validation('Health check timeout must be smaller than the health check interval');
  if (!isMatcher(matcher.HttpCode ?? ''))
    throw validation(`Health check matcher HTTP code '${matcher.HttpCode ?? ''}' is not valid`);
}

export const targetGroupOperations = (room: Room): ElbOperations => ({
  DescribeTargetGroups: {
    asks: askToRead('DescribeTargetGroups'),
    run(input, call) {
      const { LoadBalancerArn: user, TargetGroupArns: arns, Names: names } = input;
      if ([user, arns, names].filter((one) => one !== undefined).length > 1)
        throw validation('Only one of load balancer ARN, target group ARNs and names can be specified');
      const state = room.of(call.region);
      const all = [...state.targetGroups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      if ((arns ?? []).some((arn) => !state.targetGroups.has(arn))) throw noTargetGroup();
      if ((names ?? []).some((name) => !all.some((group) => group.name === name))) throw noTargetGroup();
      const of = user === undefined ? undefined : loadBalancerAt(room.of, call, user);
      const found = all.filter(
        ({ arn, name }) =>
          (arns?.includes(arn) ?? true) &&
          (names?.includes(name) ?? true) &&
          (of === undefined || usersOf(state, arn).includes(of)),
      );
      const { items, next } = paged(found, input);
      return { TargetGroups: items.map((group) => describe(room, group)), ...next };
    },
  },
  CreateTargetGroup: {
    asks: ({ Name = '', Tags }, call) => {
      const made = targetGroupArn(room, call.region, Name, '*');
      return askToCreate(room, call, 'CreateTargetGroup', made, made, Tags);
    },
    run(input, call) {
      const { Name: name = '', TargetType: type = 'instance', Port: port, VpcId: vpcId } = input;
      oneOf(type, 'targetType', TYPES);
      if (type === 'alb') throw notImitated('target groups of load balancers');
      if (!/^(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(name))
        throw validation(
          `Target group name '${name}' must be 1 to 32 letters, digits and hyphens, and not begin or end with a hyphen`,
        );
      requireServer(input, type);
      const state = room.of(call.region);
      const check = readCheck(type, initialCheck(type), input);
      const tags = tagsOf(input.Tags);
      if ([...state.targetGroups.values()].some((group) => group.name === name))
        throw refusal(
          'DuplicateTargetGroupName',
          `A target group with the same name '${name}' exists, but with different settings`,
        );
      if (state.targetGroups.size >= MOST_GROUPS)
        throw refusal('TooManyTargetGroups', 'The maximum number of target groups has been reached');
      const group = newGroup(room, call.region, { name, type, port, vpcId, check });
      for (const [key, value] of tags) group.tags.set(key, value);
      state.targetGroups.set(group.arn, group);
      return { TargetGroups: [describe(room, group)] };
    },
  },
  ModifyTargetGroup: {
    asks: ({ TargetGroupArn = '' }, call) => [askAbout(room, call, 'ModifyTargetGroup', TargetGroupArn)],
    run({ TargetGroupArn, ...given }, call) {
      const group = targetGroupAt(room.of, call, TargetGroupArn);
      group.check = readCheck(group.type, group.check, given);
      return { TargetGroups: [describe(room, group)] };
    },
  },
  DeleteTargetGroup: {
    asks: ({ TargetGroupArn = '' }, call) => [askAbout(room, call, 'DeleteTargetGroup', TargetGroupArn)],
    run({ TargetGroupArn = '' }, call) {
      const state = room.of(call.region);
      if (usersOf(state, TargetGroupArn).length > 0)
        throw refusal('ResourceInUse', `Target group '${TargetGroupArn}' is currently in use by a listener or a rule`);
      // What is not there is deleted already.
      state.targetGroups.delete(TargetGroupArn);
      return {};
    },
  },
  DescribeTargetGroupAttributes: {
    asks: askToRead('DescribeTargetGroupAttributes'),
    run: ({ TargetGroupArn }, call) => ({ Attributes: listed(targetGroupAt(room.of, call, TargetGroupArn).attributes) }),
  },
  ModifyTargetGroupAttributes: {
    asks: ({ TargetGroupArn = '' }, call) => [askAbout(room, call, 'ModifyTargetGroupAttributes', TargetGroupArn)],
    run({ TargetGroupArn, Attributes }, call) {
      const { attributes, type } = targetGroupAt(room.of, call, TargetGroupArn);
      setAttributes(attributes, ofGroups(type), Attributes);
      return { Attributes: listed(attributes) };
    },
  },
});

interface GivenServer {
  readonly Protocol?: string | undefined;
  readonly ProtocolVersion?: string | undefined;
  readonly Port?: number | undefined;
  readonly VpcId?: string | undefined;
  readonly IpAddressType?: string | undefined;
  readonly TargetControlPort?: number | undefined;
}

function requireServer(
  { Protocol, ProtocolVersion, Port, VpcId, IpAddressType, TargetControlPort }: GivenServer,
  type: string,
): void {
  if (TargetControlPort !== undefined) throw notImitated('TargetControlPort');
  if (type === 'lambda') {
    if ([Protocol, ProtocolVersion, Port, VpcId].some((one) => one !== undefined))
      throw validation('Protocol, port and VPC cannot be specified for target groups with target type lambda');
    return;
  }
  if (Protocol === undefined) throw validation('A protocol must be specified');
  if (Protocol !== 'HTTP') throw notImitated(`target groups over ${Protocol}`);
  if (ProtocolVersion !== undefined && ProtocolVersion !== 'HTTP1') throw notImitated(`target groups over ${ProtocolVersion}`);
  if (IpAddressType !== undefined && IpAddressType !== 'ipv4') throw notImitated('target groups of IPv6 addresses');
  if (Port === undefined) throw validation('A port must be specified');
  between(Port, 'Port', 1, 65_535);
  if (VpcId === undefined) throw validation('A VPC ID must be specified');
  if (!/^vpc-[0-9a-f]{8,17}$/.test(VpcId)) throw validation(`The VPC ID '${VpcId}' is not found`);
}
