// Targets: registered, taken out with time to finish, and how they are.
import { isIPv4 } from 'node:net';
import type { TargetDescription, TargetHealth, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, notImitated } from '../error.ts';
import type { ElbOperations, Room, Target, TargetGroup } from './catalog.ts';
import { targetGroupAt } from './find.ts';
import { asLoadBalancer } from './function-target.ts';
import { beginning, type HealthWatch } from './health.ts';
import { askAbout, askToRead } from './naming.ts';
import { between, refusal, validation } from './refusals.ts';

const MOST_TARGETS = 1_000;

const keyOf = ({ type, port }: TargetGroup, { Id = '', Port = port }: TargetDescription): string =>
  type === 'lambda' ? Id : `${Id}:${Port ?? ''}`;

/** What drained long enough is gone. */
function sweep({ targets }: TargetGroup, now: number): void {
  for (const [key, { drainsUntil = Infinity }] of targets) if (drainsUntil <= now) targets.delete(key);
}

export function targetOperations(room: Room, watch: HealthWatch): ElbOperations {
  const { timeline } = room.ground;
  const groupAt = (call: Parameters<typeof targetGroupAt>[1], arn: string | undefined): TargetGroup => {
    const group = targetGroupAt(room.of, call, arn);
    sweep(group, timeline.now());
    return group;
  };

  return {
    RegisterTargets: {
      asks: ({ TargetGroupArn = '' }, call) => [askAbout(room, call, 'RegisterTargets', TargetGroupArn)],
      async run({ TargetGroupArn, Targets = [] }, call) {
        const group = groupAt(call, TargetGroupArn);
        if (Targets.length === 0) throw validation('At least one target must be specified');
        for (const target of Targets) await requireTarget(room, group, target);
        const fresh = Targets.filter((target) => !standing(group, target));
        const most = group.type === 'lambda' ? 1 : MOST_TARGETS;
        if (new Set([...group.targets.keys(), ...fresh.map((target) => keyOf(group, target))]).size > most)
          throw refusal('TooManyTargets', `The maximum number of targets of a target group '${most}' has been reached`);
        for (const target of fresh) group.targets.set(keyOf(group, target), newTarget(group, target, timeline.now()));
        return {};
      },
    },
    DeregisterTargets: {
      asks: ({ TargetGroupArn = '' }, call) => [askAbout(room, call, 'DeregisterTargets', TargetGroupArn)],
      run({ TargetGroupArn, Targets = [] }, call) {
        const group = groupAt(call, TargetGroupArn);
        if (Targets.length === 0) throw validation('At least one target must be specified');
        const drainsSeconds = Number(group.attributes.get('deregistration_delay.timeout_seconds') ?? '0');
        for (const given of Targets) {
          // Without a port every registration of the target is meant.
          const meant = [...group.targets.values()].filter(({ id, port }) => id === given.Id && (given.Port ?? port) === port);
          for (const target of meant) target.drainsUntil ??= timeline.now() + drainsSeconds * 1000;
        }
        // Nobody serves what is not in use: there is nothing to finish.
        if (!group.inUse)
          for (const [key, { drainsUntil }] of group.targets) if (drainsUntil !== undefined) group.targets.delete(key);
        return {};
      },
    },
    DescribeTargetHealth: {
      asks: askToRead('DescribeTargetHealth'),
      async run({ TargetGroupArn, Targets, Include = [] }, call) {
        const group = groupAt(call, TargetGroupArn);
        if (Include.length > 0) throw notImitated('the Include of DescribeTargetHealth');
        await watch.lookAt(group);
        if (!Targets) return { TargetHealthDescriptions: [...group.targets.values()].map((target) => describe(group, target)) };
        return {
          TargetHealthDescriptions: Targets.map((given) => {
            const target = group.targets.get(keyOf(group, given));
            return target ? describe(group, target) : unregistered(given);
          }),
        };
      },
    },
  };
}

const standing = (group: TargetGroup, given: TargetDescription): boolean => {
  const target = group.targets.get(keyOf(group, given));
  return target !== undefined && target.drainsUntil === undefined;
};

export const newTarget = (group: TargetGroup, { Id = '', Port, AvailabilityZone }: TargetDescription, now: number): Target => ({
  id: Id,
  port: group.type === 'lambda' ? undefined : (Port ?? group.port),
  zone: AvailabilityZone,
  drainsUntil: undefined,
  health: beginning(now),
});

export const targetKey = keyOf;

async function requireTarget(room: Room, group: TargetGroup, given: TargetDescription): Promise<void> {
  const { Id: id = '', Port } = given;
  if (given.QuicServerId !== undefined) throw notImitated('QuicServerId');
  if (group.type === 'lambda') return requireFunction(room, group, id, Port);
  between(Port, 'Port', 1, 65_535);
  if (group.type === 'ip') {
    if (!isIPv4(id)) throw validation(`The IP address '${id}' is not a valid IPv4 address`);
    if (!/^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(id))
      throw refusal('InvalidTarget', `The IP address '${id}' must be within a private range of addresses`);
    return;
  }
  if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw validation(`Instance ID '${id}' is not valid`);
  if (!room.of(group.region).machines.has(id))
    throw refusal('InvalidTarget', `The following targets are not in a running state and cannot be registered: '${id}'`);
}

async function requireFunction(room: Room, group: TargetGroup, id: string, port: number | undefined): Promise<void> {
  if (!/^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(id))
    throw validation(`'${id}' is not a valid Lambda function ARN`);
  if (port !== undefined) throw validation('A port cannot be specified for a Lambda function');
  try {
    // As AWS does: the group must be allowed to call the function before the function can be its target.
    const input = { FunctionName: id, InvocationType: 'DryRun' as const };
    await room.ground.call(asLoadBalancer(room, group), 'lambda', 'Invoke', input, group.region);
  } catch (error) {
    if (!(error instanceof AwsError) || !/AccessDenied|ResourceNotFound/.test(error.code)) throw error;
    throw new AwsError(
      'AccessDenied',
      `elasticloadbalancing principal does not have permission to invoke ${id} from target group ${group.arn}`,
      { status: 403 },
    );
  }
}

function describe(group: TargetGroup, target: Target): TargetHealthDescription {
  const { id, port, zone } = target;
  return {
    Target: { Id: id, ...(port !== undefined && { Port: port }), ...(zone !== undefined && { AvailabilityZone: zone }) },
    ...(port !== undefined && { HealthCheckPort: String(port) }),
    TargetHealth: healthOf(group, target),
  };
}

function healthOf({ inUse, check }: TargetGroup, { drainsUntil, health }: Target): TargetHealth {
  if (drainsUntil !== undefined)
    return { State: 'draining', Reason: 'Target.DeregistrationInProgress', Description: 'Target deregistration is in progress' };
  if (!inUse)
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  if (!check.enabled)
    return {
      State: 'unavailable',
      Reason: 'Target.HealthCheckDisabled',
      Description: 'Health checks are not enabled for this target',
    };
  const { state, reason, description } = health;
  if (state === 'healthy') return { State: state };
  return { State: state, ...(reason && { Reason: reason }), ...(description !== undefined && { Description: description }) };
}

const unregistered = ({ Id, Port }: TargetDescription): TargetHealthDescription => ({
  Target: { Id, ...(Port !== undefined && { Port }) },
  TargetHealth: {
    State: 'unused',
    Reason: 'Target.NotRegistered',
    Description: 'Target is not registered to the target group',
  },
});
