// What a merge writes, kept before it is written: every row as it is there, and as it was here; every file by its name.
import * as z from 'zod';
import type { Ledger } from '../cloud/ports.ts';
import { RowDifference, type Divergence } from '../runbooks/divergence.ts';

/** Once: a merge that is run again finds less to bring, and what it brought the first time is what is kept. */
export async function keepPatch(
  ledger: Ledger,
  key: string,
  { here, there, columns }: Divergence,
  rows: readonly RowDifference[],
): Promise<void> {
  await ledger.create(key, { here, there, columns, rows });
}

const Patch = z.object({ rows: z.array(RowDifference) });

/** Nothing where none was kept: then none was written, either. */
export const findPatch = async (ledger: Ledger, key: string): Promise<readonly RowDifference[]> => {
  const found = await ledger.read(key);
  return found === undefined ? [] : Patch.parse(found.body).rows;
};

const Files = z.object({ files: z.array(z.string()) });

/** What an earlier try of the same run was about to copy. */
export const findFiles = async (ledger: Ledger, key: string): Promise<readonly string[] | undefined> =>
  Files.safeParse((await ledger.read(key))?.body).data?.files;

export async function keepFiles(ledger: Ledger, key: string, files: readonly string[]): Promise<void> {
  await ledger.create(key, { files });
}
