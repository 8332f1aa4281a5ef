// docs/permissions.md says what each role says, no less and no more.
import { describe, expect, it } from '@jest/globals';
import { functionOf, functions, machines, read, roles, statesIn, type DeclaredStatement } from './service.ts';

const page = read('docs/permissions.md');
const rows = new Map([...page.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, name = '', text = '']) => [name, text]));
/** What is said once of every step, because it is true of each. */
const everywhere = actionsIn(/^Every step may (.+)$/m.exec(page)?.[1] ?? '');

function actionsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/`([a-z0-9]+:[A-Za-z]+)`/g)].map(([, action = '']) => action))].sort();
}
/** The ledger's folders, as `runs/`. */
const foldersIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/`([a-z]+\/)`/g)].map(([, folder = '']) => folder))].sort();

const statementsOf = (role: string): readonly DeclaredStatement[] =>
  (roles()[role]?.Properties.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
const allowed = (role: string): string[] => [...new Set(statementsOf(role).flatMap(({ Action }) => Action))].sort();
const foldersOf = (role: string): string[] =>
  [
    ...new Set(
      [...JSON.stringify(statementsOf(role)).matchAll(/\$\{LedgerBucket\.Arn\}\/([a-z]+\/)\*/g)].map(([, folder = '']) => folder),
    ),
  ].sort();
/** The functions a machine's role lets it call, by their keys. */
const callable = (role: string): string[] =>
  [...JSON.stringify(statementsOf(role)).matchAll(/\$\{(\w+)LambdaFunction\.Arn\}/g)]
    .map(([, name = '']) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`)
    .sort();

describe('docs/permissions.md', () => {
  it('has one row for every step and every machine, and none for anything else', () => {
    const named = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);

    expect(named.sort()).toEqual([...Object.keys(functions()), ...machines().map(({ runbook }) => runbook)].sort());
  });

  it.each(Object.entries(functions()))(
    'names exactly the actions and the ledger’s folders that %s may touch',
    (name, { role }) => {
      const row = rows.get(name) ?? '';

      expect([...actionsIn(row), ...everywhere].sort()).toEqual(allowed(role));
      expect(foldersIn(row)).toEqual(foldersOf(role));
    },
  );

  it.each(machines())('names exactly what the machine $runbook may do and call, and that is what its states call', (machine) => {
    const role = `${machine.runbook.charAt(0).toUpperCase()}${machine.runbook.slice(1)}MachineRole`;
    const row = rows.get(machine.runbook) ?? '';
    const called = statesIn(machine.definition.States).flatMap(([, state]) => functionOf(state) ?? []);

    expect(actionsIn(row)).toEqual(allowed(role));
    expect([...row.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort()).toEqual(callable(role));
    expect(callable(role)).toEqual([...new Set(called)].sort());
  });
});
