// What a merge writes, kept before it is written: every row as it is there, and as it was here.
import type { Ledger } from '../cloud/ports.ts';
import type { Divergence, RowDifference } from '../runbooks/divergence.ts';

/** Once: a merge that is run again finds less to bring, and what it brought the first time is what is kept. */
export async function keepPatch(
  ledger: Ledger,
  key: string,
  { here, there, columns }: Divergence,
  rows: readonly RowDifference[],
): Promise<void> {
  await ledger.create(key, { here, there, columns, rows });
}
