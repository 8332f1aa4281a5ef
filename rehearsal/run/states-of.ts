// The states of a machine in which something can go wrong, out of its file: what is named on the command line must be one of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(__dirname, '..', '..');
const FRAGMENT = /^\$\{file\(([^)]+)\):([A-Za-z]+)\}$/;

interface Machine {
  readonly definition: { readonly States: Readonly<Record<string, unknown>> };
}

/** Those that call a Lambda, in their order; then those of the machine that cleans up after it, where one listens. */
export function taskStatesOf(runbook: string): string[] {
  const cleaning = JSON.stringify(read('statemachines/aftermath.yml')).includes(`stateMachine:${runbook}-`);
  return [...new Set([runbook, ...(cleaning ? ['aftermath'] : [])].flatMap(tasksOf))];
}

function tasksOf(machine: string): string[] {
  const { definition } = read(`statemachines/${machine}.yml`) as Machine;
  return Object.entries(definition.States).flatMap(([name, state]) => (typeOf(state) === 'Task' ? [name] : []));
}

function typeOf(state: unknown): unknown {
  const [, file, key = ''] = (typeof state === 'string' && FRAGMENT.exec(state)) || [];
  const whole = file === undefined ? state : (read(file) as Record<string, unknown>)[key];
  return (whole as { Type?: unknown } | undefined)?.Type;
}

const read = (path: string): unknown => parse(readFileSync(join(ROOT, path), 'utf8'));
