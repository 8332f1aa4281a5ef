// How long a copy will take and what it costs, before anything is begun.
import type { CopyMark } from './copies.ts';
import type { SideSurvey } from './copying.ts';

export interface CopyPrediction {
  readonly bytesPerSecond: number;
  /** Functions that carry rows at once. */
  readonly parts: number;
  readonly seconds: number;
}

/** Rehearsed between two PostgreSQL on two cores: rows without indexes go at 30 to 40 MB a second. Half of it, for a network between. */
const UNMEASURED_BYTES_PER_SECOND = 16 * 1024 ** 2;
/** Indexes, foreign keys and sums over both sides, as a share of the time the rows take: rehearsed between 0.7 and 1.1. */
const AFTER_SHARE = 1;
/** Schema, swap, checks and the report. */
const STEPS_SECONDS = 20;
/** What is held as one instant is held by one function, and that has fifteen minutes. */
export const MOST_SECONDS = 800;
const MOST_PARTS = 8;

/** The rows are carried by as many functions as it takes; what comes after them is one function's work, whatever carried them. */
export function predictCopy({ bytes }: Pick<SideSurvey, 'bytes'>, mark: CopyMark | null): CopyPrediction {
  const bytesPerSecond = mark?.bytesPerSecond ?? UNMEASURED_BYTES_PER_SECOND;
  const alone = bytes / bytesPerSecond;
  const after = alone * AFTER_SHARE;
  const left = Math.max(1, MOST_SECONDS - STEPS_SECONDS - after);
  const parts = Math.min(MOST_PARTS, Math.max(1, Math.ceil(alone / left)));
  return { bytesPerSecond, parts, seconds: Math.ceil(alone / parts + after + STEPS_SECONDS) };
}

/** The Lambda price list, arm64 in eu-west-1, a gigabyte for a second; general purpose storage of RDS and standard storage of S3, a gigabyte for a month. */
const USD_PER_GB_SECOND = 0.0000133334;
const USD_PER_GB_MONTH = { rds: 0.127, s3: 0.023 };
const MONTH_SECONDS = 30 * 86_400;
const FUNCTION_GB = 1.769;
const USD_PER_TRANSITION = 0.000025;
const TRANSITIONS = 22;

/** To a hundredth of a cent: functions, transitions, and the file as long as it is kept. */
export function priceOfCopy({ seconds, parts }: CopyPrediction, bytes: number, retentionDays: number): number {
  const functions = seconds * (parts + 1) * FUNCTION_GB * USD_PER_GB_SECOND;
  // A dump is about a quarter of what it is of.
  const kept = (bytes / 4 / 1024 ** 3) * USD_PER_GB_MONTH.s3 * ((retentionDays * 86_400) / MONTH_SECONDS);
  return Number((functions + TRANSITIONS * USD_PER_TRANSITION + kept).toFixed(6));
}

/** What a database costs that stands beside another one, a month. */
export const shelfUsdPerMonth = (bytes: number): number => (bytes / 1024 ** 3) * USD_PER_GB_MONTH.rds;
