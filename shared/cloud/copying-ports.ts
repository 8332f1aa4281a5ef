// What a copy of a database needs from a cloud: reading both sides, laying, filling, proving, and the names on one server.
import type { Database } from '../estate.ts';
import type { Built, DumpFile, HeldCopy, Laid, PouredPart, SideSurvey } from '../runbooks/copying.ts';
import type { Place } from '../runbooks/instances.ts';
import type { Proof } from '../runbooks/proof.ts';
import type { Mark, Stood } from '../runbooks/shelf.ts';

/** Copies of whole databases. Nothing of it is seen by readers: the copy stands aside under a name of its own. */
export interface Copying {
  /** Never throws for a database that lets nobody in: that is a fact. */
  survey(environment: string, database: Database, heartbeatOf: string): Promise<SideSurvey>;
  /** One instant of the source, as long as `work` takes; `alive` throws when it is lost. */
  hold(
    source: Database,
    work: (held: Pick<HeldCopy, 'snapshot' | 'since'>, alive: () => Promise<void>) => Promise<void>,
  ): Promise<void>;
  /** The rows of these tables; a table is emptied first, so a second try carries no row twice. `heed` is asked all the while. */
  pour(
    order: CopyOrder,
    part: number,
    tables: readonly string[],
    heed: () => Promise<void>,
  ): Promise<Omit<PouredPart, 'attempt'>>;
  /** Indexes, keys, sequences, large objects, rights. Not to be repeated. */
  build(order: CopyOrder, after: Laid['after'], heed: () => Promise<void>): Promise<Omit<Built, 'attempt'>>;
  /** Both sides held against each other. Reads only. */
  prove(order: CopyOrder, made: Pick<Built, 'left' | 'counters'>, heed: () => Promise<void>): Promise<Proof>;
  /** Every key of an uploaded file that the copy names. */
  references(order: CopyOrder, columns: readonly { readonly table: string; readonly column: string }[]): Promise<string[]>;
}
/** How a copy begins. By itself, because pg_dump is as large as all the rest. */
export interface Laying {
  /** The database aside with everything that rows go through. Whatever an earlier try left goes first. */
  lay(order: CopyOrder, parts: number): Promise<Omit<Laid, 'attempt'>>;
}
export interface CopyOrder {
  readonly from: { readonly environment: string; readonly database: Database };
  readonly to: { readonly environment: string; readonly database: Database };
  /** The copy's own name while nobody reads it. */
  readonly incoming: string;
  /** Another server than the one that the target's secret leads to. */
  readonly place?: Place;
  readonly mark: Mark;
  readonly snapshot: string;
  /** Where in the ledger its files go; null where none are kept. */
  readonly dump: string | null;
}

/** The databases that stand beside each other on one server, and which of them bears the name. */
export interface Shelves {
  standing(database: Database): Promise<Stood[]>;
  /** Both change names at one instant, and get their marks. Sessions that are in the way are ended, one by one. */
  rename(database: Database, renaming: Renaming): Promise<{ readonly ended: number }>;
  /** One that bears our mark. */
  drop(database: Database, name: string): Promise<void>;
  /** What the application's own role finds in the database that bears the name. */
  look(database: Database, heartbeatOf: string): Promise<{ readonly heartbeat: string | null; readonly mark: Mark | null }>;
}
export interface Renaming {
  /** The name that people read; what bears it is called `aside` from now on. */
  readonly live: string;
  readonly aside: string;
  readonly asideMark: Mark;
  /** What bears the name from now on. */
  readonly coming: string;
  readonly comingMark: Mark;
}

/** The files of a copy in the audit trail. */
export interface Dumps {
  /** All parts of each are there: they become objects. One that is an object already stays. */
  finish(files: readonly DumpFile[]): Promise<void>;
}
