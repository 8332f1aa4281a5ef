// An instant as a person writes it, in whatever zone, and as two people read it.
import { RunbookError } from '../errors.ts';

export interface Moment {
  readonly at: string;
  /** `2026-01-12 10:00:00 UTC (11:00:00 in Europe/Berlin)` */
  readonly says: string;
}

const WRITTEN =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2}|[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+)?$/;

/** To the second, as RDS restores: what is behind the second's point is left off. */
export function momentOf(field: string, written: string): Moment {
  const expected = 'an instant with its zone, as 2026-01-12T10:00:00Z, 2026-01-12 11:00+01:00 or 2026-01-12 11:00 Europe/Berlin';
  const refuse = (found: string): RunbookError =>
    new RunbookError('InputInvalid', `${field}: found ${found}, expected ${expected}`, { field });
  const [, day = '', clock = '', second = '00', zone] = WRITTEN.exec(written.trim()) ?? [];
  if (day === '') throw refuse(`"${written}"`);
  if (zone === undefined) throw refuse(`"${written}", which says no zone`);
  const wall = `${day}T${clock}:${second}`;
  if (!isDate(wall)) throw refuse(`"${written}", which no calendar has`);
  if (!zone.includes('/')) {
    const offset = zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
    return told(new Date(`${wall}${offset}`), offset === 'Z' ? null : offset);
  }
  if (!isZone(zone)) throw refuse(`the zone ${zone}, which nobody knows`);
  const instants = instantsOf(wall, zone);
  const [one] = instants;
  if (one === undefined) throw refuse(`${day} ${clock} in ${zone}, which the clocks left out when they were put forward`);
  if (instants.length > 1) throw refuse(`${day} ${clock} in ${zone}, which came twice when the clocks were put back`);
  return told(one, zone);
}

const isDate = (wall: string): boolean => {
  const found = new Date(`${wall}Z`);
  return !Number.isNaN(found.getTime()) && found.toISOString().startsWith(wall);
};

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

const HOUR_MILLISECONDS = 3_600_000;

/** Every instant at which the clocks of a zone show that: two where an hour is lived through twice, none where it is left out. */
function instantsOf(wall: string, zone: string): Date[] {
  const near = Date.parse(`${wall}Z`);
  const offsets = new Set([-26, -13, 0, 13, 26].map((hours) => offsetAt(near + hours * HOUR_MILLISECONDS, zone)));
  return [...offsets].map((offset) => new Date(near - offset)).filter((at) => wallOf(at, zone) === wall);
}

const offsetAt = (at: number, zone: string): number =>
  Date.parse(`${wallOf(new Date(at), zone)}Z`) - Math.floor(at / 1000) * 1000;

/** What the clocks of a zone show, as ISO without a zone. */
function wallOf(at: Date, timeZone: string): string {
  const part = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone, hourCycle: 'h23', ...options }).format(at);
  const day = part({ year: 'numeric', month: '2-digit', day: '2-digit' });
  return `${day}T${part({ hour: '2-digit', minute: '2-digit', second: '2-digit' })}`;
}

function told(at: Date, zone: string | null): Moment {
  const iso = at.toISOString();
  const utc = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
  return { at: iso, says: zone === null ? utc : `${utc} (${localOf(at, zone)})` };
}

function localOf(at: Date, zone: string): string {
  if (zone.includes('/')) return `${wallOf(at, zone).replace('T', ' ')} in ${zone}`;
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d{2}):(\d{2})$/.exec(zone) ?? [];
  const shift = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return `${new Date(at.getTime() + shift).toISOString().slice(0, 19).replace('T', ' ')} at ${zone}`;
}
