// A message as its reader sees it, whatever a chat service calls its parts.

export interface ChatMessage {
  /** The service that carried it. */
  readonly channel: 'Slack' | 'Discord' | 'webhook';
  /** A shared channel, as `#operations`, or one person, as `@cto`. */
  readonly to: string;
  /** What a reader sees, with its links written out. */
  readonly text: string;
  /** As it was sent: Slack's blocks, Discord's embeds, a webhook's whole body. */
  readonly blocks: unknown;
  /** Whom it rings for: `@channel`, `@here`, `@U0CTO`. Nobody may be rung by a reason that somebody typed. */
  readonly pings: readonly string[];
  /** Whether it replaces what was said before. */
  readonly edited: boolean;
  /** Instant of the timeline. */
  readonly at: number;
  /** Of Slack's messages: how they are drawn and found again. */
  readonly slack?: SlackFace;
}

export interface SlackFace {
  readonly app: string;
  readonly conversation: string;
  readonly ts: string;
  /** The text as it was sent, and whether Slack reads its asterisks; drawn when there are no blocks. */
  readonly markup: string;
  readonly mrkdwn: boolean;
  /** Slack writes "(edited)" beside words that replaced others, and nothing beside blocks that did. */
  readonly marked: boolean;
  readonly deleted: boolean;
  /** The ids of those who see it, and so may press what stands in it. */
  readonly readers: readonly string[];
}

/** A link ends before the full stop or the bracket that ends its sentence. */
const LINK = /https?:\/\/[^\s<>"|]*[^\s<>"|.,;:!?)\]]/g;

export const linksOf = (text: string): string[] => text.match(LINK) ?? [];
export const replaceLinks = (text: string, change: (link: string) => string): string => text.replace(LINK, change);

export const unescape = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Slack's mrkdwn, read: `<https://x|Open>` is "Open: https://x", `<!channel>` is "@channel". */
export function readMrkdwn(text: string, nameOf: (member: string) => string): string {
  const plain = text.replace(/<([^<>]+)>/g, (_all, inner: string) => {
    const [target = '', label] = inner.split('|');
    if (target.startsWith('!')) return `@${target.slice(1).replace(/^subteam\^/, '')}`;
    if (target.startsWith('@')) return `@${nameOf(target.slice(1))}`;
    if (target.startsWith('#')) return `#${label ?? target.slice(1)}`;
    return label === undefined || label === target ? target : `${label}: ${target}`;
  });
  return unescape(plain);
}

/** Whom mrkdwn rings for. */
export const pingsOf = (mrkdwn: string): string[] =>
  [...mrkdwn.matchAll(/<(?:!(channel|here|everyone|subteam\^\w+)|@([UW]\w+))(?:\|[^<>]*)?>/g)].map(
    ([, group, member]) => `@${group ?? member ?? ''}`,
  );
