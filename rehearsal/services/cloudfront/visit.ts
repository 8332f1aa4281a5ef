// One visitor at the edge: the distribution by the Host, the behaviour by the path, then the origin or a refusal.
import type { CacheBehavior, DefaultCacheBehavior, Origin } from '@aws-sdk/client-cloudfront';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Timeline } from '../../time/timeline.ts';
import { addressOf } from '../../world/edge/headers.ts';
import { passOn } from '../../world/edge/proxy.ts';
import { markHeaders, REASONS, redirect, refuse, type Marks } from './answers.ts';
import type { Distribution } from './distribution.ts';
import { ORIGIN_REQUEST_POLICIES } from './distribution.ts';
import { behaviorFor, distributionOf, plainHost } from './routing.ts';

export interface EdgeRoom {
  readonly timeline: Timeline;
  readonly distributions: () => Iterable<Distribution>;
  /** Where an origin's public name is served on this machine. */
  readonly placeOf: (scheme: 'http' | 'https', domainName: string) => string | undefined;
  /** Whom CloudFront trusts when it speaks HTTPS with an origin. */
  readonly ca: string;
  readonly mark: () => Marks;
}

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'];

export async function visit(
  room: EdgeRoom,
  scheme: 'http' | 'https',
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const marks = room.mark();
  const no = (status: number, reason: string): void => refuse(response, room.timeline, marks, status, reason);
  const { method = 'GET', url = '/' } = request;
  const host = plainHost(request.headers.host);
  const distribution = distributionOf(room.distributions(), host);
  if (distribution?.config.Enabled !== true) return no(403, REASONS.unknownHost);
  const path = url.split('?')[0] ?? '/';
  const behavior = behaviorFor(distribution, path);
  const origin = distribution.config.Origins?.Items?.find(({ Id }) => Id === behavior?.TargetOriginId);
  if (!behavior || !origin) return no(502, REASONS.unreachable);

  const isRead = method === 'GET' || method === 'HEAD';
  if (scheme === 'http' && behavior.ViewerProtocolPolicy === 'redirect-to-https')
    return redirect(response, room.timeline, marks, isRead ? 301 : 307, `https://${host}${url}`);
  if (scheme === 'http' && behavior.ViewerProtocolPolicy === 'https-only') return no(403, REASONS.insecure);
  if (!METHODS.includes(method)) return no(405, REASONS.method);
  if (!behavior.AllowedMethods?.Items?.some((allowed) => allowed === method)) return no(403, REASONS.method);
  if (isRead && hasBody(request)) return no(403, REASONS.bodyOfGet);

  const place = originPlace(room, origin, scheme);
  if (place === undefined) return no(502, REASONS.unreachable);
  const headers = originHeaders(request, behavior, origin, marks);
  const outcome = await passOn(request, response, {
    timeline: room.timeline,
    origin: place,
    path: originPath(distribution, behavior, origin, url),
    headers,
    tls: { servername: plainHost(headers['host']), ca: room.ca },
    answerHeaders: (status) => markHeaders(marks, status >= 400 ? 'Error from cloudfront' : 'Miss from cloudfront'),
    idleMilliseconds: (origin.CustomOriginConfig?.OriginReadTimeout ?? 30) * 1000,
  });
  if (outcome === 'refused') return no(502, REASONS.unreachable);
  if (outcome === 'timed out') return no(504, REASONS.silent);
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function originPlace({ placeOf }: EdgeRoom, origin: Origin, viewer: 'http' | 'https'): string | undefined {
  const policy = origin.CustomOriginConfig?.OriginProtocolPolicy;
  const scheme = policy === 'https-only' ? 'https' : policy === 'http-only' ? 'http' : viewer;
  return placeOf(scheme, (origin.DomainName ?? '').toLowerCase());
}

const forwardsAll = ({ OriginRequestPolicyId: policy }: CacheBehavior | DefaultCacheBehavior): boolean =>
  policy === ORIGIN_REQUEST_POLICIES.AllViewer || policy === ORIGIN_REQUEST_POLICIES.AllViewerExceptHostHeader;

function originPath(
  { config }: Distribution,
  behavior: CacheBehavior | DefaultCacheBehavior,
  { OriginPath = '' }: Origin,
  url: string,
): string {
  const [path = '/', query] = url.split(/\?(.*)/s);
  const root = config.DefaultRootObject ?? '';
  const asked = path === '/' && root !== '' ? `/${root}` : path;
  return `${OriginPath}${asked}${query !== undefined && forwardsAll(behavior) ? `?${query}` : ''}`;
}

/** What nobody chose to forward does not reach the origin. */
const WITHHELD = ['accept', 'accept-language', 'authorization', 'cookie', 'origin', 'referer'];

function originHeaders(
  request: IncomingMessage,
  behavior: CacheBehavior | DefaultCacheBehavior,
  { DomainName = '' }: Origin,
  { via, requestId }: Marks,
): Record<string, string | undefined> {
  const { headers } = request;
  const keepsHost = behavior.OriginRequestPolicyId === ORIGIN_REQUEST_POLICIES.AllViewer;
  const before = headers['x-forwarded-for'];
  const visitors = [...(before === undefined ? [] : [before].flat()), addressOf(request)];
  const hidden = WITHHELD.filter((name) => name !== 'authorization' || request.method === 'GET' || request.method === 'HEAD');
  return {
    ...(!forwardsAll(behavior) && {
      ...Object.fromEntries(hidden.map((name) => [name, undefined])),
      'user-agent': 'Amazon CloudFront',
    }),
    host: keepsHost ? headers.host : DomainName,
    'x-forwarded-for': visitors.join(', '),
    via: [headers.via, via].filter((hop) => hop !== undefined).join(', '),
    'x-amz-cf-id': requestId,
  };
}
