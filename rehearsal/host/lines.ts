// The lines that Lambda itself writes around a function's own, as text or as JSON.
import type { Logging } from './program.ts';

export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  readonly initMs: number | undefined;
  readonly memorySize: number;
  readonly usedMegabytes: number;
  readonly status: 'success' | 'error' | 'timeout';
  /** Set when the runtime ended, not when the handler threw. */
  readonly errorType?: string | undefined;
}

const milliseconds = (value: number): string => value.toFixed(2);
const instant = (at: number): string => new Date(at).toISOString();
const platform = (at: number, type: string, record: object): string =>
  JSON.stringify({ time: instant(at), type: `platform.${type}`, record });

const SYSTEM_LEVELS = ['DEBUG', 'INFO', 'WARN'];
const speaks = ({ systemLevel }: Logging, level: string): boolean =>
  SYSTEM_LEVELS.indexOf(level) >= SYSTEM_LEVELS.indexOf(systemLevel);

export function initLine(logging: Logging, at: number, runtime: string): string | undefined {
  const version = `${runtime.replace('.x', '').replace('nodejs', 'nodejs:')}.v1`;
  if (logging.format === 'Text') return `INIT_START Runtime Version: ${version}`;
  return speaks(logging, 'INFO')
    ? platform(at, 'initStart', { phase: 'init', initializationType: 'on-demand', runtimeVersion: version })
    : undefined;
}

export function startLine(logging: Logging, at: number, requestId: string, version: string): string | undefined {
  if (logging.format === 'Text') return `START RequestId: ${requestId} Version: ${version}`;
  return speaks(logging, 'INFO') ? platform(at, 'start', { requestId, version }) : undefined;
}

export function endLine(logging: Logging, at: number, report: Report): string | undefined {
  const { requestId, status } = report;
  if (logging.format === 'Text') return `END RequestId: ${requestId}`;
  const { durationMs } = report;
  return speaks(logging, 'DEBUG') ? platform(at, 'runtimeDone', { requestId, status, metrics: { durationMs } }) : undefined;
}

export function reportLine(logging: Logging, at: number, report: Report): string | undefined {
  // Initialization has been billed like any other millisecond since August 2025.
  const billed = Math.ceil(report.durationMs + (report.initMs ?? 0));
  const used = Math.min(report.memorySize, Math.round(report.usedMegabytes));
  if (logging.format === 'JSON')
    return speaks(logging, 'INFO') ? platform(at, 'report', recordOf(report, billed, used)) : undefined;
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${milliseconds(report.durationMs)} ms`,
    `Billed Duration: ${billed} ms`,
    `Memory Size: ${report.memorySize} MB`,
    `Max Memory Used: ${used} MB`,
    ...(report.initMs === undefined ? [] : [`Init Duration: ${milliseconds(report.initMs)} ms`]),
    ...(report.status === 'timeout' ? ['Status: timeout'] : []),
    ...(report.errorType === undefined ? [] : ['Status: error', `Error Type: ${report.errorType}`]),
  ];
  return `${fields.join('\t')}\t`;
}

function recordOf(report: Report, billedDurationMs: number, maxMemoryUsedMB: number): object {
  const { requestId, durationMs, initMs, memorySize, status, errorType } = report;
  return {
    requestId,
    metrics: {
      durationMs,
      billedDurationMs,
      memorySizeMB: memorySize,
      maxMemoryUsedMB,
      ...(initMs !== undefined && { initDurationMs: initMs }),
    },
    status,
    ...(errorType !== undefined && { errorType }),
  };
}

/** What Lambda says of a process that ended by itself or by force. */
export function exitMessage(code: number | null, signal: string | null): string {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal.toLowerCase()}`;
  if (code !== 0 && code !== null) return `Runtime exited with error: exit status ${code}`;
  return 'Runtime exited without providing a reason';
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted (core dumped)',
  SIGSEGV: 'segmentation fault (core dumped)',
  SIGTERM: 'terminated',
  SIGINT: 'interrupt',
};
