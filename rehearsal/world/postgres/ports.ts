// Ports for servers that are stopped and started again: below those the system hands to outgoing connections, so that the port of
// a stopped server stays unanswered and its own.
import { createServer } from 'node:net';

const FIRST = 20_000;
const COUNT = 12_000;

/** Each process begins elsewhere, so that two of them seldom want the same one. */
let next = (process.pid * 61) % COUNT;

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port between ${FIRST} and ${FIRST + COUNT - 1} of 127.0.0.1 is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
