// Telling people: a link to its approver alone, the fact that somebody is asked to everybody. What stays silent is told, and stops
// nothing, as long as enough approvers were reached to agree.
import type { Announcement, Channels, Post } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';

export interface Letter {
  readonly approver: string;
  readonly subject: string;
  readonly text: string;
}

/** Answers what stayed silent, in words for the report. */
export async function tellApprovers(
  { post, channels }: { readonly post: Post; readonly channels: Channels },
  letters: readonly Letter[],
  announcement: Announcement,
  quorum = 1,
): Promise<string[]> {
  const delivered = await Promise.allSettled(letters.map((letter) => post.deliver(letter)));
  const reached = delivered.filter(({ status }) => status === 'fulfilled').length;
  const failures = delivered.flatMap((result, i) =>
    result.status === 'rejected' ? [`${letters[i]?.approver ?? ''} could not be told: ${wordsOf(result.reason)}`] : [],
  );
  if (reached < quorum) {
    const again = delivered.some((result) => result.status === 'rejected' && !isRefusal(result.reason));
    const who = reached === 0 ? 'no approver' : `only ${reached} of the ${quorum} approvers that must agree`;
    const says = `${who} could be told: ${failures.join('; ')}`;
    throw new RunbookError(again ? 'CloudTransient' : 'CloudRefused', says, { approvers: letters.length });
  }
  const silent = delivered.flatMap((result) => (result.status === 'fulfilled' ? result.value.silent : []));
  const shared = await channels.announce(announcement);
  return [...failures, ...[...silent, ...shared.silent].map(({ way, why }) => `${way} stayed silent: ${why}`)];
}

const isRefusal = (reason: unknown): boolean => reason instanceof RunbookError && reason.name === 'CloudRefused';

const wordsOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
