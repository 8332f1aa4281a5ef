// The quotas of Step Functions that a machine can meet, in the units AWS states them.
import { Buffer } from 'node:buffer';
import type { Json } from './world.ts';

export const MAX_PAYLOAD_BYTES = 262_144;
export const MAX_VARIABLE_BYTES = 262_144;
export const MAX_ASSIGN_BYTES = 262_144;
export const MAX_VARIABLES_BYTES = 10 * 1024 * 1024;
export const MAX_DEFINITION_BYTES = 1_048_576;
export const MAX_HISTORY_EVENTS = 25_000;
export const MAX_NAME_CHARACTERS = 80;
/** The longest of TimeoutSeconds, HeartbeatSeconds, Seconds, IntervalSeconds and MaxAttempts. */
export const MAX_SECONDS = 99_999_999;
export const MAX_RETRY_DELAY_SECONDS = 31_622_400;
export const INLINE_MAP_CONCURRENCY = 40;
/** An execution may stay open for a year. */
export const MAX_OPEN_MS = 365 * 24 * 3600 * 1000;
export const REDRIVABLE_MS = 14 * 24 * 3600 * 1000;

export const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value), 'utf8');
