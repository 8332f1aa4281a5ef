// Listeners: a port of a load balancer, its certificates and its default action.
import type { Certificate, Listener as Described } from '@aws-sdk/client-elastic-load-balancing-v2';
import { notImitated } from '../error.ts';
import { readActions } from './actions.ts';
import { initialAttributes, listed, OF_LISTENERS } from './attributes.ts';
import { type ElbOperations, type Listener, listenersOf, type LoadBalancer, type Room, type Rule } from './catalog.ts';
import { listenerAt, loadBalancerAt } from './find.ts';
import type { Front } from './front.ts';
import { askAbout, askToCreate, askToRead, hexId, listenerArn, ruleArn } from './naming.ts';
import { paged } from './paging.ts';
import { between, oneOf, refusal, validation } from './refusals.ts';
import { reassociate } from './association.ts';
import { spread, spreadAtOnce } from './routing.ts';
import { tagsOf } from './tagging.ts';

const MOST_LISTENERS = 50;
const PROTOCOLS = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC'];
export const SSL_POLICY = 'ELBSecurityPolicy-2016-08';
const POLICIES = [
  SSL_POLICY,
  'ELBSecurityPolicy-TLS13-1-2-2021-06',
  'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
  'ELBSecurityPolicy-TLS-1-2-2017-01',
];

const describe = ({ arn, loadBalancer, port, protocol, certificates, sslPolicy, defaultRule }: Listener): Described => ({
  ListenerArn: arn,
  LoadBalancerArn: loadBalancer.arn,
  Port: port,
  Protocol: protocol,
  ...(protocol === 'HTTPS' && {
    Certificates: certificates.slice(0, 1).map((CertificateArn) => ({ CertificateArn })),
    SslPolicy: sslPolicy,
  }),
  DefaultActions: [...defaultRule.actions],
});

interface Draft {
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly certificates: readonly string[];
  readonly sslPolicy: string | undefined;
}

/** A listener without rules of its own, not yet open. */
export function newListener(room: Room, loadBalancer: LoadBalancer, draft: Draft, actions: Rule['actions']): Listener {
  const arn = listenerArn(room, loadBalancer);
  return {
    arn,
    loadBalancer,
    ...draft,
    rules: new Map(),
    defaultRule: { arn: ruleArn(arn, hexId(room)), priority: 'default', conditions: [], actions, tags: new Map() },
    tags: new Map(),
    routing: [],
    edge: undefined,
  };
}

interface Given {
  readonly Port?: number | undefined;
  readonly Protocol?: string | undefined;
  readonly Certificates?: readonly Certificate[] | undefined;
  readonly SslPolicy?: string | undefined;
  readonly AlpnPolicy?: readonly string[] | undefined;
  readonly MutualAuthentication?: { readonly Mode?: string | undefined } | undefined;
}

/** What a listener is to become; `before` stands already. */
function readDraft(room: Room, loadBalancer: LoadBalancer, given: Given, before?: Listener): Draft {
  const { Port: port = before?.port, Protocol: protocol = before?.protocol } = given;
  if (given.AlpnPolicy !== undefined) throw validation('ALPN policies are not supported for Application Load Balancers');
  if (given.MutualAuthentication !== undefined && given.MutualAuthentication.Mode !== 'off') throw notImitated('mutual TLS');
  if (port === undefined) throw validation('A listener port must be specified');
  if (protocol === undefined) throw validation('A listener protocol must be specified');
  between(port, 'Port', 1, 65_535);
  oneOf(protocol, 'protocol', PROTOCOLS);
  if (protocol !== 'HTTP' && protocol !== 'HTTPS')
    throw refusal('UnsupportedProtocol', `The protocol '${protocol}' is not supported by an Application Load Balancer`);
  if ([...loadBalancer.listeners.values()].some((other) => other !== before && other.port === port))
    throw refusal('DuplicateListener', `A listener already exists on this port for this load balancer '${loadBalancer.arn}'`);
  return { port, protocol, ...security(room, protocol, given, before) };
}

function security(
  room: Room,
  protocol: Draft['protocol'],
  { Certificates, SslPolicy }: Given,
  before?: Listener,
): Pick<Draft, 'certificates' | 'sslPolicy'> {
  if (protocol === 'HTTP') {
    if ((Certificates ?? []).length > 0) throw validation('Certificates cannot be specified for HTTP listeners');
    if (SslPolicy !== undefined) throw validation('An SSL policy cannot be specified for HTTP listeners');
    return { certificates: [], sslPolicy: undefined };
  }
  if ((Certificates ?? []).length > 1)
    throw refusal('TooManyCertificates', 'Only one certificate can be specified for a listener');
  const [given] = Certificates ?? [];
  // What is not given stays; the certificates beside the default one stay in any case.
  const certificates = given
    ? [given.CertificateArn ?? '', ...(before?.certificates.slice(1) ?? [])]
    : (before?.certificates ?? []);
  if (certificates[0] === undefined || certificates[0] === '')
    throw validation('A certificate must be specified for HTTPS listeners');
  if (given?.IsDefault !== undefined) throw validation('You cannot specify IsDefault for a certificate of a listener');
  for (const arn of certificates)
    if (!room.keyPairOf(arn)) throw refusal('CertificateNotFound', `Certificate '${arn}' not found`);
  const sslPolicy = SslPolicy ?? before?.sslPolicy ?? SSL_POLICY;
  if (!/^ELBSecurityPolicy-/.test(sslPolicy)) throw refusal('SSLPolicyNotFound', `SSL policy '${sslPolicy}' not found`);
  if (!POLICIES.includes(sslPolicy)) throw notImitated(`the SSL policy ${sslPolicy}`);
  return { certificates, sslPolicy };
}

export const listenerOperations = (room: Room, front: Front): ElbOperations => ({
  DescribeListeners: {
    asks: askToRead('DescribeListeners'),
    run(input, call) {
      const { LoadBalancerArn: user, ListenerArns: arns } = input;
      if ((user === undefined) === (arns === undefined))
        throw validation('Either a load balancer ARN or a list of listener ARNs must be specified, and not both');
      const found = arns
        ? arns.map((arn) => listenerAt(room.of, call, arn))
        : [...loadBalancerAt(room.of, call, user).listeners.values()];
      const { items, next } = paged(found, input);
      return { Listeners: items.map(describe), ...next };
    },
  },
  DescribeListenerCertificates: {
    asks: askToRead('DescribeListenerCertificates'),
    run({ ListenerArn, ...asked }, call) {
      const listener = listenerAt(room.of, call, ListenerArn);
      if (listener.protocol !== 'HTTPS')
        throw refusal('OperationNotPermitted', 'You can only describe the certificates of a secure listener');
      const { items, next } = paged(
        listener.certificates.map((arn) => ({ arn })),
        { ...asked, ListenerArn } as typeof asked,
      );
      const [first] = listener.certificates;
      return { Certificates: items.map(({ arn }) => ({ CertificateArn: arn, IsDefault: arn === first })), ...next };
    },
  },
  DescribeListenerAttributes: {
    asks: askToRead('DescribeListenerAttributes'),
    run({ ListenerArn }, call) {
      listenerAt(room.of, call, ListenerArn);
      return { Attributes: listed(initialAttributes(OF_LISTENERS)) };
    },
  },
  CreateListener: {
    asks: ({ LoadBalancerArn = '', Tags }, call) =>
      askToCreate(
        room,
        call,
        'CreateListener',
        LoadBalancerArn,
        `${LoadBalancerArn.replace(':loadbalancer/', ':listener/')}/*`,
        Tags,
      ),
    async run(input, call) {
      const loadBalancer = loadBalancerAt(room.of, call, input.LoadBalancerArn);
      const draft = readDraft(room, loadBalancer, input);
      const actions = readActions(room.of(call.region), loadBalancer, input.DefaultActions);
      const tags = tagsOf(input.Tags);
      if (loadBalancer.listeners.size >= MOST_LISTENERS)
        throw refusal(
          'TooManyListeners',
          `The maximum number of listeners per load balancer '${MOST_LISTENERS}' has been reached`,
        );
      const listener = newListener(room, loadBalancer, draft, actions);
      for (const [key, value] of tags) listener.tags.set(key, value);
      loadBalancer.listeners.set(listener.arn, listener);
      spreadAtOnce(room, listener);
      await front.open(listener);
      return { Listeners: [describe(listener)] };
    },
  },
  ModifyListener: {
    asks: ({ ListenerArn = '' }, call) => [askAbout(room, call, 'ModifyListener', ListenerArn)],
    async run(input, call) {
      const listener = listenerAt(room.of, call, input.ListenerArn);
      const { loadBalancer, port, protocol } = listener;
      const draft = readDraft(room, loadBalancer, input, listener);
      const actions = input.DefaultActions && readActions(room.of(call.region), loadBalancer, input.DefaultActions);
      const moved = draft.port !== port || draft.protocol !== protocol;
      if (moved) await front.close(listener);
      Object.assign(listener, draft);
      if (actions) listener.defaultRule.actions = actions;
      spread(room, listener);
      if (moved) await front.open(listener);
      return { Listeners: [describe(listener)] };
    },
  },
  DeleteListener: {
    asks: ({ ListenerArn = '' }, call) => [askAbout(room, call, 'DeleteListener', ListenerArn)],
    async run({ ListenerArn }, call) {
      const listener = listenerAt(room.of, call, ListenerArn);
      listener.loadBalancer.listeners.delete(listener.arn);
      reassociate(room, room.of(call.region));
      await front.close(listener);
      return {};
    },
  },
});

/** For the inventory. */
export const standingListeners = (room: Room): [string, unknown][] =>
  room.of
    .all()
    .flatMap(([, state]) =>
      listenersOf(state).map(({ arn, port, protocol, certificates, defaultRule }): [string, unknown] => [
        arn,
        { port, protocol, certificates, actions: defaultRule.actions },
      ]),
    );
