// The listening side: a request meets a rule, the rule's action answers it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Action, ForwardActionConfig, RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import { createChance } from '../../random.ts';
import type { KeyPair } from '../../world/contract.ts';
import { type EdgeAnswer, serveEdge, writeAnswer } from '../../world/edge/edge.ts';
import { addressOf, forwarded } from '../../world/edge/headers.ts';
import { passOn } from '../../world/edge/proxy.ts';
import type { Listener, Room, Target, TargetGroup } from './catalog.ts';
import { meetsAll } from './conditions.ts';
import { askFunction } from './function-target.ts';
import { type HealthWatch, originOf } from './health.ts';
import { ownPage, SERVER } from './pages.ts';
import { rulesInForce } from './routing.ts';

const schemeOf = ({ protocol }: Listener): 'http' | 'https' => (protocol === 'HTTPS' ? 'https' : 'http');

export function createFront(room: Room, health: HealthWatch) {
  const { ground } = room;
  const { timeline } = ground;
  // A chance of its own: how many visitors come must not move anything else.
  const chance = createChance(Math.floor(ground.random() * 2 ** 32));

  const publicOrigins = (listener: Listener): string[] => {
    const { a, aaaa } = listener.loadBalancer.addresses;
    return [...a, ...aaaa.map((address) => `[${address}]`)].map((at) => `${schemeOf(listener)}://${at}:${listener.port}`);
  };

  const open = async (listener: Listener): Promise<void> => {
    if (listener.loadBalancer.lost || listener.edge) return;
    const certificates = (): KeyPair[] => listener.certificates.flatMap((arn) => room.keyPairOf(arn) ?? []);
    const edge = await serveEdge({
      timeline,
      server: SERVER,
      onRequest: (request, response) => answer(listener, request, response),
      ...(listener.protocol === 'HTTPS' && { certificates }),
    });
    listener.edge = edge;
    for (const origin of publicOrigins(listener)) ground.publish(origin, edge.origin);
  };

  const close = async (listener: Listener): Promise<void> => {
    const { edge } = listener;
    listener.edge = undefined;
    for (const origin of publicOrigins(listener)) ground.unpublish(origin);
    await edge?.close();
  };

  async function answer(listener: Listener, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const rule = rulesInForce(listener, timeline.now()).find(
      ({ priority, conditions }) => priority === 'default' || meetsAll(conditions, request),
    );
    const [action] = rule?.actions ?? [];
    const given = action ? await perform(listener, action, request, response) : ownPage(500);
    if (given) writeAnswer(response, timeline, given);
  }

  /** Undefined when the answer is on its way already. */
  async function perform(
    listener: Listener,
    action: Action,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<EdgeAnswer | undefined> {
    if (action.RedirectConfig) return redirect(listener, action.RedirectConfig, request);
    if (action.FixedResponseConfig) {
      const { StatusCode, ContentType = 'text/plain', MessageBody = '' } = action.FixedResponseConfig;
      return { status: Number(StatusCode), headers: { server: SERVER, 'content-type': ContentType }, body: MessageBody };
    }
    const group = room.of(listener.loadBalancer.region).targetGroups.get(chosen(action.ForwardConfig));
    return group ? forward(listener, group, request, response) : ownPage(503);
  }

  /** One of the groups by its weight; empty when all weigh nothing. */
  function chosen(config: ForwardActionConfig | undefined): string {
    const groups = config?.TargetGroups ?? [];
    let left = chance.random() * groups.reduce((sum, { Weight = 1 }) => sum + Weight, 0);
    for (const { TargetGroupArn = '', Weight = 1 } of groups) {
      left -= Weight;
      if (left < 0) return TargetGroupArn;
    }
    return '';
  }

  async function forward(
    listener: Listener,
    group: TargetGroup,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<EdgeAnswer | undefined> {
    const told = toldOf(listener, request);
    await health.lookAt(group);
    const target = nextOf(group);
    if (!target) return ownPage(503);
    if (group.type === 'lambda') return askFunction(room, group, target.id, request, told);
    const origin = originOf(room, group, target);
    if (origin === undefined) return ownPage(502);
    const { attributes } = listener.loadBalancer;
    const idleMilliseconds = Number(attributes.get('idle_timeout.timeout_seconds') ?? '60') * 1000;
    const outcome = await passOn(request, response, { timeline, origin, headers: told, idleMilliseconds });
    return outcome === 'answered' ? undefined : ownPage(outcome === 'refused' ? 502 : 504);
  }

  /** What the target is told of the visitor. */
  function toldOf(listener: Listener, request: IncomingMessage): Record<string, string | undefined> {
    const told = forwarded(request, { protocol: schemeOf(listener), port: listener.port });
    const mode = listener.loadBalancer.attributes.get('routing.http.xff_header_processing.mode');
    const earlier = request.headers['x-forwarded-for'];
    const seen = Array.isArray(earlier) ? earlier.join(', ') : earlier;
    return {
      ...told,
      ...(mode !== 'append' && { 'x-forwarded-for': mode === 'preserve' ? seen : undefined }),
      'x-amzn-trace-id': request.headers['x-amzn-trace-id']?.toString() ?? traceId(),
    };
  }

  const traceId = (): string => {
    const seconds = Math.floor(timeline.now() / 1000).toString(16);
    return `Root=1-${seconds}-${chance.token(24, '0123456789abcdef')}`;
  };

  return { open, close };
}
export type Front = ReturnType<typeof createFront>;

/** In turn among the healthy; among all when none is, as a load balancer would rather try than refuse. */
function nextOf(group: TargetGroup): Target | undefined {
  const standing = [...group.targets.values()].filter(({ drainsUntil }) => drainsUntil === undefined);
  const healthy = group.check.enabled ? standing.filter(({ health: { state } }) => state === 'healthy') : standing;
  const eligible = healthy.length > 0 ? healthy : standing;
  return eligible[group.turn++ % eligible.length];
}

function redirect(listener: Listener, config: RedirectActionConfig, request: IncomingMessage): EdgeAnswer {
  const [path = '/', ...rest] = (request.url ?? '/').split('?');
  const query = rest.join('?');
  const host = (request.headers.host ?? addressOf(request)).replace(/:\d+$/, '');
  const fill = (text: string): string =>
    text
      .replaceAll('#{protocol}', schemeOf(listener))
      .replaceAll('#{host}', host)
      .replaceAll('#{port}', String(listener.port))
      .replaceAll('#{path}', path.slice(1))
      .replaceAll('#{query}', query);
  const { Protocol = '', Host = '', Port = '', Path = '', Query = '', StatusCode } = config;
  const asked = fill(Query);
  const location = `${fill(Protocol).toLowerCase()}://${fill(Host)}:${fill(Port)}${fill(Path)}${asked === '' ? '' : `?${asked}`}`;
  return ownPage(StatusCode === 'HTTP_302' ? 302 : 301, { location });
}
