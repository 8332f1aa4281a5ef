// A run: what was asked, by whom, under which lease. Every runbook's `$run` variable.
import * as z from 'zod';

/** What every runbook's request may say; each adds its own fields. */
export const RequestBase = z.strictObject({
  /** `plan` stops before anybody is asked. */
  mode: z.enum(['act', 'plan']).default('act'),
  reason: z.string().min(1).max(500).optional(),
  /** Who asked; Step Functions does not say who started an execution. */
  by: z.string().min(1).max(100).optional(),
  /** Limits that this request lifts, each by its name. */
  override: z
    .array(z.string().regex(/^[a-z][a-z-]*$/))
    .max(20)
    .default([]),
  /** The execution that this run goes on with. */
  resume: z.string().startsWith('arn:').optional(),
});

/** The lease as the run holds it: an act under any other fencing number refuses. */
export type HeldLease = z.infer<typeof HeldLease>;
export const HeldLease = z.strictObject({ epoch: z.int().positive(), fencing: z.int().positive() });

export type Run = z.infer<typeof Run>;
export const Run = z.strictObject({
  /** The execution's name. */
  id: z.string().min(1),
  execution: z.string().min(1),
  machine: z.string().min(1),
  runbook: z.string().min(1),
  app: z.string().min(1),
  mode: z.enum(['act', 'plan']),
  reason: z.string(),
  by: z.string(),
  override: z.array(z.string()),
  resume: z.string().nullable(),
  /** The whole request, defaults filled in: a runbook's own fields are in it. */
  request: z.record(z.string(), z.unknown()),
  openedAt: z.iso.datetime(),
  lease: HeldLease.nullable(),
});

/** What a Catch of Open leaves of a run that could not be opened. */
export const Unopened = z.strictObject({ execution: z.string(), machine: z.string() });

/** A run is known by its execution's name. */
export const runIdOf = (execution: string): string => execution.slice(execution.lastIndexOf(':') + 1);
