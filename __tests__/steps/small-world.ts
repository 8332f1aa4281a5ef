// Small worlds for steps: a ledger in a Map, a list of what was said and written, a clock that stands still.
import type { Chance, Clock, Ledger, Post, Tasks } from '../../shared/cloud/ports.ts';

export interface SmallWorld {
  readonly ledger: Ledger;
  readonly tasks: Tasks;
  readonly post: Post;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Keys in the order they were written. */
  readonly writes: string[];
  readonly answers: unknown[];
  readonly mails: { to: string; subject: string; text: string }[];
  readonly entries: Map<string, { body: object; version: string }>;
  setNow(iso: string): void;
}

export function createSmallWorld(now = '2026-01-15T03:12:00.000Z'): SmallWorld {
  const entries = new Map<string, { body: object; version: string }>();
  const writes: string[] = [];
  const answers: unknown[] = [];
  const mails: { to: string; subject: string; text: string }[] = [];
  const answered = new Set<string>();
  let instant = now;
  let version = 0;
  let secrets = 0;
  const write = (key: string, body: object): void => {
    entries.set(key, { body: structuredClone(body), version: `v${++version}` });
    writes.push(key);
  };
  const hear = (token: string, answer: unknown): Promise<'delivered' | 'gone'> => {
    if (answered.has(token)) return Promise.resolve('gone');
    answered.add(token);
    answers.push(answer);
    return Promise.resolve('delivered');
  };
  return {
    entries,
    writes,
    answers,
    mails,
    setNow: (iso) => (instant = iso),
    ledger: {
      read: (key) => Promise.resolve(entries.get(key)),
      create: (key, body) => {
        if (entries.has(key)) return Promise.resolve(false);
        write(key, body);
        return Promise.resolve(true);
      },
      replace: (key, body, wanted) => {
        if (entries.get(key)?.version !== wanted) return Promise.resolve(false);
        write(key, body);
        return Promise.resolve(true);
      },
      publish: (key, html) => {
        write(key, { html });
        return Promise.resolve();
      },
    },
    tasks: {
      succeed: (token, output) => hear(token, output),
      fail: (token, error, cause) => hear(token, { error, cause }),
    },
    post: {
      deliver: (mail) => {
        mails.push(mail);
        return Promise.resolve();
      },
    },
    clock: { now: () => new Date(instant) },
    chance: { secret: () => String(++secrets).padStart(43, 's') },
  };
}
