// A small ground to stand on: real time, no IAM, and every call written down.
import { randomUUID } from 'node:crypto';
import { createFolders } from '../../rehearsal/folders.ts';
import type { Caller } from '../../rehearsal/iam/ask.ts';
import { AwsError } from '../../rehearsal/services/error.ts';
import type { Ground } from '../../rehearsal/services/ground.ts';
import { createTimeline } from '../../rehearsal/time/timeline.ts';

export interface Written {
  readonly caller: Caller;
  readonly service: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

export function smallGround({ logs = true, startsAt }: { logs?: boolean; startsAt?: number } = {}) {
  const timeline = createTimeline({ pace: { kind: 'real' }, ...(startsAt !== undefined && { startsAt }) });
  const folders = createFolders();
  const calls: Written[] = [];
  const published = new Map<string, string>();
  let serial = 0;
  const ground: Ground = {
    timeline,
    account: '123456789012',
    region: 'eu-west-1',
    endpoint: () => 'http://127.0.0.1:1',
    random: () => 0.5,
    uuid: () => randomUUID(),
    token: (length, alphabet = 'abcdef0123456789') =>
      Array.from({ length }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join(''),
    folder: folders.folder,
    call: (caller, service, operation, input) => {
      calls.push({ caller, service, operation, input });
      return logs ? Promise.resolve({} as never) : Promise.reject(new AwsError('AccessDeniedException', 'no'));
    },
    assume: (roleArn, _service, session, trace) => {
      const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
      const arn = `arn:aws:sts::123456789012:assumed-role/${role}/${session}`;
      return { kind: 'role', arn, account: '123456789012', role, session, trace };
    },
    allows: () => true,
    issueKeys: () => ({ accessKeyId: `ASIATEST${serial++}`, secretAccessKey: 'secret', sessionToken: 'token' }),
    revokeKeys: () => undefined,
    publish: (name, place) => void published.set(name, place),
    unpublish: (name) => void published.delete(name),
    published: () => published,
    faultOfInvocation: () => undefined,
    emit: () => undefined,
    onEmit: () => undefined,
  };
  const close = (): void => {
    timeline.stop();
    folders.remove();
  };
  /** The text of every event that was put into a log. */
  const logged = (): string[] =>
    calls
      .filter(({ operation }) => operation === 'PutLogEvents')
      .flatMap(({ input }) => (input['logEvents'] as { message: string }[]).map(({ message }) => message));
  return { ground, calls, logged, close };
}
