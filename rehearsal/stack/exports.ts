// Values that stacks of one Region give each other.
import type { StackRecord } from './record.ts';
import { invalid } from './values.ts';

export interface Export {
  readonly name: string;
  readonly value: string;
  readonly stack: StackRecord;
}

export const exportsOf = (stacks: Iterable<StackRecord>): Export[] =>
  [...stacks].flatMap((stack) =>
    stack.outputs.flatMap(({ exportName, value }) => (exportName === undefined ? [] : [{ name: exportName, value, stack }])),
  );

export const importersOf = (stacks: Iterable<StackRecord>, name: string): StackRecord[] =>
  [...stacks].filter(({ imports, status }) => imports.has(name) && status !== 'DELETE_COMPLETE');

/** What another stack exports under that name; the name goes into `imports`. */
export function importer(stacks: () => Iterable<StackRecord>, imports: Set<string>): (name: string) => string {
  return (name) => {
    const found = exportsOf(stacks()).find((one) => one.name === name);
    if (!found) throw invalid(`No export named ${name} found`);
    imports.add(name);
    return found.value;
  };
}

/** Refuses new exports that another stack has, and the loss of exports that another stack imports. */
export function checkExports(stacks: readonly StackRecord[], stack: StackRecord, after: ReadonlyMap<string, string>): void {
  const others = exportsOf(stacks.filter((one) => one !== stack));
  for (const name of after.keys()) {
    const taken = others.find((one) => one.name === name);
    if (taken) throw invalid(`Export with name ${name} is already exported by stack ${taken.stack.name}.`);
  }
  for (const { name, value } of exportsOf([stack])) {
    const users = importersOf(stacks, name).filter((one) => one !== stack);
    const [user] = users;
    if (!user) continue;
    if (!after.has(name))
      throw invalid(`Cannot delete export ${name} as it is in use by ${users.map((one) => one.name).join(', ')}.`);
    if (after.get(name) !== value)
      throw invalid(`Cannot update export ${name} as it is in use by ${users.map((one) => one.name).join(', ')}`);
  }
}
