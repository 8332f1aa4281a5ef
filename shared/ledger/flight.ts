// The DNS flight record: before any change, the whole record sets and their exact inverse, by name and run.
import type { Ledger } from '../cloud/ports.ts';
import type { Intent } from '../runbooks/journal.ts';
import type { Run } from '../runbooks/run.ts';

/** `dns/<name>/<run>.json`, once: a step that is run again finds its own. */
export async function recordFlight(ledger: Ledger, run: Run, { effect, at }: Intent, now: Date): Promise<void> {
  if (effect.kind !== 'records') return;
  const { zone, before, after, changes, inverse } = effect;
  const names = [...new Set([...before, ...after].map(({ Name }) => Name))];
  const of =
    (name: string) =>
    ({ Name }: { readonly Name: string }): boolean =>
      Name === name;
  for (const name of names) {
    await ledger.create(`dns/${name}/${run.id}.json`, {
      run: run.id,
      execution: run.execution,
      zone,
      at,
      recordedAt: now.toISOString(),
      before: before.filter(of(name)),
      after: after.filter(of(name)),
      changes: changes.filter(({ record }) => record.Name === name),
      inverse: inverse.filter(({ record }) => record.Name === name),
    });
  }
}
