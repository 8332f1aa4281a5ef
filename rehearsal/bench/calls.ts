// Every call of a function in a stretch of the timeline, from the lines that Lambda itself wrote about it.
import type { Cloud } from '../cloud.ts';
import type { Call } from './critical-path.ts';

const GROUPS = '/aws/lambda/';
const REPORT = /^REPORT RequestId: .*\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\tMemory Size: (\d+) MB/;
const INIT = /\tInit Duration: ([\d.]+) ms/;

export async function readCalls(cloud: Cloud, from: number): Promise<Call[]> {
  const groups = await everyPage((nextToken) =>
    cloud.call('logs', 'DescribeLogGroups', { logGroupNamePrefix: GROUPS, nextToken }),
  );
  const names = groups.flatMap(({ logGroups = [] }) => logGroups.flatMap(({ logGroupName }) => logGroupName ?? []));
  const startTime = Math.floor(from);
  const calls: Call[] = [];
  for (const logGroupName of names) {
    const pages = await everyPage((nextToken) => cloud.call('logs', 'FilterLogEvents', { logGroupName, startTime, nextToken }));
    for (const { timestamp = 0, message = '' } of pages.flatMap(({ events = [] }) => events))
      calls.push(...callsIn(logGroupName.slice(GROUPS.length), timestamp, message));
  }
  return calls.sort((a, b) => a.from - b.from);
}

async function everyPage<T extends { nextToken?: string | undefined }>(
  ask: (nextToken: string | undefined) => Promise<T>,
): Promise<T[]> {
  const pages: T[] = [];
  do pages.push(await ask(pages.at(-1)?.nextToken));
  while (pages.at(-1)?.nextToken !== undefined);
  return pages;
}

/** A line that reports a call, as that call; any other line is none. */
export function callsIn(functionName: string, writtenAt: number, line: string): Call[] {
  const [report, duration = '', billed = '', memory = ''] = REPORT.exec(line) ?? [];
  if (report === undefined) {
    if (line.startsWith('REPORT')) throw new Error(`${functionName} reported in a way nobody can read: ${line}`);
    return [];
  }
  const readyAt = writtenAt - Number(duration);
  return [
    {
      functionName,
      from: readyAt - Number(INIT.exec(line)?.[1] ?? 0),
      readyAt,
      to: writtenAt,
      billedMilliseconds: Number(billed),
      memoryMegabytes: Number(memory),
    },
  ];
}
