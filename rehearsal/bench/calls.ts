// Every call of a function in a stretch of the timeline, from the lines that Lambda itself wrote about it.
import type { Cloud } from '../cloud.ts';
import type { Call } from './critical-path.ts';

const GROUPS = '/aws/lambda/';
const REPORT = /^REPORT RequestId: .*\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\tMemory Size: (\d+) MB/;
const INIT = /\tInit Duration: ([\d.]+) ms/;

export async function readCalls(cloud: Cloud, from: number): Promise<Call[]> {
  const { logGroups = [] } = await cloud.call('logs', 'DescribeLogGroups', { logGroupNamePrefix: GROUPS, limit: 50 });
  const calls: Call[] = [];
  for (const { logGroupName = '' } of logGroups) {
    let nextToken: string | undefined;
    do {
      const page = await cloud.call('logs', 'FilterLogEvents', { logGroupName, startTime: Math.floor(from), nextToken });
      for (const { timestamp = 0, message = '' } of page.events ?? [])
        calls.push(...callsIn(logGroupName.slice(GROUPS.length), timestamp, message));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
  return calls.sort((a, b) => a.from - b.from);
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
