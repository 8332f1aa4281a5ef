// The writer lease `lease/<app>.json`: who is the writer, under which epoch, and which run may change anything.
import * as z from 'zod';

export type Holder = z.infer<typeof Holder>;
export const Holder = z.strictObject({
  execution: z.string(),
  runbook: z.string(),
  /** An unattended holder may be pre-empted by an emergency. */
  attended: z.boolean(),
  takenAt: z.iso.datetime(),
});

export type Lease = z.infer<typeof Lease>;
export const Lease = z.strictObject({
  app: z.string(),
  /** The environment that is written to. */
  writer: z.string(),
  /** Grows when the writer changes. */
  epoch: z.int().positive(),
  /** Grows at every acquisition: a step under an older one refuses. */
  fencing: z.int().nonnegative(),
  /** When the writer became the writer. */
  since: z.iso.datetime(),
  holder: Holder.nullable(),
});

/** No act's Lambda runs longer; after that much time nothing of a stopped execution can still write. */
export const LONGEST_ACT_SECONDS = 90;
