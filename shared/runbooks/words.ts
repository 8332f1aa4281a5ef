// How instants, spans and counts are told to people.

/** `03:12`: all instants are UTC; the day is told where it is not plain. */
export function clockOf(instant: string, now?: Date): string {
  const [day = '', time = ''] = new Date(instant).toISOString().split('T');
  const clock = time.slice(0, 5);
  return now === undefined || now.toISOString().startsWith(day) ? clock : `${day} ${clock}`;
}

/** `3 h 14 m`, `2 m 10 s`, `45 s`: the two largest units. */
export function spanOf(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = UNITS.map(([unit, size, within]) => [unit, Math.floor((within ? whole % within : whole) / size)] as const);
  const first = parts.findIndex(([, count]) => count > 0);
  if (first === -1) return '0 s';
  const told = parts.slice(first, first + 2).filter(([, count]) => count > 0);
  return told.map(([unit, count]) => `${count} ${unit}`).join(' ');
}
const UNITS = [
  ['d', 86_400, 0],
  ['h', 3_600, 86_400],
  ['m', 60, 3_600],
  ['s', 1, 60],
] as const;

/** `3 customers, 17 orders and 1 upload`. */
export const listOf = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;

export const countOf = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
