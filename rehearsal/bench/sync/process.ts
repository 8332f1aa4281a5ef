// What runs in the process whose time and memory are measured: a copy, the change of names, and the way back when it is asked for.
import { readFileSync } from 'node:fs';
import type { CopiedDatabase } from './adapters.ts';
import { leadHome } from './lead-home.ts';

export interface CopyTask {
  readonly from: CopiedDatabase;
  readonly to: CopiedDatabase;
  readonly number: number;
  /** Whether the rows are kept as files beside. */
  readonly files: boolean;
}
/** Seconds since the process began, at the end of each act. */
export interface CopyTimes {
  readonly loaded: number;
  readonly held: number;
  readonly laid: number;
  readonly poured: number;
  readonly built: number;
  readonly proven: number;
  readonly filed: number;
  readonly renamed: number;
}
export interface CopyDone {
  readonly times: CopyTimes;
  /** What laying took, which has pg_dump in it, and the peak of all. */
  readonly laidBytes: number;
  readonly peakBytes: number;
  /** Compressed, of all files. */
  readonly fileBytes: number;
  readonly wrong: readonly string[];
}
export interface CopyUndone {
  readonly undoMilliseconds: number;
}

/** Null where none is kept. */
type DumpFile = { readonly bytes: number } | null;
interface Order {
  readonly incoming: string;
  readonly [more: string]: unknown;
}
interface Laid {
  readonly left: readonly string[];
  readonly parts: readonly (readonly string[])[];
  readonly after: unknown;
  readonly file: DumpFile;
}
/** The ports as far as they are used here; the rehearsal does not import the service's. */
export interface CopyPorts {
  readonly copying: {
    hold(source: CopiedDatabase, work: (held: { readonly snapshot: string }) => Promise<void>): Promise<void>;
    pour(order: never, part: number, tables: readonly string[], heed: () => Promise<void>): Promise<{ readonly file: DumpFile }>;
    build(
      order: never,
      after: never,
      heed: () => Promise<void>,
    ): Promise<{ readonly left: readonly string[]; readonly counters: unknown; readonly file: DumpFile }>;
    prove(
      order: never,
      made: never,
      heed: () => Promise<void>,
    ): Promise<{
      readonly differences: readonly string[];
      readonly tables: readonly { readonly table: string; readonly same: boolean }[];
    }>;
  };
  readonly laying: { lay(order: never, parts: number): Promise<Laid> };
  readonly shelves: { rename(database: CopiedDatabase, renaming: never): Promise<unknown> };
  readonly dumps: { finish(files: never): Promise<void> };
}

const noHeed = (): Promise<void> => Promise.resolve();
const secondsNow = (): number => performance.now() / 1000;
const tell = (message: CopyDone): void => void process.send?.(message);

export async function copyInProcess(ports: CopyPorts): Promise<void> {
  const loaded = secondsNow();
  leadHome();
  const task = JSON.parse(process.argv[2] ?? '') as CopyTask;
  const order = orderOf(task);
  const { times, ...found } = await copy(ports, task, order);
  await giveName(ports, task, { live: order.incoming, aside: shelf(task) });
  tell({ ...found, times: { ...times, loaded, renamed: secondsNow() }, peakBytes: peakBytes() });
  process.once('message', () => void undo(ports, task));
}

async function undo(ports: CopyPorts, task: CopyTask): Promise<void> {
  const began = performance.now();
  await giveName(ports, task, { live: shelf(task), aside: `${task.to.name}__undone_${task.number}` });
  const undone: CopyUndone = { undoMilliseconds: performance.now() - began };
  // Connections that are kept warm for a next call would keep the process alive.
  process.send?.(undone, () => process.exit());
}

type Found = Omit<CopyDone, 'times' | 'peakBytes'> & { readonly times: Omit<CopyTimes, 'loaded' | 'renamed'> };

async function copy({ copying, laying, dumps }: CopyPorts, { from }: CopyTask, base: Order): Promise<Found> {
  const found: Found[] = [];
  await copying.hold(from, async ({ snapshot }) => {
    const order = { ...base, snapshot } as never;
    const held = secondsNow();
    const { left, parts, after, file } = await laying.lay(order, 1);
    const [laid, laidBytes] = [secondsNow(), peakBytes()];
    const rows = await copying.pour(order, 0, parts[0] ?? [], noHeed);
    const poured = secondsNow();
    const upon = await copying.build(order, after as never, noHeed);
    const built = secondsNow();
    const made = { left: [...left, ...upon.left], counters: upon.counters };
    const { differences, tables } = await copying.prove(order, made as never, noHeed);
    const proven = secondsNow();
    const files = [file, rows.file, upon.file].flatMap((one) => one ?? []);
    await dumps.finish(files as never);
    found.push({
      times: { held, laid, poured, built, proven, filed: secondsNow() },
      laidBytes,
      fileBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      wrong: [...differences, ...tables.filter(({ same }) => !same).map(({ table }) => table), ...made.left],
    });
  });
  const [only] = found;
  if (!only) throw new Error('nothing was copied');
  return only;
}

const AT = '2026-01-15T03:00:00.000Z';
const markOf = (kind: string, { number }: CopyTask, shelvedAt: string | null = null) => ({
  ...{ run: `run-${number}`, kind, from: 'main', at: AT, epoch: 1, shelvedAt, comment: null },
});
const shelf = ({ to, number }: CopyTask): string => `${to.name}__shelf_${number}`;

const orderOf = (task: CopyTask): Order => ({
  from: { environment: 'main', database: task.from },
  to: { environment: 'spare', database: task.to },
  incoming: `${task.to.name}__incoming_${task.number}`,
  mark: markOf('incoming', task),
  dump: task.files ? `runs/${task.number}/dump` : null,
});

const giveName = ({ shelves }: CopyPorts, task: CopyTask, { live, aside }: { live: string; aside: string }): Promise<unknown> =>
  shelves.rename(task.to, {
    live: task.to.name,
    aside,
    asideMark: markOf('own', task, AT),
    coming: live,
    comingMark: markOf('copy', task),
  } as never);

/** Linux counts what the parent had before the exec into a child's maxRSS; this is of the program alone. */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
