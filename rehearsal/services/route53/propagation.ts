// A change on its way to the authoritative servers: they answer as before until it lands.
import { secondsOf } from '../../world/latencies.ts';
import type { Change, RecordSet, Room, Zone } from './room.ts';

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
export const idOf = (room: Room, first: 'C' | 'Z'): string => `${first}0${room.ground.token(19, ID_LETTERS)}`;

/** `records` as they are from now on; `undefined` when the zone itself is gone. */
export function submit(room: Room, zone: Zone, records: readonly RecordSet[] | undefined, comment?: string): Change {
  const { timeline, random } = room.ground;
  const now = timeline.now();
  const change: Change = { id: idOf(room, 'C'), comment, submittedAt: now, status: 'PENDING' };
  room.changes.set(change.id, change);
  zone.records = records ?? [];
  zone.pending = [...zone.pending, change];
  // Drawn also when a situation says otherwise, so that all later chance is the same.
  const drawn = secondsOf('route53:INSYNC', random);
  const seconds = room.insyncSeconds ?? drawn;
  if (seconds === 'never') return change;
  // Servers hear of a zone's changes in the order they were made.
  zone.landsAt = Math.max(zone.landsAt, now + seconds * 1_000);
  timeline.at(zone.landsAt, () => land(room, zone, change, records));
  return change;
}

/** What the servers hear is the zone after this change: every earlier one is in it. */
function land(room: Room, zone: Zone, change: Change, records: readonly RecordSet[] | undefined): void {
  const place = zone.pending.indexOf(change);
  if (place === -1) return;
  const landed = zone.pending.slice(0, place + 1);
  for (const heard of landed) heard.status = 'INSYNC';
  zone.pending = zone.pending.slice(place + 1);
  if (zone.replaced) return;
  zone.served = records;
  if (records === undefined) room.serving.delete(zone);
  else room.serving.add(zone);
  const landedAt = room.ground.timeline.now();
  for (const { id, submittedAt } of landed)
    for (const listener of room.onLanded) listener({ change: id, zone: zone.name, submittedAt, landedAt });
}
