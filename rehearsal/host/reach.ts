// What a function finds on its network: inside the estate's subnets the databases and nothing public, outside everything public and
// no database.
import type { Program } from './program.ts';

export const reachOf = ({ inNetwork }: Pick<Program, 'inNetwork'>, published: ReadonlyMap<string, string>): [string, string][] =>
  [...published].filter(([origin]) => origin.startsWith('postgres://') === inNetwork);
