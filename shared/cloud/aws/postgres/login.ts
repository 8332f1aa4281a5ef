// Who logs in to a database, as its secret says. Known to functions that speak no PostgreSQL as well.
import * as z from 'zod';
import { RunbookError } from '../../../errors.ts';
import type { Place } from '../../../runbooks/instances.ts';
import type { ReadSecret } from '../secrets.ts';

/** Who connects and where, as Secrets Manager keeps the credentials of an RDS database. */
export interface Login {
  /** The secret's name, for messages. */
  readonly secret: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
}

/** The same people on another server: a restored one has them all. */
export const placed = (login: Login, place: Place | undefined): Login =>
  place ? { ...login, host: place.host, port: place.port } : login;

const Credentials = z.looseObject({
  username: z.string().min(1),
  password: z.string().min(1),
  host: z.string().min(1),
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
});

export async function readLogin(readSecret: ReadSecret, secret: string): Promise<Login> {
  const read = Credentials.safeParse(parsed(await readSecret(secret)));
  if (read.success) return { secret, ...read.data };
  // Only the fields' names: what a field holds may be the password.
  const fields = [...new Set(read.error.issues.map(({ path }) => path.join('.') || 'JSON'))].join(', ');
  throw new RunbookError(
    'CloudRefused',
    `the secret ${secret} lacks ${fields}; it holds username, password, host and port as JSON`,
    { secret },
  );
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
