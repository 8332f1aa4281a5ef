// The execution environments that stand: each serves one invocation at a time and is kept warm for the same version and code.
import type { Ground } from '../services/ground.ts';
import { createCell, type Cell } from './cell.ts';
import type { Program } from './program.ts';
import type { Trust } from './trust.ts';
import type { Workshop } from './workshop.ts';

export interface Fleet {
  /** A warm environment for this program, or a new one. */
  take(program: Program, taskRoot: string): Cell;
  giveBack(cell: Cell): Promise<void>;
  /** No later invocation meets these environments; those at work end with it. */
  retire(functionArn: string, version?: string): Promise<void>;
  stop(): Promise<void>;
}

/** A process costs about 60 MB: beyond this many idle ones, the one unused for longest is ended. */
const MOST_IDLE = 20;

export const keyOf = (program: Program): string =>
  [program.functionArn, program.version, program.sha256, program.revision].join(' ');

export function createFleet(ground: Ground, workshop: () => Workshop, trust: Trust | undefined): Fleet {
  const idle: Cell[] = [];
  const working = new Set<Cell>();
  const doomed = new WeakSet<Cell>();
  let stopped = false;

  const remove = (cell: Cell): void => {
    const place = idle.indexOf(cell);
    if (place !== -1) idle.splice(place, 1);
  };

  function take(program: Program, taskRoot: string): Cell {
    // Whatever still runs must not start a process that nobody will end.
    if (stopped) throw new Error('the Lambda host was stopped');
    const key = keyOf(program);
    // The one used last is the warmest.
    const warm = idle.findLast((cell) => cell.key === key && cell.isAlive());
    if (warm) remove(warm);
    warm?.sandbox().thaw();
    const cell = warm ?? createCell({ ground, program, key, taskRoot, trust, spares: workshop().spares });
    working.add(cell);
    return cell;
  }

  async function giveBack(cell: Cell): Promise<void> {
    working.delete(cell);
    if (doomed.has(cell) || !cell.isAlive()) return cell.end();
    cell.sandbox().freeze();
    idle.push(cell);
    const oldest = idle.length > MOST_IDLE ? idle.shift() : undefined;
    await oldest?.end();
  }

  return {
    take,
    giveBack,
    async retire(functionArn, version) {
      const meant = ({ program }: Cell): boolean =>
        program.functionArn === functionArn && (version === undefined || program.version === version);
      const concerned = idle.filter(meant);
      concerned.forEach(remove);
      for (const cell of working) if (meant(cell)) doomed.add(cell);
      await Promise.all(concerned.map((cell) => cell.end()));
    },
    async stop() {
      stopped = true;
      const all = [...idle.splice(0), ...working];
      for (const cell of working) doomed.add(cell);
      await Promise.all(all.map((cell) => cell.end()));
    },
  };
}
