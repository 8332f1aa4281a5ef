// What the estate says of one environment, for a step that was told its name.
import { RunbookError } from './errors.ts';
import type { Environment, Estate } from './estate.ts';

export function environmentIn({ environments }: Pick<Estate, 'environments'>, name: string): Environment {
  const found = environments[name];
  if (found) return found;
  throw new RunbookError('InputInvalid', `environment ${name} is not in the estate`, { environment: name });
}
