// A POST of JSON to a chat service: no redirects, one more try when it asks for patience, never more of the answer than is read.
import { RunbookError } from '../../errors.ts';

export interface Post {
  /** As people call the service; the URL may be a secret and is never told. */
  readonly to: string;
  readonly url: string;
  readonly body: object;
  readonly token?: string;
  readonly signal: AbortSignal;
}

/** A service that wants more patience than this is silent for now. */
const MOST_PATIENCE_SECONDS = 2;

/** The answer's body. Throws what the service said, if that was anything but yes. */
export async function postJson(post: Post): Promise<string> {
  const first = await send(post);
  const patience = Number(first.headers.get('retry-after') ?? Number.NaN);
  const again = first.status === 429 && patience <= MOST_PATIENCE_SECONDS;
  if (again) {
    await first.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, patience * 1000));
  }
  const answer = again ? await send(post) : first;
  const text = (await answer.text()).slice(0, 10_000);
  if (answer.ok) return text;
  const name = answer.status === 429 || answer.status >= 500 ? 'CloudTransient' : 'CloudRefused';
  throw new RunbookError(name, `${post.to} answered ${answer.status}${saying(text)}`, { status: answer.status });
}

async function send({ to, url, body, token, signal }: Post): Promise<Response> {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    throw new RunbookError('CloudRefused', `the secret for ${to} holds no https URL`);
  }
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  try {
    return await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), redirect: 'error', signal });
  } catch (error) {
    // fetch says only that it failed; why is in the cause.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? cause?.message ?? 'no answer';
    throw new RunbookError('CloudTransient', `${to} cannot be reached (${code})`, {}, { cause: error });
  }
}

/** One line of what was said, if it is short enough to be a reason. */
const saying = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' || line.length > 200 || line.startsWith('<') ? '' : `: ${line}`;
};
