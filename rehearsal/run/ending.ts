// How a command ends before its time: told to by a signal, or because nobody reads it any more. What it began is undone first.
export interface Ending {
  /** Called, the last one first, before the process ends; the returned function takes it back. */
  undo(work: () => Promise<void> | void): () => void;
  /** The same, but never settles once the process is ending: what was cut short must not speak for the command. */
  unlessEnding<T>(work: Promise<T>): Promise<T>;
  /** The command ended by itself: signals are the system's again. */
  over(): void;
}

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** What a shell says of a program whose reader went away (SIGPIPE). */
const NOBODY_READS = 141;

export function heedSignals(): Ending {
  const works: (() => Promise<void> | void)[] = [];
  let ending = false;

  async function end(code: number): Promise<void> {
    // Asked twice, nothing more is waited for.
    if (ending) process.exit(code);
    ending = true;
    for (const work of works.reverse()) await Promise.resolve(work()).catch(() => undefined);
    process.exit(code);
  }
  const listeners = Object.entries(CODES).map(([signal, code]) => [signal, () => void end(code)] as const);
  const onBroken = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    // Every line that follows breaks again.
    if (!ending) void end(NOBODY_READS);
  };

  for (const [signal, listener] of listeners) process.on(signal, listener);
  process.stdout.on('error', onBroken);
  process.stderr.on('error', onBroken);
  return {
    undo(work) {
      works.push(work);
      return () => void works.splice(works.indexOf(work), 1);
    },
    unlessEnding: (work) =>
      new Promise((resolve, reject) => {
        work.then(
          (value) => {
            if (!ending) resolve(value);
          },
          (error: unknown) => {
            if (!ending) reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      }),
    over() {
      for (const [signal, listener] of listeners) process.off(signal, listener);
      process.stdout.off('error', onBroken);
      process.stderr.off('error', onBroken);
    },
  };
}
