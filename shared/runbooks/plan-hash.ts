// What an approval is bound to: the changes, the verdicts, what is left out, the loss by its band. Times, ages and counters are shown,
// never hashed: they move while a person reads, and every approval would void itself.
import type { Plan } from './plan.ts';

/** One text for one value: keys sorted, nothing that is undefined. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** The text whose digest is the plan's hash. */
export const hashInput = ({ runbook, app, epoch, changes, limits, skipped, loss }: Omit<Plan, 'id' | 'hash'>): string =>
  canonical({
    runbook,
    app,
    epoch,
    changes: changes.map(({ act, target, before, after }) => ({ act, target, before, after })),
    limits: limits.map(({ name, verdict }) => ({ name, verdict })),
    skipped: skipped.map(({ act }) => act),
    loss: loss.band,
  });
