// The bots that visit every link somebody posts, to show a preview of it: real GETs, so that an address that acts on one is caught.
import { request } from 'node:http';
import type { Ground } from '../../services/ground.ts';

export interface Visit {
  readonly url: string;
  readonly agent: string;
  /** Null when nothing in the rehearsal is served there. */
  readonly status: number | null;
}

const AGENTS = {
  Slack: 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  Discord: 'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
} as const;
const MOST_REDIRECTS = 3;
const PATIENCE_MS = 10_000;

export function createPreviews(ground: Ground) {
  const visits: Visit[] = [];
  const ending = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function look(url: string, agent: string, hops = 0): Promise<number | null> {
    const loopback = URL.canParse(url) ? ground.published().get(new URL(url).origin) : undefined;
    if (!loopback?.startsWith('http:')) return null;
    const answer = await get(loopback, new URL(url), agent, ending.signal);
    if (answer.location === undefined || hops === MOST_REDIRECTS) return answer.status;
    return look(new URL(answer.location, url).href, agent, hops + 1);
  }

  return {
    visits: visits as readonly Visit[],
    /** Begins at once; time goes at the wall's pace until every link was seen. */
    visit(links: readonly string[], service: keyof typeof AGENTS): void {
      const agent = AGENTS[service];
      for (const url of links) {
        const seeing = ground.timeline.busy(async () => {
          const status = await look(url, agent).catch(() => null);
          visits.push({ url, agent, status });
        });
        underWay.add(seeing);
        void seeing.finally(() => underWay.delete(seeing));
      }
    },
    /** Resolves when no bot is on its way. */
    async settled(): Promise<void> {
      await Promise.all(underWay);
    },
    async stop(): Promise<void> {
      ending.abort();
      await Promise.all(underWay);
    },
  };
}

function get(loopback: string, url: URL, agent: string, signal: AbortSignal): Promise<{ status: number; location?: string }> {
  return new Promise((resolve, reject) => {
    const headers = { host: url.host, 'user-agent': agent, accept: '*/*', range: 'bytes=0-32768' };
    const options = { headers, signal, timeout: PATIENCE_MS, agent: false as const };
    const asking = request(`${loopback}${url.pathname}${url.search}`, options, (response) => {
      response.resume();
      response.on('error', reject);
      const { statusCode = 0, headers: got } = response;
      const moved = statusCode >= 300 && statusCode < 400 && got.location !== undefined;
      response.on('end', () => resolve({ status: statusCode, ...(moved && { location: got.location ?? '' }) }));
    });
    asking.on('timeout', () => asking.destroy(new Error(`${url.href} did not answer`)));
    asking.on('error', reject);
    asking.end();
  });
}
