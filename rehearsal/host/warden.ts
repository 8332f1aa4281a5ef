// Ends our processes when this one dies without a word (SIGKILL): a shell that reads their ids from a pipe until it closes.
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

export interface Warden {
  watch(pid: number): void;
  forget(pid: number): void;
  /** Its own end; whoever is still watched is ended too. */
  dismiss(): void;
}

const script = (signal: Signal): string => `
pids=""
while read -r op pid; do
  case $op in
    +) pids="$pids $pid" ;;
    -) kept=""; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids=$kept ;;
  esac
done
for p in $pids; do kill -${signal} "-$p" 2>/dev/null; kill -${signal} "$p" 2>/dev/null; done
`;

/** QUIT is for a server that has shared memory to give back: it leaves at once, and tidily. */
type Signal = 'KILL' | 'QUIT';

export function createWarden(signal: Signal = 'KILL'): Warden {
  // In a session of its own, so that Ctrl-C at the terminal does not end it before its work.
  const shell = spawn('/bin/sh', ['-c', script(signal)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
    cwd: '/',
  });
  shell.unref();
  shell.on('error', () => undefined);
  const { stdin } = shell;
  stdin.on('error', () => undefined);
  (stdin as unknown as Socket).unref();
  return {
    watch: (pid) => void stdin.write(`+ ${pid}\n`),
    forget: (pid) => void stdin.write(`- ${pid}\n`),
    dismiss: () => void stdin.end(),
  };
}
