// How much memory a process has used. All of its resident pages count, node's own included, as Lambda's figure counts its runtime:
// an empty function shows 64 to 70 MB there and 46 MB here, and the difference is added so that a limit means the same.
import { readFileSync } from 'node:fs';

/** What Lambda's execution environment holds beside the process. */
const ENVIRONMENT_MEGABYTES = 20;

/** Most megabytes the execution environment ever held; undefined where there is no /proc. */
export function peakMegabytes(pid: number): number | undefined {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return peak === undefined ? undefined : Number(peak) / 1024 + ENVIRONMENT_MEGABYTES;
  } catch {
    return undefined;
  }
}
