// The states of a machine in which something can go wrong, out of its file: what is named on the command line must be one of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(__dirname, '..', '..');
const FRAGMENT = /^\$\{file\(([^)]+)\):([A-Za-z]+)\}$/;

interface State {
  readonly Type?: string;
  readonly Branches?: readonly Scope[];
  readonly ItemProcessor?: Scope;
}
interface Scope {
  readonly States: Readonly<Record<string, State | string>>;
}

/** Those that call a Lambda, in their order; then those of the machine that cleans up after it, where one listens. */
export function taskStatesOf(runbook: string): string[] {
  const cleaning = JSON.stringify(read('statemachines/aftermath.yml')).includes(`stateMachine:${runbook}-`);
  const machines = [runbook, ...(cleaning ? ['aftermath'] : [])].map((machine) => read(`statemachines/${machine}.yml`));
  return [...new Set(machines.flatMap((machine) => tasksIn((machine as { definition: Scope }).definition)))];
}

function tasksIn({ States }: Scope): string[] {
  return Object.entries(States).flatMap(([name, declared]) => {
    const { Type, Branches = [], ItemProcessor } = fill(declared);
    return Type === 'Task' ? [name] : [...Branches, ...(ItemProcessor ? [ItemProcessor] : [])].flatMap(tasksIn);
  });
}

function fill(state: State | string): State {
  if (typeof state !== 'string') return state;
  const [, file, key = ''] = FRAGMENT.exec(state) ?? [];
  return file === undefined ? {} : ((read(file) as Record<string, State | undefined>)[key] ?? {});
}

const read = (path: string): unknown => parse(readFileSync(join(ROOT, path), 'utf8'));
