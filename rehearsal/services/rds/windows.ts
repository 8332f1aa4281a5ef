// Maintenance windows: when the next one opens.
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE_MILLISECONDS = 60_000;
const DAY_MINUTES = 24 * 60;
const WEEK_MILLISECONDS = 7 * DAY_MINUTES * MINUTE_MILLISECONDS;
/** 1970 began on a Thursday. */
const FIRST_SUNDAY = 3 * DAY_MINUTES * MINUTE_MILLISECONDS;

/** Of `sun:04:00-sun:04:30`, in UTC: the first beginning after this instant. */
export function nextWindow(window: string, after: number): number {
  const [day = '', hours = '', minutes = ''] = (window.split('-')[0] ?? '').split(':');
  const into = (DAYS.indexOf(day) * DAY_MINUTES + Number(hours) * 60 + Number(minutes)) * MINUTE_MILLISECONDS;
  const first = FIRST_SUNDAY + into;
  return first + (Math.floor((after - first) / WEEK_MILLISECONDS) + 1) * WEEK_MILLISECONDS;
}
