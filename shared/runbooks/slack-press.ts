// A button that was pressed in Slack, out of what Slack sends: who, which button of which request, and the words beside it.
import * as z from 'zod';
import { isApprovalId } from './approval.ts';

export interface SlackPress {
  /** A member of the workspace, by id. */
  readonly member: string;
  readonly channel: string;
  readonly approval: string;
  readonly answer: 'approve' | 'refuse' | 'stop';
  readonly reason: string;
}

const Payload = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  actions: z
    .array(z.object({ action_id: z.enum(['approve', 'refuse', 'stop']), value: z.string().refine(isApprovalId) }))
    .length(1),
  state: z.object({ values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))) }).optional(),
});

/** The action id of the box for words, as the message names it. */
export const WORDS = 'reason';

/** Undefined where it is nothing that a message of ours has. */
export function readPress(body: string): SlackPress | undefined {
  const read = Payload.safeParse(parsed(new URLSearchParams(body).get('payload') ?? ''));
  if (!read.success) return undefined;
  const { user, channel, actions, state } = read.data;
  const [action] = actions;
  if (action === undefined) return undefined;
  const words = Object.values(state?.values ?? {}).flatMap((block) => block[WORDS]?.value ?? []);
  return {
    member: user.id,
    channel: channel.id,
    approval: action.value,
    answer: action.action_id,
    reason: words.join('\n').slice(0, 500),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
