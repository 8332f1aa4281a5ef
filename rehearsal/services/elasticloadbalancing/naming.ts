// ARNs, DNS names, addresses and the zone ids that aliases to load balancers carry.
import type { Ask } from '../../iam/ask.ts';
import { requestTags } from '../request-tags.ts';
import type { Call } from '../service.ts';
import { listenersOf, type LoadBalancer, type RegionState, type Room, type Tags } from './catalog.ts';

const HEX = '0123456789abcdef';

/** https://docs.aws.amazon.com/general/latest/gr/elb.html: of application load balancers, by Region. */
const ZONE_IDS: Readonly<Record<string, string>> = {
  'ap-northeast-1': 'Z14GRHDCWA56QT',
  'ap-northeast-2': 'ZWKZPGTI48KDX',
  'ap-northeast-3': 'Z5LXEXXYW11ES',
  'ap-south-1': 'ZP97RAFLXTNZK',
  'ap-southeast-1': 'Z1LMS91P8CMLE5',
  'ap-southeast-2': 'Z1GM3OXH4ZPM65',
  'ca-central-1': 'ZQSVJUPU6J1EY',
  'eu-central-1': 'Z215JYRZR1TBD5',
  'eu-north-1': 'Z23TAZ6LKFMNIO',
  'eu-west-1': 'Z32O12XQLNTSW2',
  'eu-west-2': 'ZHURV8PSTC4K8',
  'eu-west-3': 'Z3Q77PNBQS71R4',
  'sa-east-1': 'Z2P70J7HTTTPLU',
  'us-east-1': 'Z35SXDOTRQ7X7K',
  'us-east-2': 'Z3AADJGX6KTTL2',
  'us-west-1': 'Z368ELLRRE2KJ0',
  'us-west-2': 'Z1H1FL5HABSF5',
};

export function zoneIdOf(region: string): string {
  const id = ZONE_IDS[region];
  if (id === undefined) throw new Error(`the embedded cloud knows no load balancers' zone id for ${region}`);
  return id;
}

export const hexId = ({ ground }: Room): string => ground.token(16, HEX);

const arnOf = ({ ground }: Room, region: string, rest: string): string =>
  `arn:aws:elasticloadbalancing:${region}:${ground.account}:${rest}`;
export const loadBalancerArn = (room: Room, region: string, name: string): string =>
  arnOf(room, region, `loadbalancer/app/${name}/${hexId(room)}`);
export const targetGroupArn = (room: Room, region: string, name: string, id: string): string =>
  arnOf(room, region, `targetgroup/${name}/${id}`);
export const listenerArn = (room: Room, { arn }: LoadBalancer): string =>
  `${arn.replace(':loadbalancer/', ':listener/')}/${hexId(room)}`;
export const ruleArn = (listener: string, id: string): string => `${listener.replace(':listener/', ':listener-rule/')}/${id}`;
/** `listener-rule/app/name/lb/listener/rule` to the listener's ARN. */
export const listenerOfRule = (rule: string): string =>
  rule.replace(':listener-rule/', ':listener/').slice(0, rule.replace(':listener-rule/', ':listener/').lastIndexOf('/'));

/** Of the blocks that are for documentation alone: one address in each of two zones. */
export function addressesOf(serial: number, dualstack: boolean): LoadBalancer['addresses'] {
  if (serial > 250) throw new Error('the embedded cloud has addresses for 250 load balancers');
  return {
    a: [`192.0.2.${serial}`, `198.51.100.${serial}`],
    aaaa: dualstack ? [`2001:db8:a::${serial.toString(16)}`, `2001:db8:b::${serial.toString(16)}`] : [],
  };
}

/** The tags of whatever stands under this ARN. */
export function tagsAt(state: RegionState, arn: string): Tags | undefined {
  const listeners = listenersOf(state);
  return (
    [...state.loadBalancers.values(), ...state.targetGroups.values(), ...listeners].find((one) => one.arn === arn)?.tags ??
    listeners.flatMap(({ rules, defaultRule }) => [...rules.values(), defaultRule]).find((one) => one.arn === arn)?.tags
  );
}

const ownTags = (tags: Tags | undefined): Record<string, string> =>
  Object.fromEntries(
    [...(tags ?? [])].flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`elasticloadbalancing:ResourceTag/${key}`, value],
    ]),
  );

/** IAM's question about one resource; its own tags count when it stands. */
export const askAbout = (room: Room, call: Call, action: string, resource: string, context: Ask['context'] = {}): Ask => ({
  action: `elasticloadbalancing:${action}`,
  resource,
  context: { ...ownTags(tagsAt(room.of(call.region), resource)), ...context },
});

/** AWS narrows none of the reading actions to a resource. */
export const askToRead = (action: string) => (): Ask[] => [{ action: `elasticloadbalancing:${action}`, resource: '*' }];

interface Tag {
  readonly Key: string | undefined;
  readonly Value?: string | undefined;
}

/** A creation that carries tags must also be allowed to tag what it creates. */
export function askToCreate(
  room: Room,
  call: Call,
  action: string,
  where: string,
  made: string,
  tags: readonly Tag[] = [],
): Ask[] {
  const context = requestTags(tags);
  const create = askAbout(room, call, action, where, context);
  if (tags.length === 0) return [create];
  const tagging = { ...context, 'elasticloadbalancing:CreateAction': action };
  return [create, { action: 'elasticloadbalancing:AddTags', resource: made, context: tagging }];
}
