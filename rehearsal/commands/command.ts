// How a command ends: by the code its work answers, and never well without one.

/** Told when nothing kept the process alive any more, and the work had not come to its end. */
const UNFINISHED = 70;

export function runCommand(work: (argv: readonly string[]) => Promise<number>, argv: readonly string[]): void {
  // Node ends with this when its loop runs dry; whoever waits for the code must not read that all went well.
  process.exitCode = UNFINISHED;
  void work(argv).then((code) => process.exit(code));
}
