// The service as its files declare it: machines with their fragments put in, functions, roles.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { forCloudFormation, packagedEstate } from '../../resources/estate.ts';

export const ROOT = join(__dirname, '..', '..');
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** Files under a folder of the repository whose path, from the repository's root, fits. */
export const list = (folder: string, fits: RegExp): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => fits.test(path))
    .sort();

const ESTATE = forCloudFormation(packagedEstate()) as Readonly<Record<string, unknown>>;

/** Puts `${file(path):key}` where Serverless would; other variables stay as they are. */
function fill(value: unknown): unknown {
  if (typeof value === 'string') {
    const [, path, key] = /^\$\{file\(([^)]+)\):(\w+)\}$/.exec(value) ?? [];
    if (path === undefined || key === undefined) return value;
    // What comes from the estate is a module; what a team could put there is not what is tested here.
    if (path.endsWith('.cjs')) return ESTATE[key];
    return fill((parse(read(path)) as Record<string, unknown>)[key]);
  }
  if (Array.isArray(value)) return value.map(fill);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v)]));
  return value;
}

export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string; readonly Assign?: Readonly<Record<string, unknown>> }[];
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Next: string;
    readonly Assign?: Readonly<Record<string, unknown>>;
  }[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Resource?: unknown;
  readonly Arguments?: unknown;
  readonly TimeoutSeconds?: unknown;
  readonly End?: boolean;
  readonly Branches?: readonly { readonly States: Readonly<Record<string, State>> }[];
  readonly ItemProcessor?: { readonly States: Readonly<Record<string, State>> };
}
export interface Machine {
  readonly file: string;
  readonly runbook: string;
  readonly comment: string;
  readonly name: string;
  readonly useExactVersion: boolean;
  readonly definition: {
    readonly StartAt: string;
    readonly TimeoutSeconds?: number;
    readonly States: Readonly<Record<string, State>>;
  };
}

export const machines = (): Machine[] =>
  list('statemachines', /^statemachines\/[^/]+\.yml$/)
    .filter((file) => !file.endsWith('roles.yml'))
    .map((file) => {
      const raw = fill(parse(read(file))) as Omit<Machine, 'file' | 'runbook' | 'comment'>;
      return { ...raw, file, runbook: basename(file, '.yml'), comment: read(file).split('\n')[0] ?? '' };
    });

export interface DeclaredFunction {
  readonly handler: string;
  readonly role: string;
  readonly timeout?: number;
  readonly vpc?: unknown;
}
export const functions = () => fill(parse(read('functions/functions.yml'))) as Record<string, DeclaredFunction>;

export interface DeclaredStatement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
export interface DeclaredRole {
  readonly Properties: {
    readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly DeclaredStatement[] } }[];
  };
}
export const roles = () =>
  ({ ...(parse(read('functions/roles.yml')) as object), ...(parse(read('statemachines/roles.yml')) as object) }) as Record<
    string,
    DeclaredRole
  >;

/** Every state of a machine by its name, those within a Parallel and a Map as well. */
export const statesIn = (states: Readonly<Record<string, State>>): [string, State][] =>
  Object.entries(states).flatMap(([name, state]) => [
    [name, state],
    ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap((within) =>
      statesIn(within.States),
    ),
  ]);

/** The function key that a state calls, directly or by `lambda:invoke`. */
export function functionOf(state: State): string | undefined {
  const invoked = (state.Arguments as { FunctionName?: unknown } | undefined)?.FunctionName;
  const target = (typeof state.Resource === 'object' ? state.Resource : invoked) as
    { 'Fn::GetAtt'?: [string, string] } | undefined;
  return target?.['Fn::GetAtt']?.[0];
}
