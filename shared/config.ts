// The environment, read in one place. An adapter says which names it needs; all missing ones are told in one message.
import { RunbookError } from './errors.ts';

export function readConfig<Name extends string>(...names: Name[]): Record<Name, string> {
  const missing = names.filter((name) => (process.env[name] ?? '') === '');
  if (missing.length > 0) {
    throw new RunbookError(
      'InputInvalid',
      `the function's environment lacks ${missing.join(', ')}; functions/functions.yml sets them`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, process.env[name]])) as Record<Name, string>;
}
