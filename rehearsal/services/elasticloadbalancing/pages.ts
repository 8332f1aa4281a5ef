// What a load balancer answers by itself.
import { STATUS_CODES } from 'node:http';
import type { EdgeAnswer } from '../../world/edge/edge.ts';

export const SERVER = 'awselb/2.0';

const REASONS: Readonly<Record<number, string>> = { 503: 'Service Temporarily Unavailable', 504: 'Gateway Time-out' };

/** The page of an error or a redirect. */
export function ownPage(status: number, headers: Record<string, string> = {}): EdgeAnswer {
  const title = `${status} ${REASONS[status] ?? STATUS_CODES[status] ?? ''}`;
  return {
    status,
    headers: { server: SERVER, 'content-type': 'text/html', ...headers },
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  };
}
