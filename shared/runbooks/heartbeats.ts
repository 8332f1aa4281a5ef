// How far a heartbeat is believed: the application wrote its instant by its own clock, and it is held against ours.
import { spanOf } from './words.ts';

/** Applications write a heartbeat every ten seconds: one that missed six of them is not writing here. */
const FRESH_SECONDS = 60;
/** Clocks that are kept differ by less. An instant farther ahead was written by one that is wrong, and says nothing of how old data is. */
const SKEW_SECONDS = 60;

const secondsSince = (at: string, now: Date): number => (now.getTime() - Date.parse(at)) / 1000;

export const isAhead = (at: string, now: Date): boolean => secondsSince(at, now) < -SKEW_SECONDS;

export const isFresh = (at: string | undefined, now: Date): boolean =>
  at !== undefined && !isAhead(at, now) && secondsSince(at, now) <= FRESH_SECONDS;

/** `5 s ago`, `2 h ahead of our clock`. */
export const distanceOf = (at: string, now: Date): string =>
  isAhead(at, now) ? `${spanOf(-secondsSince(at, now))} ahead of our clock` : `${spanOf(secondsSince(at, now))} ago`;
