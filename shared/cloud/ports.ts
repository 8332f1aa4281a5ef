// What a runbook needs from a cloud, and nothing more. Steps see only this.

export interface Cloud {
  readonly ledger: Ledger;
  readonly tasks: Tasks;
  readonly post: Post;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** An entry and the mark of the version that was read. */
export interface Entry {
  readonly body: unknown;
  readonly version: string;
}

/** All durable state: objects changed only by conditional writes. A write whose answer was lost recognises itself. */
export interface Ledger {
  read(key: string): Promise<Entry | undefined>;
  /** False when the key exists already and is not this very write. */
  create(key: string, body: object): Promise<boolean>;
  /** False when the entry is no longer the version that was read. */
  replace(key: string, body: object, version: string): Promise<boolean>;
  /** A page for people, written once: a report, a card. Overwrites its own earlier writing. */
  publish(key: string, html: string): Promise<void>;
}

/** The state machine's waiting tasks. `gone` when nothing waits under the token any more. */
export interface Tasks {
  succeed(token: string, output: object): Promise<'delivered' | 'gone'>;
  fail(token: string, error: string, cause: string): Promise<'delivered' | 'gone'>;
}

/** Mail to one approver alone; what is in it may be secret. `to` is the topic that only the approver's address subscribes to. */
export interface Post {
  deliver(message: { to: string; subject: string; text: string }): Promise<void>;
}

export interface Clock {
  now(): Date;
}

export interface Chance {
  /** At least 256 bits, URL-safe. */
  secret(): string;
}
