// How much memory a process has used. All of its resident pages count, node's own included: Lambda's figure counts its runtime
// too, and an empty function shows 64 to 70 MB there, about what an empty process shows here.
import { readFileSync } from 'node:fs';

/** Most megabytes the process ever held; undefined where there is no /proc. */
export function peakMegabytes(pid: number): number | undefined {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return peak === undefined ? undefined : Number(peak) / 1024;
  } catch {
    return undefined;
  }
}
