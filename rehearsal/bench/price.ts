// What AWS asks for a run's functions. Transitions are priced where they are counted.
import type { Call } from './critical-path.ts';

/** Lambda on arm64 in eu-west-1, its free tier left out: https://aws.amazon.com/lambda/pricing/ */
const DOLLARS_PER_REQUEST = 0.0000002;
const DOLLARS_PER_GIGABYTE_SECOND = 0.0000133334;
const MEGABYTES_PER_GIGABYTE = 1024;

export const dollarsOf = (calls: readonly Pick<Call, 'billedMilliseconds' | 'memoryMegabytes'>[]): number =>
  calls.reduce(
    (sum, { billedMilliseconds, memoryMegabytes }) =>
      sum +
      DOLLARS_PER_REQUEST +
      (billedMilliseconds / 1000) * (memoryMegabytes / MEGABYTES_PER_GIGABYTE) * DOLLARS_PER_GIGABYTE_SECOND,
    0,
  );
