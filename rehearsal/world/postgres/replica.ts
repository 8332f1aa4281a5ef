// A cluster that follows another: it streams, fetches from the archive what it missed, and only reads until it is promoted.
import { dirname } from 'node:path';
import type { OwnCluster } from './cluster.ts';
import type { Beginning } from './laying.ts';
import { ADMIN, quoted } from './settings.ts';

const LOOK_MILLISECONDS = 10;
const MOST_MILLISECONDS = 60_000;
const PROMOTION_SECONDS = 60;

/** `archive` is the line that fetches from the source's archive: it has what the source itself no longer has. */
export function following(source: OwnCluster, archive: string): Beginning {
  const value = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
  const conninfo = `host=${value(dirname(source.data))} port=${source.port} user=${ADMIN}`;
  return { signal: 'standby.signal', settings: [`primary_conninfo = ${quoted(conninfo)}`, archive] };
}

export const streams = async (replica: OwnCluster): Promise<boolean> =>
  (await ask<{ status: string }>(replica, 'SELECT status FROM pg_stat_wal_receiver'))?.status === 'streaming';

export async function untilItStreams(replica: OwnCluster): Promise<void> {
  const deadline = Date.now() + MOST_MILLISECONDS;
  while (!(await streams(replica))) {
    if (Date.now() > deadline) throw new Error(`${replica.name} did not begin to stream within ${MOST_MILLISECONDS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}

export async function promote(replica: OwnCluster): Promise<void> {
  const answer = await ask<{ done: boolean }>(replica, `SELECT pg_promote(true, ${PROMOTION_SECONDS}) AS done`);
  if (answer?.done !== true) throw new Error(`${replica.name} was not promoted within ${PROMOTION_SECONDS} s`);
}

async function ask<Row extends object>(replica: OwnCluster, sql: string): Promise<Row | undefined> {
  const session = await replica.open();
  try {
    return (await session.query<Row>(sql)).rows[0];
  } finally {
    await session.end();
  }
}
