// What Elastic Load Balancing keeps in one Region: load balancers with their listeners and rules, target groups with their targets.
import type {
  Action,
  AvailabilityZone,
  LoadBalancerSchemeEnum,
  Matcher,
  RuleCondition,
  TargetHealthReasonEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Edge } from '../../world/edge/edge.ts';
import type { KeyPair } from '../../world/contract.ts';
import type { Ground } from '../ground.ts';
import type { OperationsOf, Sdks } from '../service.ts';

export type ElbOperations = OperationsOf<Sdks['elasticloadbalancing']>;
export type Tags = Map<string, string>;
export type Attributes = Map<string, string>;

export interface Rule {
  readonly arn: string;
  priority: number | 'default';
  conditions: readonly RuleCondition[];
  actions: readonly Action[];
  readonly tags: Tags;
}

/** The rules as the nodes know them: a change is behind `landsAt` before it counts. */
export interface Routing {
  readonly landsAt: number;
  readonly rules: readonly Pick<Rule, 'arn' | 'priority' | 'conditions' | 'actions'>[];
}

export interface Listener {
  readonly arn: string;
  readonly loadBalancer: LoadBalancer;
  port: number;
  protocol: 'HTTP' | 'HTTPS';
  sslPolicy: string | undefined;
  /** ARNs in ACM; the first is the default. */
  certificates: readonly string[];
  /** Without the default one. */
  readonly rules: Map<string, Rule>;
  readonly defaultRule: Rule;
  readonly tags: Tags;
  routing: readonly Routing[];
  edge: Edge | undefined;
}

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly dnsName: string;
  readonly zoneId: string;
  readonly scheme: LoadBalancerSchemeEnum;
  readonly vpcId: string;
  readonly zones: readonly AvailabilityZone[];
  readonly securityGroups: readonly string[];
  readonly createdAt: number;
  readonly addresses: { readonly a: readonly string[]; readonly aaaa: readonly string[] };
  readonly attributes: Attributes;
  readonly tags: Tags;
  readonly listeners: Map<string, Listener>;
  /** Nobody answers at its addresses any more, whatever its control plane says. */
  lost: boolean;
}

export interface Target {
  readonly id: string;
  readonly port: number | undefined;
  readonly zone: string | undefined;
  /** When it is gone from the group: set once it was taken out. */
  drainsUntil: number | undefined;
  health: Health;
}

export interface Health {
  readonly state: 'initial' | 'healthy' | 'unhealthy';
  /** The instant of the last check, or of the beginning of checks. */
  readonly checkedAt: number;
  /** How many checks in a row came out as the last did. */
  readonly streak: number;
  readonly passed: boolean | undefined;
  readonly reason?: TargetHealthReasonEnum;
  readonly description?: string;
}

export interface HealthCheck {
  readonly enabled: boolean;
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly matcher: Matcher;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly type: 'instance' | 'ip' | 'lambda';
  readonly port: number | undefined;
  readonly vpcId: string | undefined;
  check: HealthCheck;
  readonly attributes: Attributes;
  readonly tags: Tags;
  readonly targets: Map<string, Target>;
  /** Whether a rule forwards to it: checks run only then. */
  inUse: boolean;
  /** Whose turn it is. */
  turn: number;
}

export interface RegionState {
  readonly loadBalancers: Map<string, LoadBalancer>;
  readonly targetGroups: Map<string, TargetGroup>;
  /** Where on this machine an instance or an address serves; what is not here does not answer. */
  readonly machines: Map<string, string>;
}

export interface Room {
  readonly ground: Ground;
  readonly of: ((region: string) => RegionState) & { all(): [string, RegionState][] };
  keyPairOf(certificateArn: string): KeyPair | undefined;
}

export const newRegion = (): RegionState => ({ loadBalancers: new Map(), targetGroups: new Map(), machines: new Map() });

export const listenersOf = ({ loadBalancers }: RegionState): Listener[] =>
  [...loadBalancers.values()].flatMap(({ listeners }) => [...listeners.values()]);

/** In the order they are tried, the default last. */
export const rulesOf = ({ rules, defaultRule }: Listener): Rule[] => [
  ...[...rules.values()].sort((a, b) => Number(a.priority) - Number(b.priority)),
  defaultRule,
];

export const groupsOf = (actions: readonly Action[]): string[] =>
  actions.flatMap(({ ForwardConfig }) =>
    (ForwardConfig?.TargetGroups ?? []).flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []),
  );

/** The load balancers whose rules forward to it: one at most. */
export const usersOf = (state: RegionState, groupArn: string): LoadBalancer[] =>
  [...state.loadBalancers.values()].filter(({ listeners }) =>
    [...listeners.values()].some((listener) => rulesOf(listener).some(({ actions }) => groupsOf(actions).includes(groupArn))),
  );
