// The actions of a rule: what AWS takes, in the form it describes them.
import type {
  Action,
  ActionTypeEnum,
  FixedResponseActionConfig,
  RedirectActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { notImitated } from '../error.ts';
import { groupsOf, type LoadBalancer, type RegionState, usersOf } from './catalog.ts';
import { between, noTargetGroup, oneOf, refusal, validation } from './refusals.ts';

const MOST_GROUPS = 5;
const TEXT_TYPES = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];
const ROUTING: readonly ActionTypeEnum[] = ['forward', 'redirect', 'fixed-response'];
const KNOWN = [...ROUTING, 'authenticate-oidc', 'authenticate-cognito', 'jwt-validation'];

/** The actions as they are kept and described; refuses what AWS refuses. */
export function readActions(state: RegionState, user: LoadBalancer, given: readonly Action[] | undefined): Action[] {
  const [action, ...more] = given ?? [];
  if (!action) throw validation('At least one action must be specified');
  for (const { Type } of given ?? []) {
    oneOf(Type, 'actions.type', KNOWN);
    if (!ROUTING.includes(Type ?? 'forward')) throw notImitated(`actions of type ${Type ?? ''}`);
  }
  if (more.length > 0) throw refusal('InvalidLoadBalancerAction', 'A rule can only have one routing action');
  between(action.Order, 'Order', 1, 50_000);
  const read = { ...(action.Order !== undefined && { Order: action.Order }), ...readOne(action) };
  refuseStrangers(state, user, [read]);
  return [read];
}

function readOne(action: Action): Action {
  if (action.Type === 'forward') return { Type: 'forward', ...forwarding(action) };
  if (action.Type === 'redirect') return { Type: 'redirect', RedirectConfig: redirecting(action.RedirectConfig) };
  return { Type: 'fixed-response', FixedResponseConfig: answering(action.FixedResponseConfig) };
}

function forwarding({ TargetGroupArn, ForwardConfig }: Action): Pick<Action, 'TargetGroupArn' | 'ForwardConfig'> {
  const tuples = ForwardConfig?.TargetGroups ?? (TargetGroupArn === undefined ? [] : [{ TargetGroupArn }]);
  if (tuples.length === 0) throw validation('A target group ARN must be specified');
  if (tuples.length > MOST_GROUPS) throw validation(`A forward action can only have '${MOST_GROUPS}' target groups`);
  const [only, ...rest] = tuples;
  if (TargetGroupArn !== undefined && (rest.length > 0 || only?.TargetGroupArn !== TargetGroupArn))
    throw validation('You cannot specify both a target group ARN and a different forward config');
  if (ForwardConfig?.TargetGroupStickinessConfig?.Enabled === true) throw notImitated('the stickiness of target groups');
  for (const { Weight } of tuples) between(Weight, 'Weight', 0, 999);
  return {
    ...(rest.length === 0 && { TargetGroupArn: only?.TargetGroupArn }),
    ForwardConfig: {
      TargetGroups: tuples.map((tuple) => ({ TargetGroupArn: tuple.TargetGroupArn, Weight: tuple.Weight ?? 1 })),
      TargetGroupStickinessConfig: { Enabled: false },
    },
  };
}

function redirecting(given: RedirectActionConfig | undefined): RedirectActionConfig {
  if (!given) throw validation('A redirect configuration must be specified');
  const {
    Protocol = '#{protocol}',
    Host = '#{host}',
    Port = '#{port}',
    Path = '/#{path}',
    Query = '#{query}',
    StatusCode,
  } = given;
  if (StatusCode === undefined || !['HTTP_301', 'HTTP_302'].includes(StatusCode))
    throw validation('The redirect status code must be HTTP_301 or HTTP_302');
  if (!['HTTP', 'HTTPS', '#{protocol}'].includes(Protocol)) throw validation(`The redirect protocol '${Protocol}' is not valid`);
  if (Port !== '#{port}' && !/^[1-9]\d{0,4}$/.test(Port)) throw validation(`The redirect port '${Port}' is not valid`);
  if (!Path.startsWith('/')) throw validation("The redirect path must start with '/'");
  if (Protocol === '#{protocol}' && Host === '#{host}' && Port === '#{port}' && Path === '/#{path}')
    throw refusal('InvalidLoadBalancerAction', 'The redirect configuration is not valid because it creates a loop.');
  return { Protocol, Port, Host, Path, Query, StatusCode };
}

function answering(given: FixedResponseActionConfig | undefined): FixedResponseActionConfig {
  if (!given) throw validation('A fixed response configuration must be specified');
  const { StatusCode = '', ContentType, MessageBody } = given;
  if (!/^[245]\d\d$/.test(StatusCode)) throw validation(`The fixed response status code '${StatusCode}' is not valid`);
  if (ContentType !== undefined) oneOf(ContentType, 'contentType', TEXT_TYPES);
  if ((MessageBody ?? '').length > 1_024)
    throw validation('The fixed response message body cannot be longer than 1024 characters');
  return { StatusCode, ...(ContentType !== undefined && { ContentType }), ...(MessageBody !== undefined && { MessageBody }) };
}

/** A target group must stand, and belongs to one load balancer at most. */
function refuseStrangers(state: RegionState, user: LoadBalancer, actions: readonly Action[]): void {
  const arns = groupsOf(actions);
  if (arns.some((arn) => !state.targetGroups.has(arn))) throw noTargetGroup();
  const taken = arns.filter((arn) => usersOf(state, arn).some((other) => other !== user));
  if (taken.length > 0)
    throw refusal(
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${taken.join(', ')}`,
    );
}
