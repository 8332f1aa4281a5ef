// An environment of the estate by its name.
import { RunbookError } from '../../errors.ts';
import type { Environment, Estate } from '../../estate.ts';

export function environmentOf(estate: Estate, id: string): Environment {
  const found = Object.hasOwn(estate.environments, id) ? estate.environments[id] : undefined;
  if (found) return found;
  throw new RunbookError(
    'InputInvalid',
    `the estate has no environment ${id}; it has ${Object.keys(estate.environments).join(', ')}`,
    {
      environment: id,
    },
  );
}
