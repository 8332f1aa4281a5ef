// What a function started and left behind: ended with its execution environment, which holds it as Lambda's would.
import { readdirSync, readFileSync } from 'node:fs';

/** Signals the process and all in its group; one that is gone already is no mistake. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (pid > 0) send(-pid, signal);
}

/** Ends every process that inherited these variables, whatever group or session it moved to. Only Linux shows them. */
export function endKin(inherited: readonly string[]): void {
  // What is found may be starting another one: looked for until nothing is left, but not for ever.
  for (let looks = 0; looks < 5; looks++) {
    const found = processes().filter((pid) => holds(pid, inherited));
    if (found.length === 0) return;
    for (const pid of found) send(pid, 'SIGKILL');
  }
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function holds(pid: number, inherited: readonly string[]): boolean {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return inherited.every((variable) => variables.includes(variable));
  } catch {
    return false;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile.
  }
}
