// What is said of a copy's files in the audit trail: enough to know what they are of, whether they are whole, and how they are read.
import type { DumpFile, HeldCopy, SyncDetail } from './copying.ts';
import type { Proof } from './proof.ts';
import type { Run } from './run.ts';

export interface Dumped {
  readonly run: Pick<Run, 'id' | 'app'>;
  readonly detail: Pick<SyncDetail, 'from' | 'to'>;
  readonly held: HeldCopy;
  readonly files: readonly DumpFile[];
  readonly proof: Proof;
}

export const draftManifest = ({ run, detail: { from, to }, held: { at, snapshot }, files, proof }: Dumped) => ({
  app: run.app,
  run: run.id,
  from,
  to,
  /** The instant of what is in it. */
  at,
  snapshot,
  migration: proof.migration.source,
  heartbeat: proof.heartbeat,
  files: [...files]
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ key, bytes, sha256 }) => ({ key, bytes, sha256 })),
  tables: proof.tables.map(({ table, rows }) => ({ table, rows: rows.copy })),
  leftOut: proof.told,
  readBy:
    files.length === 0
      ? 'nothing: copies[].files of estate.yml keeps none'
      : 'gunzip the files in the order of their names, one after the other, into psql of an empty database',
});
