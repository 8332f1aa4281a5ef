// What the last copy from one environment to another left in the ledger, at `copies/<from>-<to>.json`: the marks by which the rows
// written since are counted, and the rates by which they are estimated when nobody can count.
import * as z from 'zod';

export type CopyMark = z.infer<typeof CopyMark>;
export const CopyMark = z.strictObject({
  from: z.string(),
  to: z.string(),
  /** The instant of the copied data. */
  at: z.iso.datetime(),
  /** The transaction in the copied database from which on what is written is not in the copy; null where nobody noted it. */
  since: z.string().nullable().default(null),
  tables: z.array(
    z.strictObject({
      table: z.string(),
      rows: z.int().nonnegative(),
      /** A key that only grows, and its highest value in the copy; null where the table has none. */
      key: z.strictObject({ column: z.string(), max: z.string() }).nullable(),
      /** Rows written in an hour, as last measured. */
      rowsPerHour: z.number().nonnegative(),
    }),
  ),
  uploadsPerHour: z.number().nonnegative(),
  /** How fast rows went from one to the other; null where nobody measured it. */
  bytesPerSecond: z.number().positive().nullable().default(null),
  /** The run that made it, and the manifest of its file in the audit trail. */
  run: z.string().nullable().default(null),
  dump: z.string().nullable().default(null),
});
