// Who PostgreSQL runs as: ourselves, or somebody without rights where we are root, because it refuses to be root.
import { readFileSync } from 'node:fs';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'nobody';

/** Undefined when we are an ordinary user ourselves. initdb wants a user that the system knows by name. */
export function accountOf(users = '/etc/passwd', uid = process.getuid?.()): Account | undefined {
  if (uid !== 0) return undefined;
  const line = readFileSync(users, 'utf8')
    .split('\n')
    .find((user) => user.startsWith(`${NAME}:`));
  const [, , found, group] = line?.split(':') ?? [];
  if (found === undefined || group === undefined)
    throw new Error(
      `PostgreSQL refuses to run as root, and ${users} knows no user "${NAME}" to run it as: run this as an ordinary user`,
    );
  // macOS writes it as -2.
  return { uid: Number(found) >>> 0, gid: Number(group) >>> 0 };
}
